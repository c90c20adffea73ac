//! Elements by their place in row-major order, from 0: what reading and writing at any positions comes down to.

use super::{Kind, Tensor, size};
use crate::{Error, Result, memory, tape::record};

/// How far the next element along each dim of a shape is.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for dim in (1..shape.len()).rev() {
        strides[dim - 1] = strides[dim] * shape[dim];
    }
    strides
}

/// The places of all elements of some sizes, in row-major order, so many places apart along each dim.
pub(super) fn places(sizes: &[usize], strides: &[usize]) -> Vec<usize> {
    sizes.iter().zip(strides).fold(vec![0], |places, (size, stride)| {
        places.iter().flat_map(|place| (0..*size).map(move |position| place + position * stride)).collect()
    })
}

impl Tensor {
    /// A vector of positions.
    pub(super) fn of_positions(positions: impl IntoIterator<Item = usize>, like: &Self) -> Result<Self> {
        let positions: Vec<i32> = positions.into_iter().map(|position| position as i32).collect();
        let count = positions.len();
        Self::from_ints(positions, &[count], like.device())
    }

    /// The elements in one dim.
    pub(super) fn flat(&self) -> Result<Self> {
        self.reshape(&[self.len()])
    }

    /// The elements at places, which must be there.
    pub(super) fn taken(&self, places: &[usize], shape: &[usize]) -> Result<Self> {
        let places = Self::of_positions(places.iter().copied(), self)?;
        self.flat()?.select_unchecked(0, &places)?.reshape(shape)
    }

    /// A source of values for this tensor: of the same kind, or cast where this one loses nothing by it.
    pub(super) fn fitting(&self, op: &'static str, source: &Self) -> Result<Self> {
        self.want_device(op, source)?;
        match (self.kind(), source.kind()) {
            (Kind::Float, _) | (Kind::Int, Kind::Bool | Kind::Int) => source.to_dtype(self.dtype()),
            (own, other) if own == other => Ok(source.clone()),
            (own, other) => Err(Error::Kind { op, want: own.name(), got: other.name() }),
        }
    }

    /// This tensor with others' elements, one for each place. Of several at a place the last one is there, and has the
    /// gradient.
    pub(super) fn overwritten(&self, op: &'static str, places: Vec<usize>, values: &Self) -> Result<Self> {
        let count = self.len();
        size::check(op, "the elements", count.saturating_add(places.len()))?;
        let mut sources = memory::list(op, count)?;
        sources.extend(0..count);
        places.iter().enumerate().for_each(|(number, place)| sources[*place] = count + number);
        let (own, values) = (self.flat()?, self.fitting(op, values)?.flat()?);
        let joined = Self::cat(&[own.detach(), values.detach()], 0)?;
        let output = joined.select_unchecked(0, &Self::of_positions(sources, self)?)?;
        let output = record(op, [&own, &values], output, |_| {
            move |by: Self, step| {
                let by_own = || {
                    let mut is_lost = vec![false; count];
                    places.iter().for_each(|place| is_lost[*place] = true);
                    by.masked_fill(&Self::from_bools(is_lost, &[count], by.device())?, 0.0)
                };
                let by_values = || {
                    let found = by.select_unchecked(0, &Self::of_positions(places.iter().copied(), &by)?)?;
                    let mut last = vec![0; count];
                    places.iter().enumerate().for_each(|(number, place)| last[*place] = number);
                    let is_lost = places.iter().enumerate().map(|(number, place)| last[*place] != number);
                    let is_lost: Vec<bool> = is_lost.collect();
                    if !is_lost.contains(&true) {
                        return Ok(found);
                    }
                    found.masked_fill(&Self::from_bools(is_lost, &[places.len()], by.device())?, 0.0)
                };
                Ok([step.of(0, by_own)?, step.of(1, by_values)?])
            }
        });
        output.reshape(self.shape())
    }

    /// This tensor with others' elements added, one for each place. Several at a place add up, those of floats in
    /// float64 on the CPU.
    pub(super) fn added_at(&self, op: &'static str, places: Vec<usize>, values: &Self) -> Result<Self> {
        let positions = Self::of_positions(places, self)?;
        self.flat()?.added_along(op, 0, &positions, &self.fitting(op, values)?.flat()?)?.reshape(self.shape())
    }

    /// This tensor with slices of another one added along a dim.
    pub(super) fn added_along(&self, op: &'static str, dim: usize, positions: &Self, slices: &Self) -> Result<Self> {
        match self.kind() {
            Kind::Float => self.add(&slices.selected_from(dim, positions, self.shape())?),
            Kind::Int => {
                // On the host, where a sum that does not fit is seen.
                let (size, inner) = (self.shape()[dim], self.shape()[dim + 1..].iter().product::<usize>());
                let mut sums: Vec<i128> = self.longs(op)?.into_iter().map(i128::from).collect();
                let (positions, values) = (positions.ints(op)?, slices.longs(op)?);
                let rows = values.chunks(inner.max(1)).enumerate();
                for (number, row) in rows.filter(|_| inner > 0) {
                    let (block, along) = (number / positions.len(), number % positions.len());
                    let start = (block * size + positions[along] as usize) * inner;
                    sums[start..][..inner].iter_mut().zip(row).for_each(|(sum, value)| *sum += i128::from(*value));
                }
                Self::exact(op, sums, self.shape(), self.dtype().computed(), self.device())
            }
            Kind::Bool => Err(Error::Kind { op, want: Kind::Float.name(), got: Kind::Bool.name() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_row_major_order() {
        assert_eq!(strides(&[2, 3, 5]), [15, 5, 1]);
        assert_eq!(places(&[2, 3], &strides(&[2, 3])), [0, 1, 2, 3, 4, 5]);
        assert_eq!(places(&[2, 2], &[1, 10]), [0, 10, 1, 11]);
        assert_eq!(places(&[], &[]), [0]);
        assert!(places(&[2, 0], &[1, 1]).is_empty());
    }
}
