//! Rules about shapes: which there are, how two of them broadcast.

use super::size::MAX_ELEMENTS;
use crate::{Error, Result, memory, position::number};

/// The most dims that a tensor has.
pub const MAX_RANK: usize = 6;

/// An error unless a tensor can have this shape and there is room for it, so that what cannot fit is never allocated.
pub(crate) fn check(op: &'static str, shape: &[usize]) -> Result<()> {
    // A bool may take less, and nobody makes one of that size.
    check_bytes(op, shape, 4)
}

/// As [`check`], of elements of so many bytes.
pub(super) fn check_bytes(op: &'static str, shape: &[usize], bytes: usize) -> Result<()> {
    check_view(op, shape)?;
    memory::check_room(op, shape.iter().product::<usize>() * bytes)
}

/// An error unless a tensor can have this shape: at most 6 dims, and not over the memory budget by itself. A view takes no room of its own.
pub(super) fn check_view(op: &'static str, shape: &[usize]) -> Result<()> {
    let wrong = |want: &str| Err(Error::Shape { op: op.into(), want: want.into(), got: shape.to_vec() });
    if shape.len() > MAX_RANK {
        return wrong("a tensor has at most 6 dims");
    }
    // The other dims of one without elements are limited as well, so that no size computed from them wraps.
    match shape.iter().filter(|dim| **dim > 0).try_fold(1usize, |size, dim| size.checked_mul(*dim)) {
        Some(size) if size <= MAX_ELEMENTS => memory::check_alone(op, if shape.contains(&0) { 0 } else { size * 4 }),
        _ => wrong("a tensor has at most 2147483647 elements"),
    }
}

/// The shape of an elementwise operation's result: dims are aligned at the end, and a dim of 1 stretches.
///
/// # Errors
/// Two dims that differ, neither of them 1; a result that there is no room for.
pub fn broadcast(op: &'static str, left: &[usize], right: &[usize]) -> Result<Vec<usize>> {
    let out = aligned(op, left, right)?;
    check(op, &out)?;
    Ok(out)
}

/// As [`broadcast`], of a result that takes no room.
pub(super) fn aligned(op: &'static str, left: &[usize], right: &[usize]) -> Result<Vec<usize>> {
    let rank = left.len().max(right.len());
    let dim = |shape: &[usize], i: usize| (i + shape.len()).checked_sub(rank).map_or(1, |i| shape[i]);
    (0..rank)
        .map(|i| match (dim(left, i), dim(right, i)) {
            (l, r) if l == r || r == 1 => Ok(l),
            (1, r) => Ok(r),
            _ => Err(Error::Shapes { op, left: left.to_vec(), right: right.to_vec() }),
        })
        .collect()
}

/// The shape with ones in front, so that it has `rank` dims.
pub(super) fn pad(shape: &[usize], rank: usize) -> Vec<usize> {
    let mut padded = vec![1; rank - shape.len()];
    padded.extend_from_slice(shape);
    padded
}

/// An error unless `dim` exists.
pub(super) fn check_dim(op: &'static str, shape: &[usize], dim: usize) -> Result<()> {
    if dim < shape.len() {
        return Ok(());
    }
    let range =
        if shape.is_empty() { "a scalar has no dims".into() } else { format!("the tensor has {} dims", shape.len()) };
    Err(Error::OutOfRange { op, what: "dim", got: number(dim), range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dim_of_one_stretches_and_missing_dims_count_as_one() {
        assert_eq!(broadcast("add", &[3, 1, 5], &[7, 5]).unwrap(), [3, 7, 5]);
        assert_eq!(broadcast("add", &[], &[2]).unwrap(), [2]);
    }

    #[test]
    fn shapes_that_differ_are_named() {
        let error = broadcast("add", &[64, 5], &[64, 20]).unwrap_err();
        assert_eq!(error.to_string(), "add: shapes differ: [64, 5] and [64, 20]");
    }
}
