//! Positions count from 0 inside, and from 1 where a user meets them: in scripts, in messages, on the screen. This is
//! the one place that converts; `lua/position.rs` makes arguments and tensors of it.

use std::ops::Range;

use crate::{Error, Result};

/// What a user calls the first of several.
pub const FIRST: i64 = 1;

/// What is said where there is no position at all.
pub const NONE: &str = "there is none";

/// What a user calls the one at a position.
pub fn number(position: impl TryInto<i64>) -> i64 {
    position.try_into().map_or(i64::MAX, |position| position.saturating_add(FIRST))
}

/// The position of what a user calls by a number. One that is none, such as 0, is taken for the first.
pub fn from_number(number: u64) -> u64 {
    number.saturating_sub(FIRST.unsigned_abs())
}

/// The position among `size` of what a user calls by a number, or from the end by -1, -2, ….
///
/// # Errors
/// There is none.
pub fn resolve(op: &'static str, what: &'static str, number: i64, size: usize) -> Result<usize> {
    let limit = size as i64;
    let position = match number {
        from_start if (FIRST..=limit).contains(&from_start) => from_start - FIRST,
        from_end if (-limit..0).contains(&from_end) => limit + from_end,
        got => {
            let range = match size {
                0 if what == "dim" => "a scalar has none".into(),
                0 => NONE.into(),
                _ => format!("1 to {size}, or -1 to -{size}"),
            };
            return Err(outside(op, what, got, range));
        }
    };
    Ok(position as usize)
}

/// There is nothing that a user calls by a number. Of 0, which is the first elsewhere, it says what the first is here.
pub fn outside(op: &'static str, what: &'static str, got: i64, range: String) -> Error {
    let counted = if got == 0 { format!("; {what}s count from {FIRST}, the first") } else { String::new() };
    Error::OutOfRange { op, what, got, range: range + &counted }
}

/// The positions among `size` from one number up to and with another.
///
/// # Errors
/// One of them is none.
pub fn resolve_range(
    op: &'static str,
    what: &'static str,
    [first, last]: [i64; 2],
    size: usize,
) -> Result<Range<usize>> {
    let first = resolve(op, what, first, size)?;
    Ok(first..resolve(op, what, last, size)? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_counts_from_one_is_found_from_zero_and_called_so_again() {
        for size in [1, 2, 7] {
            for position in 0..size {
                assert_eq!(resolve("at", "position", number(position), size).unwrap(), position);
                assert_eq!(resolve("at", "position", position as i64 - size as i64, size).unwrap(), position);
                assert_eq!(from_number(number(position) as u64), position as u64);
            }
            for none in [0, size as i64 + 1, -1 - size as i64, i64::MIN, i64::MAX] {
                assert!(resolve("at", "position", none, size).is_err(), "{none} of {size}");
            }
        }
        assert!(resolve("at", "position", -1, 0).is_err());
    }

    #[test]
    fn a_range_has_both_of_its_ends() {
        assert_eq!(resolve_range("slice", "position", [2, -1], 5).unwrap(), 1..5);
        assert_eq!(resolve_range("slice", "position", [3, 3], 5).unwrap(), 2..3);
    }

    #[test]
    fn numbers_of_any_width_are_told() {
        assert_eq!(number(-1i32), 0);
        assert_eq!(number(u64::MAX), i64::MAX);
        assert_eq!(from_number(0), 0);
    }
}
