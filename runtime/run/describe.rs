//! A step's numbers as words: `loss 5.1234  lr 0.2000  2m10s left  1234 views/s`.

use std::time::Duration;

use super::rate::Rate;
use crate::message;

/// What a script may log among much else, and is looked at first.
const FIRST: [&str; 2] = ["loss", "lr"];

/// The parts of a step's line, the most important first: loss, learning rate, the time left and the speed where these
/// are known, then every other value in the order in which it was logged.
pub(super) fn describe(values: &[(&str, f64)], rate: &Rate, step: u64, total_steps: u64) -> Vec<String> {
    let first = FIRST.iter().filter_map(|name| values.iter().find(|(logged, _)| logged == name));
    let mut parts: Vec<String> = first.map(|(name, value)| part(name, *value)).collect();
    if step < total_steps
        && let Some(time) = rate.time_for(total_steps - step)
    {
        parts.push(format!("{} left", duration(time)));
    }
    if let Some(views) = rate.views_per_second() {
        parts.push(if views < 10.0 { format!("{views:.1} views/s") } else { format!("{views:.0} views/s") });
    }
    let others = values.iter().filter(|(name, _)| !FIRST.contains(name));
    parts.extend(others.map(|(name, value)| part(name, *value)));
    parts
}

/// A name is a script's and may hold anything, but the line stays one line.
fn part(name: &str, value: f64) -> String {
    format!("{} {}", message::name(name), number(value))
}

/// Four decimals where these say something.
fn number(value: f64) -> String {
    let size = value.abs();
    if size.is_finite() && size != 0.0 && !(1e-3..1e6).contains(&size) {
        format!("{value:.2e}")
    } else {
        format!("{value:.4}")
    }
}

/// The two largest units.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m{:02}s", seconds % 60),
        (0, _, _) => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{:02}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_comes_first_and_what_else_is_logged_after_the_speed() {
        let values = [("accuracy", 0.5), ("zeta\n", 2.0), ("lr", 0.1), ("loss", f64::NAN)];
        let parts = describe(&values, &Rate::default(), 1, 9);
        assert_eq!(parts, ["loss NaN", "lr 0.1000", "accuracy 0.5000", "zeta\u{fffd} 2.0000"]);
        assert_eq!(describe(&[], &Rate::default(), 1, 9), [""; 0]);
    }

    #[test]
    fn numbers_too_small_or_large_for_four_decimals_have_an_exponent() {
        let shown = [0.0, -0.5, 12.0, 1e-5, -2e7, f64::NEG_INFINITY].map(number);
        assert_eq!(shown, ["0.0000", "-0.5000", "12.0000", "1.00e-5", "-2.00e7", "-inf"]);
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let shown = [9, 130, 11_100, 183_600].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(shown, ["9s", "2m10s", "3h05m", "2d03h"]);
    }
}
