//! Picking elements by position. Positions are checked on the host, since a device would read out of bounds.

use super::{
    Kind, Tensor,
    host_operation::{HostOperation, record},
    shape,
};
use crate::{Error, Result, memory, position::number};

impl Tensor {
    /// Slices at the given positions along a dim: `out[i] = self[positions[i]]`. Positions may repeat; their
    /// gradients then add up.
    ///
    /// # Errors
    /// Positions that are not an int vector, or outside the dim.
    pub fn select(&self, dim: usize, positions: &Self) -> Result<Self> {
        shape::check_dim("select", &self.shape, dim)?;
        positions.want("select", Kind::Int)?;
        if positions.rank() != 1 {
            let want = "positions must have 1 dim".into();
            return Err(Error::Shape { op: "select".into(), want, got: positions.shape.clone() });
        }
        let mut out = self.shape.clone();
        out[dim] = positions.len();
        shape::check("select", &out)?;
        check_positions("select", positions, self.shape[dim])?;
        let select = |raw| by_kind!(self.kind, float_select, int_select, bool_select(raw, dim, positions.raw()));
        if self.kind == Kind::Float && !self.device.is_gpu() {
            let output = self.with_own(select(self.untracked_raw()), self.kind, out);
            let select = Select { dim, positions: positions.ints("select")?, shape: self.shape.clone() };
            return record("select", [self], output, select);
        }
        Ok(self.with_own(select(self.raw()), self.kind, out))
    }

    /// `out[i, j] = self[i, positions[i, j]]` for dim 1, and so on: the shape is that of the positions.
    ///
    /// # Errors
    /// Positions that are not int, of another rank, larger than self in another dim, or outside the dim.
    pub fn gather(&self, dim: usize, positions: &Self) -> Result<Self> {
        shape::check_dim("gather", &self.shape, dim)?;
        positions.want("gather", Kind::Int)?;
        let fits = positions.rank() == self.rank()
            && (0..self.rank()).all(|i| i == dim || positions.shape[i] <= self.shape[i]);
        if !fits {
            let rule = format!(
                "positions have as many dims, and none but dim {} of them is larger than the tensor's",
                number(dim)
            );
            return Err(Error::Unfit { op: "gather", left: self.shape.clone(), right: positions.shape.clone(), rule });
        }
        check_positions("gather", positions, self.shape[dim])?;
        self.gather_unchecked(dim, positions)
    }

    /// [`Tensor::gather`] with positions that a reduction of self has found: checking them would wait for the device.
    pub(super) fn gather_unchecked(&self, dim: usize, positions: &Self) -> Result<Self> {
        // Burn wants equal sizes in the other dims.
        let mut source = self.clone();
        for i in (0..self.rank()).filter(|i| *i != dim) {
            source = source.slice(i, 0, positions.shape[i])?;
        }
        let gather = |raw| by_kind!(self.kind, float_gather, int_gather, bool_gather(dim, raw, positions.raw()));
        if source.is_tracked() && !self.device.is_gpu() {
            let output = self.with_own(gather(source.untracked_raw()), self.kind, positions.shape.clone());
            let gather = Gather { dim, positions: positions.ints("gather")?, shape: source.shape.clone() };
            return record("gather", [&source], output, gather);
        }
        Ok(self.with_own(gather(source.raw()), self.kind, positions.shape.clone()))
    }

    /// 1 at each label, 0 elsewhere: `[...]` ints counted from 0 to `[..., classes]` floats.
    pub fn one_hot(&self, classes: usize) -> Result<Self> {
        self.want("one_hot", Kind::Int)?;
        let mut out = self.shape.clone();
        out.push(classes);
        shape::check("one_hot", &out)?;
        let labels = self.ints("one_hot")?;
        let mut values = memory::list("one_hot", labels.len() * classes)?;
        values.resize(labels.len() * classes, 0.0);
        for (row, label) in labels.iter().enumerate() {
            let label = usize::try_from(*label).ok().filter(|label| *label < classes);
            let Some(label) = label else {
                let range = format!("there are {classes} classes");
                return Err(Error::OutOfRange { op: "one_hot", what: "label", got: number(labels[row]), range });
            };
            values[row * classes + label] = 1.0;
        }
        Self::from_floats(values, &out, &self.device)
    }
}

fn check_positions(op: &'static str, positions: &Tensor, size: usize) -> Result<()> {
    let wrong = positions.ints(op)?.into_iter().find(|position| usize::try_from(*position).map_or(true, |p| p >= size));
    match wrong {
        None => Ok(()),
        Some(position) => {
            let range = format!("there are {size}");
            Err(Error::OutOfRange { op, what: "position", got: number(position), range })
        }
    }
}

/// The gradient of [`Tensor::select`] on the CPU. However often a position is repeated, its sum is rounded once.
#[derive(Clone, Debug)]
struct Select {
    dim: usize,
    positions: Vec<i32>,
    shape: Vec<usize>,
}

impl HostOperation<1> for Select {
    fn backward(&self, by_output: &[f32]) -> [Vec<f32>; 1] {
        let (size, inner) = (self.shape[self.dim], self.shape[self.dim + 1..].iter().product::<usize>());
        let mut sums = vec![0.0f64; self.shape.iter().product()];
        let rows = by_output.chunks(self.positions.len() * inner);
        for (sums, rows) in sums.chunks_mut(size * inner).zip(rows) {
            for (position, row) in self.positions.iter().zip(rows.chunks(inner)) {
                let start = *position as usize * inner;
                let sums = &mut sums[start..start + inner];
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
            }
        }
        [sums.into_iter().map(|sum| sum as f32).collect()]
    }
}

/// The gradient of [`Tensor::gather`] on the CPU, as [`Select`]. The shape is that of the source, which differs from
/// that of the positions in this dim alone.
#[derive(Clone, Debug)]
struct Gather {
    dim: usize,
    positions: Vec<i32>,
    shape: Vec<usize>,
}

impl HostOperation<1> for Gather {
    fn backward(&self, by_output: &[f32]) -> [Vec<f32>; 1] {
        let (size, inner) = (self.shape[self.dim], self.shape[self.dim + 1..].iter().product::<usize>());
        let outer: usize = self.shape[..self.dim].iter().product();
        let block = by_output.len() / outer;
        let mut sums = vec![0.0f64; self.shape.iter().product()];
        let blocks = by_output.chunks(block).zip(self.positions.chunks(block));
        for (sums, (values, positions)) in sums.chunks_mut(size * inner).zip(blocks) {
            for (values, positions) in values.chunks(inner).zip(positions.chunks(inner)) {
                for (column, (value, position)) in values.iter().zip(positions).enumerate() {
                    sums[*position as usize * inner + column] += f64::from(*value);
                }
            }
        }
        [sums.into_iter().map(|sum| sum as f32).collect()]
    }
}
