//! Finding: what is not 0, which values there are, where one belongs among sorted ones. On the host.

use std::cmp::Ordering;

use super::{DType, Kind, Tensor, order::by_value};
use crate::{Error, Result, memory};

/// The different values of a tensor.
pub struct Unique {
    /// In ascending order: `[k]`.
    pub values: Tensor,
    /// The position among them, counted from 0, of each element, in the tensor's shape.
    pub inverse: Tensor,
    /// How often each occurs: `[k]`.
    pub counts: Tensor,
}

impl Tensor {
    /// The positions, counted from 0, of all values that are not 0, in row-major order: int `[count, rank]`.
    pub fn nonzero(&self) -> Result<Self> {
        let values = self.doubles()?;
        let count = values.iter().filter(|value| **value != 0.0).count();
        let mut found = memory::list("nonzero", count.saturating_mul(self.rank()))?;
        for (place, value) in values.into_iter().enumerate() {
            if value == 0.0 {
                continue;
            }
            let (start, mut rest) = (found.len(), place);
            for size in self.shape().iter().rev() {
                found.push((rest % size) as i32);
                rest /= size;
            }
            found[start..].reverse();
        }
        Self::from_ints(found, &[count, self.rank()], self.device())
    }

    /// The different values in ascending order, NaN last and each by itself, as PyTorch's. Without a gradient.
    pub fn unique(&self) -> Result<Unique> {
        let all = self.detach().reshape(&[self.len()])?;
        // The order, whether each is new, and where it belongs.
        memory::check_machine("unique", self.len().saturating_mul(4 * size_of::<usize>()))?;
        let places = match self.kind() {
            Kind::Int => in_groups(&all.longs("unique")?, Ord::cmp),
            _ => in_groups(&all.doubles()?, by_value),
        };
        let (mut firsts, mut counts, mut inverse) = (Vec::new(), Vec::new(), vec![0; all.len()]);
        for (position, is_new) in places {
            if is_new {
                firsts.push(position as i32);
                counts.push(0);
            }
            inverse[position] = counts.len() as i32 - 1;
            counts.iter_mut().last().into_iter().for_each(|count| *count += 1);
        }
        let found = [firsts.len()];
        Ok(Unique {
            values: all.select(0, &Self::from_ints(firsts, &found, self.device())?)?,
            inverse: Self::from_ints(inverse, self.shape(), self.device())?,
            counts: Self::from_longs(counts, &found, DType::Int32, self.device())?,
        })
    }

    /// The position, counted from 0, before which each value would be inserted into a sorted last dim: before its equals,
    /// or behind them with `right`. Self is `[n]`, for values of any shape, or has the same dims before the last:
    /// `[..., n]` and `[..., m]` give int `[..., m]`, of 0 to n. NaN belongs at the end.
    ///
    /// # Errors
    /// Shapes that do not fit; values that are not in ascending order.
    pub fn searchsorted(&self, values: &Self, right: bool) -> Result<Self> {
        const OP: &str = "searchsorted";
        let last = |t: &Self| t.rank().checked_sub(1);
        let fits = last(self) == Some(0)
            || (self.rank() == values.rank()
                && last(self).is_some_and(|last| self.shape()[..last] == values.shape()[..last]));
        if !fits {
            let rule = "what is searched has 1 dim, or the same dims before the last as the values".into();
            let (left, right) = (self.shape().to_vec(), values.shape().to_vec());
            return Err(Error::Unfit { op: OP, left, right, rule });
        }
        let size = self.shape()[self.rank() - 1];
        let own = if self.rank() == 1 { values.len() } else { values.shape()[values.rank() - 1] };
        let positions = match (self.kind(), values.kind()) {
            (Kind::Int, Kind::Int) => places(&self.longs(OP)?, &values.longs(OP)?, [size, own], right, Ord::cmp),
            _ => places(&self.doubles()?, &values.doubles()?, [size, own], right, by_end),
        };
        Self::from_ints(positions?, values.shape(), self.device())
    }
}

/// The positions that sort values, equals as they come, and whether the value there is another than the one before.
fn in_groups<T: PartialEq>(values: &[T], compare: fn(&T, &T) -> Ordering) -> Vec<(usize, bool)> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| compare(&values[*a], &values[*b]));
    let is_new = |rank: usize| rank == 0 || values[order[rank - 1]] != values[order[rank]];
    (0..order.len()).map(|rank| (order[rank], is_new(rank))).collect()
}

/// Where values belong among sorted ones, row by row of so many sorted ones and so many values.
fn places<T>(
    sorted: &[T],
    values: &[T],
    [size, own]: [usize; 2],
    right: bool,
    compare: fn(&T, &T) -> Ordering,
) -> Result<Vec<i32>> {
    let rows = values.len().checked_div(own).unwrap_or(0);
    let mut found = memory::list("searchsorted", values.len())?;
    for row in 0..rows {
        let sorted = &sorted[row * size..(row + 1) * size];
        if !sorted.is_sorted_by(|a, b| compare(a, b) != Ordering::Greater) {
            return Err(Error::argument(
                "searchsorted",
                "sorted",
                "in ascending order along its last dim",
                "another order",
            ));
        }
        found.extend(values[row * own..(row + 1) * own].iter().map(|value| {
            sorted.partition_point(|other| match compare(other, value) {
                Ordering::Less => true,
                Ordering::Equal => right,
                Ordering::Greater => false,
            }) as i32
        }));
    }
    Ok(found)
}

/// Numbers by their value; whatever is sorted comes before a NaN that is inserted.
fn by_end(sorted: &f64, value: &f64) -> Ordering {
    if value.is_nan() { Ordering::Less } else { by_value(sorted, value) }
}
