//! How far values are off.

/// Values in float32 and those that they should be.
struct Compared<'a> {
    what: String,
    found: &'a [f32],
    wanted: &'a [f64],
    /// The largest error that is allowed.
    allowed: f64,
}

impl Compared<'_> {
    /// What is wrong. A value that is not finite must be the same.
    fn failure(&self) -> Option<String> {
        let Self { what, found, wanted, allowed } = self;
        if found.len() != wanted.len() {
            return Some(format!("{what}: {} values for {}", found.len(), wanted.len()));
        }
        let errors = found.iter().zip(*wanted).map(|(found, wanted)| error(f64::from(*found), *wanted));
        let (place, worst) = errors.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        (worst > *allowed).then(|| {
            let (found, wanted) = (found[place], wanted[place]);
            format!("{what}: off by {worst:.1e}, over {allowed:.1e}: value {place} is {found} for {wanted}")
        })
    }
}

fn error(found: f64, wanted: f64) -> f64 {
    if wanted.is_finite() && found.is_finite() {
        return (found - wanted).abs();
    }
    if found == wanted || (found.is_nan() && wanted.is_nan()) { 0.0 } else { f64::INFINITY }
}

/// The largest of the values that are finite.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().map(|value| value.abs()).filter(|value| value.is_finite()).fold(0.0, f64::max)
}

/// Everything that is wrong with what was found for some tensors; `allowed` is told which one and what it should be.
pub fn failures(
    what: &str,
    found: &[Vec<f32>],
    wanted: &[Vec<f64>],
    allowed: impl Fn(usize, &[f64]) -> f64,
) -> Vec<String> {
    if found.len() != wanted.len() {
        return vec![format!("{what}: {} tensors for {}", found.len(), wanted.len())];
    }
    let both = found.iter().zip(wanted).enumerate();
    both.filter_map(|(number, (found, wanted))| {
        Compared { what: format!("{what} {number}"), found, wanted, allowed: allowed(number, wanted) }.failure()
    })
    .collect()
}
