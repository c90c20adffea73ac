//! Picking elements by position. Positions are checked on the host, since a device would read out of bounds.

use burn_backend::{ops::FloatTensorOps, tensor::IndexingUpdateOp};
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, shape};
use crate::{Error, Result, memory, position::number, tape::record};

impl Tensor {
    /// Slices at the given positions along a dim: `out[i] = self[positions[i]]`. Positions may repeat; their
    /// gradients then add up.
    ///
    /// # Errors
    /// Positions that are not an int vector, or outside the dim.
    pub fn select(&self, dim: usize, positions: &Self) -> Result<Self> {
        shape::check_dim("select", self.shape(), dim)?;
        positions.want("select", Kind::Int)?;
        if positions.rank() != 1 {
            let want = "positions must have 1 dim".into();
            return Err(Error::Shape { op: "select".into(), want, got: positions.shape().to_vec() });
        }
        let mut out = self.shape().to_vec();
        out[dim] = positions.len();
        shape::check("select", &out)?;
        check_positions("select", positions, self.shape()[dim])?;
        Ok(self.select_unchecked(dim, positions))
    }

    /// [`Tensor::select`] with positions that are known to be inside: checking them would wait for the device.
    pub(super) fn select_unchecked(&self, dim: usize, positions: &Self) -> Self {
        let mut out = self.shape().to_vec();
        out[dim] = positions.len();
        let raw = by_kind!(self.kind(), float_select, int_select, bool_select(self.raw(), dim, positions.raw()));
        record("select", [self], self.with_own(raw, self.kind(), out), |tape| {
            let (positions, shape) = (tape.keep(positions), self.shape().to_vec());
            move |by: Self, step| Ok([Some(by.selected_from(dim, &positions.get(step)?, &shape)?)])
        })
    }

    /// The gradient of [`Tensor::select`] from a tensor of a shape: slices that are added up at their positions.
    fn selected_from(&self, dim: usize, positions: &Self, shape: &[usize]) -> Result<Self> {
        let output = match self.device().is_gpu() {
            true => {
                let (zeros, value) = (Self::zeros(shape, self.device())?.into_raw(), self.raw());
                let raw = Dispatch::float_select_assign(zeros, dim, positions.raw(), value, IndexingUpdateOp::Add);
                self.with(raw, Kind::Float, shape.to_vec())
            }
            false => {
                let (size, inner) = (shape[dim], shape[dim + 1..].iter().product::<usize>());
                let positions = positions.ints("select")?;
                self.added_up(shape, [positions.len() * inner, size * inner], |sums, values| {
                    for (position, row) in positions.iter().zip(values.chunks(inner)) {
                        let sums = &mut sums[*position as usize * inner..][..inner];
                        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
                    }
                })?
            }
        };
        Ok(record("select", [self], output, |tape| {
            let positions = tape.keep(positions);
            move |by: Self, step| Ok([Some(by.select_unchecked(dim, &positions.get(step)?))])
        }))
    }

    /// Sums in float64 of the values on the host, each rounded once: block by block, of so many values and so many sums.
    fn added_up(&self, shape: &[usize], blocks: [usize; 2], mut add: impl FnMut(&mut [f64], &[f32])) -> Result<Self> {
        let mut sums = vec![0.0f64; shape.iter().product()];
        let values = self.floats()?;
        sums.chunks_mut(blocks[1]).zip(values.chunks(blocks[0])).for_each(|(sums, values)| add(sums, values));
        Self::from_floats(sums.into_iter().map(|sum| sum as f32).collect(), shape, self.device())
    }

    /// `out[i, j] = self[i, positions[i, j]]` for dim 1, and so on: the shape is that of the positions.
    ///
    /// # Errors
    /// Positions that are not int, of another rank, larger than self in another dim, or outside the dim.
    pub fn gather(&self, dim: usize, positions: &Self) -> Result<Self> {
        shape::check_dim("gather", self.shape(), dim)?;
        positions.want("gather", Kind::Int)?;
        let fits = positions.rank() == self.rank()
            && (0..self.rank()).all(|i| i == dim || positions.shape()[i] <= self.shape()[i]);
        if !fits {
            let rule = format!(
                "positions have as many dims, and none but dim {} of them is larger than the tensor's",
                number(dim)
            );
            return Err(Error::Unfit {
                op: "gather",
                left: self.shape().to_vec(),
                right: positions.shape().to_vec(),
                rule,
            });
        }
        check_positions("gather", positions, self.shape()[dim])?;
        self.gather_unchecked(dim, positions)
    }

    /// [`Tensor::gather`] with positions that a reduction of self has found: checking them would wait for the device.
    pub(super) fn gather_unchecked(&self, dim: usize, positions: &Self) -> Result<Self> {
        // Burn wants equal sizes in the other dims.
        let mut source = self.clone();
        for i in (0..self.rank()).filter(|i| *i != dim) {
            source = source.slice(i, 0, positions.shape()[i])?;
        }
        Ok(source.gather_aligned(dim, positions))
    }

    /// [`Tensor::gather`] with positions of the same size in every other dim.
    fn gather_aligned(&self, dim: usize, positions: &Self) -> Self {
        let raw = by_kind!(self.kind(), float_gather, int_gather, bool_gather(dim, self.raw(), positions.raw()));
        let output = self.with_own(raw, self.kind(), positions.shape().to_vec());
        record("gather", [self], output, |tape| {
            let (positions, shape) = (tape.keep(positions), self.shape().to_vec());
            move |by: Self, step| Ok([Some(by.gathered_from(dim, &positions.get(step)?, &shape)?)])
        })
    }

    /// The gradient of [`Tensor::gather`] from a tensor of a shape: values that are added up at their positions.
    fn gathered_from(&self, dim: usize, positions: &Self, shape: &[usize]) -> Result<Self> {
        let output = match self.device().is_gpu() {
            true => {
                let (zeros, value) = (Self::zeros(shape, self.device())?.into_raw(), self.raw());
                let raw = Dispatch::float_scatter(dim, zeros, positions.raw(), value, IndexingUpdateOp::Add);
                self.with(raw, Kind::Float, shape.to_vec())
            }
            false => {
                let (size, inner) = (shape[dim], shape[dim + 1..].iter().product::<usize>());
                let (block, positions) = (positions.shape()[dim] * inner, positions.ints("gather")?);
                let mut blocks = positions.chunks(block);
                self.added_up(shape, [block, size * inner], |sums, values| {
                    let positions = blocks.next().unwrap_or_default();
                    for (number, (value, position)) in values.iter().zip(positions).enumerate() {
                        sums[*position as usize * inner + number % inner] += f64::from(*value);
                    }
                })?
            }
        };
        Ok(record("gather", [self], output, |tape| {
            let positions = tape.keep(positions);
            move |by: Self, step| Ok([Some(by.gather_aligned(dim, &positions.get(step)?))])
        }))
    }

    /// 1 at each label, 0 elsewhere: `[...]` ints counted from 0 to `[..., classes]` floats.
    pub fn one_hot(&self, classes: usize) -> Result<Self> {
        self.want("one_hot", Kind::Int)?;
        let mut out = self.shape().to_vec();
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
        Self::from_floats(values, &out, self.device())
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
