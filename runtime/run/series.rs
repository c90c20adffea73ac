//! One metric over the steps of a run, in bounded memory.

/// A series is exact up to so many points (2 MiB), then thinned.
pub(super) const EXACT_POINTS: usize = 1 << 17;

/// The points of one metric. When it is full, every second point goes and only every second, then every
/// fourth, of the later ones is kept: what remains is evenly spaced from the first point on.
#[derive(Debug, Default)]
pub(super) struct Series {
    points: Vec<(u64, f64)>,
    last: f64,
    pushed: u64,
    halvings: u32,
}

impl Series {
    pub(super) fn push(&mut self, step: u64, value: f64) {
        if self.points.len() == EXACT_POINTS {
            let mut is_odd = true;
            self.points.retain(|_| {
                is_odd = !is_odd;
                !is_odd
            });
            self.halvings += 1;
        }
        if self.pushed.is_multiple_of(1 << self.halvings) {
            self.points.push((step, value));
        }
        self.pushed += 1;
        self.last = value;
    }

    pub(super) fn points(&self) -> &[(u64, f64)] {
        &self.points
    }

    pub(super) fn last(&self) -> f64 {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_exact_until_it_is_full_and_evenly_thinned_after() {
        let mut series = Series::default();
        for step in 0..EXACT_POINTS as u64 {
            series.push(step, step as f64);
        }
        assert!(series.points().iter().enumerate().all(|(index, point)| *point == (index as u64, index as f64)));
        for step in EXACT_POINTS as u64..5 * EXACT_POINTS as u64 {
            series.push(step, step as f64);
        }
        assert!(series.points().len() <= EXACT_POINTS);
        assert!(series.points().windows(2).all(|pair| pair[1].0 - pair[0].0 == 8));
        assert_eq!(series.points()[0], (0, 0.0));
        assert_eq!(series.last(), (5 * EXACT_POINTS - 1) as f64);
    }
}
