//! A part of the scores of one attention, and how parts are put together.

use std::ops::Range;

use super::settings::OP;
use crate::{Error, Result, tensor::Tensor};

/// One part of the scores.
pub(super) struct Part<'a> {
    pub first: &'a Range<usize>,
    pub queries: &'a Range<usize>,
    /// How many keys there are for it.
    pub keys: usize,
}

impl Part<'_> {
    /// Its queries, keys and values.
    pub fn of(&self, [query, key, value]: &[&Tensor; 3]) -> Result<[Tensor; 3]> {
        Ok([self.of_queries(query)?, self.of_keys(key)?, self.of_keys(value)?])
    }

    pub fn of_queries(&self, tensor: &Tensor) -> Result<Tensor> {
        sliced(&sliced(tensor, 0, self.first)?, tensor.rank() - 2, self.queries)
    }

    pub fn of_keys(&self, tensor: &Tensor) -> Result<Tensor> {
        sliced(&sliced(tensor, 0, self.first)?, tensor.rank() - 2, &(0..self.keys))
    }

    pub fn of_mask(&self, mask: &Tensor) -> Result<Tensor> {
        let (row, last) = (mask.rank() - 2, mask.rank() - 1);
        let ranges = [(0, self.first), (row, self.queries), (last, &(0..self.keys))];
        let own = ranges.into_iter().filter(|(dim, _)| mask.shape()[*dim] > 1);
        own.into_iter().try_fold(mask.clone(), |mask, (dim, range)| sliced(&mask, dim, range))
    }
}

/// Which of so many keys come after each query.
pub(super) fn future(queries: Range<usize>, keys: usize, like: &Tensor) -> Result<Tensor> {
    let count = queries.len();
    let values = queries.flat_map(|query| (0..keys).map(move |key| key > query));
    Tensor::from_bools(values.collect(), &[count, keys], like.device())
}

/// Ranges of the first dim, and of the queries, so that no part has many more scores than may be held at once.
pub(super) fn split(scores: &[usize], at_once: usize) -> Vec<(Range<usize>, Vec<Range<usize>>)> {
    let row = scores.len() - 2;
    let ranges = |size: usize, most: usize| {
        let most = most.max(1);
        (0..size).step_by(most).map(|from| from..(from + most).min(size)).collect::<Vec<_>>()
    };
    let each = scores[1..].iter().product::<usize>();
    let line = each / scores[row];
    let rows = ranges(scores[row], if each <= at_once { scores[row] } else { at_once / line });
    ranges(scores[0], at_once / each).into_iter().map(|first| (first, rows.clone())).collect()
}

pub(super) fn sliced(tensor: &Tensor, dim: usize, range: &Range<usize>) -> Result<Tensor> {
    if *range == (0..tensor.shape()[dim]) { Ok(tensor.clone()) } else { tensor.slice(dim, range.start, range.end) }
}

pub(super) fn joined(parts: &[Tensor], dim: usize) -> Result<Tensor> {
    if let [only] = parts { Ok(only.clone()) } else { Tensor::cat(parts, dim) }
}

pub(super) fn plus(before: Option<Tensor>, part: Tensor) -> Result<Tensor> {
    before.map_or(Ok(part.clone()), |before| before.add(&part))
}

pub(super) fn added(parts: Vec<Tensor>) -> Result<Tensor> {
    let mut parts = parts.into_iter();
    match parts.next() {
        Some(first) => parts.try_fold(first, |sum, part| sum.add(&part)),
        None => Err(Error::State { op: OP, reason: "there is no part".into() }),
    }
}
