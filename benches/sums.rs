//! Errors of sums against float64, and their time, along each dim: `cargo bench --bench sums [-- DEVICE]`. The values
//! are uniform in 0 … 1, whose running sum errs most, 10³ to 10⁷ of them along the dim that is reduced.

use std::time::Instant;

use moonburn::{
    Device, Error, Result, Tensor,
    rng::{DrawKey, Stream},
};

/// Where the values lie that are summed.
#[derive(Clone, Copy)]
enum Layout {
    /// `[n]`.
    Only,
    /// `[n, 4]` over the first.
    First,
    /// `[2, n, 2]` over the second.
    Middle,
    /// `[4, n]` over the last.
    Last,
    /// `[n, 4]`, transposed, over the last.
    Transposed,
    /// `[n / 4, 2, 2]` over the second: many short rows.
    ManyPairs,
    /// `[n / 10, 10]` over the last.
    ManyTens,
}

impl Layout {
    const ALL: [(&'static str, Self); 7] = [
        ("[n]", Self::Only),
        ("[n, 4] over 1", Self::First),
        ("[2, n, 2] over 2", Self::Middle),
        ("[4, n] over 2", Self::Last),
        ("[n, 4]ᵀ over 2", Self::Transposed),
        ("[n / 4, 2, 2] over 2", Self::ManyPairs),
        ("[n / 10, 10] over 2", Self::ManyTens),
    ];

    fn shape(self, n: usize) -> (Vec<usize>, usize) {
        match self {
            Self::Only => (vec![n], 0),
            Self::First | Self::Transposed => (vec![n, 4], 0),
            Self::Middle => (vec![2, n, 2], 1),
            Self::Last => (vec![4, n], 1),
            Self::ManyPairs => (vec![n / 4, 2, 2], 1),
            Self::ManyTens => (vec![n / 10, 10], 1),
        }
    }
}

/// sum, mean, variance, norm in float64.
fn exact(values: &[f32]) -> [f64; 4] {
    let n = values.len() as f64;
    let (mut sum, mut error) = (0.0f64, 0.0f64);
    let mut add = |term: f64| {
        let next = sum + term;
        error += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
        sum + error
    };
    let sum = values.iter().map(|value| add(f64::from(*value))).last().unwrap_or(0.0);
    let mean = sum / n;
    let squares: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
    let spread: f64 = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum();
    [sum, mean, spread / (n - 1.0), squares.sqrt()]
}

/// The largest relative errors of sum, mean, variance and norm, and the fastest of a few sums in seconds.
fn measure(device: &Device, layout: Layout, n: usize) -> Result<([f64; 4], f64)> {
    let (shape, dim) = layout.shape(n);
    let host = Tensor::rand(&shape, Stream::new(1, "sums"), DrawKey::default(), &Device::cpu())?;
    let values = host.floats()?;
    let (along, inner): (usize, usize) = (shape[dim], shape[dim + 1..].iter().product());
    let line = |place: usize| -> Vec<f32> {
        let start = place / inner * along * inner + place % inner;
        (0..along).map(|row| values[start + row * inner]).collect()
    };
    let tensor = host.to_device(device)?;
    let (tensor, dim) = match layout {
        Layout::Transposed => (tensor.transpose(0, 1)?, 1),
        _ => (tensor, dim),
    };
    let found = [
        tensor.sum(Some(dim), false)?,
        tensor.mean(Some(dim), false)?,
        tensor.var(Some(dim), false, 1.0)?,
        tensor.norm(Some(dim), false)?,
    ];
    let found: Vec<Vec<f32>> = found.iter().map(Tensor::floats).collect::<Result<_>>()?;
    let mut errors = [0.0f64; 4];
    for place in 0..values.len() / along {
        for ((error, found), want) in errors.iter_mut().zip(&found).zip(exact(&line(place))) {
            *error = error.max((f64::from(found[place]) / want - 1.0).abs());
        }
    }
    let mut best = f64::INFINITY;
    for _ in 0..(50_000_000 / values.len()).clamp(3, 200) {
        let start = Instant::now();
        tensor.sum(Some(dim), false)?.floats()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok((errors, best))
}

fn main() -> Result<()> {
    // Cargo passes flags of its own.
    let name = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_else(|| "cpu".into());
    let device = Device::select(&name)?;
    let largest = std::env::var("SUMS_LARGEST").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    if !(3..=7).contains(&largest) {
        return Err(Error::argument("sums", "SUMS_LARGEST", "3 to 7", largest));
    }
    println!("{}: relative errors against float64; float32 rounds by 6.0e-8", device.name());
    println!("| values | layout | sum | mean | var | norm | ms of a sum | GB/s |");
    println!("|---|---|---|---|---|---|---|---|");
    for power in 3..=largest {
        let n = 10usize.pow(power);
        for (text, layout) in Layout::ALL {
            let (errors, seconds) = measure(&device, layout, n)?;
            let [sum, mean, var, norm] = errors.map(|error| format!("{error:.1e}"));
            let count: usize = layout.shape(n).0.iter().product();
            let rate = count as f64 * 4.0 / seconds / 1e9;
            println!("| 10^{power} | {text} | {sum} | {mean} | {var} | {norm} | {:.3} | {rate:.1} |", seconds * 1e3);
        }
    }
    Ok(())
}
