//! A step's numbers as words: `loss 5.1234  lr 0.2000  1234 views/s  2m10s left`.

use std::time::Duration;

use super::rate::Rate;

/// The values, the speed, and the time left where these are known.
pub(super) fn describe(values: &[(&str, f64)], rate: &Rate, step: u64, total_steps: u64) -> String {
    let mut parts: Vec<_> = values.iter().map(|(name, value)| format!("{name} {}", number(*value))).collect();
    if let Some(views) = rate.views_per_second() {
        parts.push(if views < 10.0 { format!("{views:.1} views/s") } else { format!("{views:.0} views/s") });
    }
    if step < total_steps
        && let Some(time) = rate.time_for(total_steps - step)
    {
        parts.push(format!("{} left", duration(time)));
    }
    parts.join("  ")
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
