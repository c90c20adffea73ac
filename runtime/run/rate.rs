//! How fast a training goes and how long it still takes, judged by its recent steps.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Recent means so many steps.
const WINDOW: usize = 64;

/// The recent steps of a training.
#[derive(Debug, Default)]
pub(super) struct Rate {
    last: Option<(u64, Instant)>,
    recent: VecDeque<Interval>,
}

/// What lies between one report and the next.
#[derive(Debug)]
struct Interval {
    time: Duration,
    steps: u64,
    views: u64,
}

impl Rate {
    /// Takes note that `step` steps are done, the last of which took in `views` views. The first report only
    /// sets the clock: what came before it is set-up. A step that is not later starts anew (a rewind).
    pub(super) fn record(&mut self, now: Instant, step: u64, views: u64) {
        match self.last.replace((step, now)) {
            Some((last, then)) if step > last => {
                if self.recent.len() == WINDOW {
                    self.recent.pop_front();
                }
                let interval = Interval { time: now.saturating_duration_since(then), steps: step - last, views };
                self.recent.push_back(interval);
            }
            Some(_) => self.recent.clear(),
            None => {}
        }
    }

    /// Views per second over the recent steps.
    pub(super) fn views_per_second(&self) -> Option<f64> {
        let time: Duration = self.recent.iter().map(|interval| interval.time).sum();
        let views: u64 = self.recent.iter().map(|interval| interval.views).sum();
        (views > 0 && !time.is_zero()).then(|| views as f64 / time.as_secs_f64())
    }

    /// The time that `steps` more take. By the median, which a pause or a first compilation does not move.
    pub(super) fn time_for(&self, steps: u64) -> Option<Duration> {
        let mut times: Vec<_> =
            self.recent.iter().map(|interval| interval.time.as_secs_f64() / interval.steps as f64).collect();
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2)?;
        Duration::try_from_secs_f64(median * steps as f64).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(reports: &[(f64, u64, u64)]) -> Rate {
        let start = Instant::now();
        let mut rate = Rate::default();
        for &(seconds, step, views) in reports {
            rate.record(start + Duration::from_secs_f64(seconds), step, views);
        }
        rate
    }

    #[test]
    fn one_report_says_nothing() {
        let rate = rate(&[(5.0, 1, 100)]);
        assert_eq!((rate.views_per_second(), rate.time_for(10)), (None, None));
    }

    #[test]
    fn steady_steps_give_their_rate_and_the_time_left() {
        let rate = rate(&[(9.0, 1, 100), (11.0, 2, 100), (13.0, 3, 100)]);
        assert_eq!(rate.views_per_second(), Some(50.0));
        assert_eq!(rate.time_for(10), Some(Duration::from_secs(20)));
    }

    #[test]
    fn a_pause_does_not_move_the_time_left() {
        let rate = rate(&[(0.0, 1, 1), (1.0, 2, 1), (500.0, 3, 1), (501.0, 4, 1)]);
        assert_eq!(rate.time_for(10), Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_rewind_and_a_clock_that_stands_still_give_no_rate() {
        assert_eq!(rate(&[(0.0, 8, 1), (1.0, 9, 1), (2.0, 4, 1)]).views_per_second(), None);
        assert_eq!(rate(&[(0.0, 1, 9), (0.0, 2, 9)]).views_per_second(), None);
    }

    #[test]
    fn only_recent_steps_are_kept() {
        let reports: Vec<_> = (0..10_000).map(|step| (step as f64, step, 1)).collect();
        assert_eq!(rate(&reports).recent.len(), WINDOW);
    }
}
