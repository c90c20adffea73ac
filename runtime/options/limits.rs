//! Ranges that options are limited to, and what is said of a value outside.

use std::{
    fmt::Display,
    ops::{
        Bound::{self, Excluded, Included, Unbounded},
        RangeBounds,
    },
};

use crate::{Error, Result};

/// A number that ranges are made of.
pub trait Scalar: Copy + PartialOrd + Display {
    /// Whether there are NaN and infinities, which lie in no range.
    const IS_FLOAT: bool;

    /// Neither NaN nor an infinity.
    fn is_finite(self) -> bool;
}

/// What can be limited by a range of numbers: a number, what may be left out, several numbers.
pub trait Limited<N: Scalar> {
    /// Whether all of it lies inside.
    fn lies_in(&self, range: &impl RangeBounds<N>) -> bool;

    /// What it should be, from what each of its numbers should be.
    fn want(limits: String) -> String {
        limits
    }

    /// As a message shows it.
    fn shown(&self) -> String;
}

macro_rules! numbers {
    ($($type:ty, $is_float:literal, $is_finite:expr;)*) => {
        $(impl Scalar for $type {
            const IS_FLOAT: bool = $is_float;

            fn is_finite(self) -> bool {
                $is_finite(self)
            }
        })*
    };
}

numbers! {
    f32, true, f32::is_finite;
    f64, true, f64::is_finite;
    usize, false, |_| true;
    u64, false, |_| true;
}

impl<N: Scalar> Limited<N> for N {
    fn lies_in(&self, range: &impl RangeBounds<N>) -> bool {
        self.is_finite() && range.contains(self)
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl<N: Scalar, T: Limited<N>> Limited<N> for Option<T> {
    fn lies_in(&self, range: &impl RangeBounds<N>) -> bool {
        self.as_ref().is_none_or(|value| value.lies_in(range))
    }

    fn want(limits: String) -> String {
        T::want(limits)
    }

    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| "nothing".into(), T::shown)
    }
}

/// Numbers over `low`.
pub fn over<N>(low: N) -> (Bound<N>, Bound<N>) {
    (Excluded(low), Unbounded)
}

/// Numbers over `low` and at most `high`.
pub fn over_to<N>(low: N, high: N) -> (Bound<N>, Bound<N>) {
    (Excluded(low), Included(high))
}

/// Numbers over `low` and below `high`.
pub fn between<N>(low: N, high: N) -> (Bound<N>, Bound<N>) {
    (Excluded(low), Excluded(high))
}

/// What a value of some type should be, in words.
pub(crate) fn want<N: Scalar, T: Limited<N>>(range: &impl RangeBounds<N>) -> String {
    T::want(text(range))
}

/// A range in words with its unit, which is one where the last number is.
pub(super) fn with_unit(limits: String, unit: Option<&str>) -> String {
    match unit {
        None => limits,
        Some(unit) if limits.ends_with(" 1") => format!("{limits} {}", unit.trim_end_matches('s')),
        Some(unit) => format!("{limits} {unit}"),
    }
}

/// A range in words.
fn text<N: Scalar>(range: &impl RangeBounds<N>) -> String {
    let number = if N::IS_FLOAT { "a number " } else { "" };
    let of = if N::IS_FLOAT { "of " } else { "" };
    match (range.start_bound(), range.end_bound()) {
        (Included(low), Included(high)) => format!("from {low} to {high}"),
        (Included(low), Excluded(high)) => format!("at least {low} and below {high}"),
        (Excluded(low), Included(high)) => format!("over {low} and at most {high}"),
        (Excluded(low), Excluded(high)) => format!("over {low} and below {high}"),
        (Included(low), Unbounded) => format!("{number}{of}at least {low}"),
        (Excluded(low), Unbounded) => format!("{number}over {low}"),
        (Unbounded, Included(high)) => format!("{number}{of}at most {high}"),
        (Unbounded, Excluded(high)) => format!("{number}below {high}"),
        (Unbounded, Unbounded) => "a finite number".into(),
    }
}

/// An error for a value outside of its range.
pub(crate) fn check<N: Scalar, T: Limited<N>>(
    op: &str,
    name: &str,
    value: &T,
    range: &impl RangeBounds<N>,
    unit: Option<&str>,
) -> Result<()> {
    if value.lies_in(range) {
        return Ok(());
    }
    Err(Error::argument(op, name, with_unit(want::<N, T>(range), unit), value.shown()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_reads_as_words() {
        assert_eq!(text(&(0.0..1.0)), "at least 0 and below 1");
        assert_eq!(text(&(1..=4096_usize)), "from 1 to 4096");
        assert_eq!(text(&(2_usize..)), "at least 2");
        assert_eq!(text(&over(0.0)), "a number over 0");
        assert_eq!(text(&(0.0_f32..)), "a number of at least 0");
        assert_eq!(text(&over_to(0.0, 0.5)), "over 0 and at most 0.5");
        assert_eq!(text::<f64>(&(..)), "a finite number");
    }

    #[test]
    fn a_unit_follows_its_number() {
        assert_eq!(with_unit("at least 1".into(), Some("pixels")), "at least 1 pixel");
        assert_eq!(with_unit("from 0 to 0.5".into(), Some("turns")), "from 0 to 0.5 turns");
        assert_eq!(with_unit("at least 11".into(), None), "at least 11");
    }

    #[test]
    fn no_range_has_a_nan_or_an_infinity() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!value.lies_in(&(..)) && !Some(value).lies_in(&(0.0..)));
        }
        assert!(0.5.lies_in(&(..)) && None::<f64>.lies_in(&(0.0..)));
        let error = check("sgd", "momentum", &1.0, &(0.0..1.0), None).unwrap_err().to_string();
        assert_eq!(error, "sgd: momentum must be at least 0 and below 1, got 1");
    }
}
