//! One metric over the steps of a run, in bounded memory.

/// A series is exact up to so many points (128 KiB), then thinned: nine for each pixel of a chart's width.
pub(super) const EXACT_POINTS: usize = 1 << 13;

/// The points of one metric. When it is full, every second point is dropped, and of later points only every second,
/// then every fourth, is kept. So the points stay evenly spaced from the first on.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// Of the pushes, those whose number is a multiple of 2 to the power of `halvings`.
    points: Vec<(u64, f64)>,
    last: (u64, f64),
    pushed: u64,
    halvings: u32,
    /// Whether nothing is thinned.
    keeps_all: bool,
}

impl Series {
    /// One that is never thinned.
    pub(super) fn keeping_all() -> Self {
        Self { keeps_all: true, ..Self::default() }
    }

    pub(super) fn push(&mut self, step: u64, value: f64) {
        if self.points.len() == EXACT_POINTS && !self.keeps_all {
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
        self.last = (step, value);
    }

    /// Forgets what was pushed for later steps. A thinned series does not know its last push up to `step`, so `last`
    /// becomes the last point that was kept. Nor does it know how many pushes there were between two points; they count
    /// as evenly spaced, as those of a training are.
    pub(super) fn rewind(&mut self, step: u64) {
        let first_gone = match self.points.iter().position(|point| point.0 > step) {
            Some(position) => ((position as u64) << self.halvings, self.points[position].0),
            None if self.last.0 > step => (self.pushed - 1, self.last.0),
            None => return,
        };
        self.points.retain(|point| point.0 <= step);
        let Some(&last) = self.points.last() else {
            return *self = Self { keeps_all: self.keeps_all, ..Self::default() };
        };
        let number = (self.points.len() as u64 - 1) << self.halvings;
        let (pushes, steps) = (first_gone.0.saturating_sub(number), first_gone.1 - last.0);
        let between = u128::from(step - last.0) * u128::from(pushes) / u128::from(steps);
        self.pushed = number + 1 + between as u64;
        self.last = last;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    pub(super) fn points(&self) -> &[(u64, f64)] {
        &self.points
    }

    /// Whether every push is among the points.
    pub(super) fn is_exact(&self) -> bool {
        self.halvings == 0
    }

    pub(super) fn last(&self) -> f64 {
        self.last.1
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

    fn pushed(steps: impl Iterator<Item = u64>) -> Series {
        let mut series = Series::default();
        steps.for_each(|step| series.push(step, step as f64));
        series
    }

    #[test]
    fn a_series_that_went_back_goes_on_as_if_nothing_had_been_after() {
        for step in [0, 1, 5, 9, 10, 11] {
            let mut series = pushed(1..=10);
            series.rewind(step);
            assert!(series.points().iter().all(|point| point.0 <= step) && series.is_empty() == (step == 0));
            (step.min(10) + 1..=20).for_each(|step| series.push(step, step as f64));
            assert_eq!(series.points(), pushed(1..=20).points());
            assert_eq!(series.last(), 20.0);
        }
    }

    #[test]
    fn a_thinned_series_stays_evenly_spaced_wherever_it_went_back_to() {
        // Steps far apart, so that few pushes make many steps; thinned to every fourth push.
        let (distance, pushes) = (10, 3 * EXACT_POINTS as u64);
        let steps = |from: u64, to: u64| (from..to).map(move |number| number * distance);
        let whole = pushed(steps(0, pushes));
        assert_eq!(whole.halvings, 2);
        for number in [1, 4, 9_998, 9_999, 10_000, 10_001, pushes - 2, pushes - 1] {
            let mut series = pushed(steps(0, pushes));
            series.rewind(number * distance + 3);
            assert!(series.last() <= (number * distance) as f64);
            steps(number + 1, pushes).for_each(|step| series.push(step, step as f64));
            assert_eq!(series.points(), whole.points(), "back to push {number}");
        }
    }
}
