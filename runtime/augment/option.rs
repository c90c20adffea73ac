//! Checks of the options that several transforms have. A message names the transform and the option as in Lua.

use crate::{Error, Result};

/// A probability: a number in `0..1`, both ends included.
pub(super) fn probability(op: &'static str, value: f32) -> Result<f32> {
    within(op, "p", value, 0.0, 1.0)
}

/// A finite number in `low..high`, both ends included.
pub(super) fn within(op: &'static str, name: &str, value: f32, low: f32, high: f32) -> Result<f32> {
    match (low..=high).contains(&value) {
        true => Ok(value),
        false => Err(Error::argument(op, name, format!("in {low}..{high}"), value)),
    }
}

/// A finite number that is not negative.
pub(super) fn not_negative(op: &'static str, name: &str, value: f32) -> Result<f32> {
    match value.is_finite() && value >= 0.0 {
        true => Ok(value),
        false => Err(Error::argument(op, name, "a finite number >= 0", value)),
    }
}

/// Two numbers with `0 < low <= high <= limit`; an infinite limit excludes infinity itself.
pub(super) fn positive_range(op: &'static str, name: &str, [low, high]: [f32; 2], limit: f32) -> Result<[f32; 2]> {
    if low > 0.0 && low <= high && high <= limit && high.is_finite() {
        return Ok([low, high]);
    }
    let limit = if limit.is_finite() { format!(" <= {limit}") } else { String::new() };
    Err(Error::argument(
        op,
        name,
        format!("two finite numbers with 0 < low <= high{limit}"),
        format!("{{{low}, {high}}}"),
    ))
}
