//! Writing into a tensor: its elements change for the one who holds it, and for nobody else. Memory that another handle
//! holds, such as that of a snapshot or of a backward pass, is copied before.

use burn_backend::{
    Slice,
    ops::{FloatTensorOps, IntTensorOps},
    tensor::IndexingUpdateOp,
};
use burn_dispatch::Dispatch;

use super::{DType, Kind, Pick, Tensor};
use crate::{Error, Result};

const OP: &str = "assignment";

/// The positions of a dim that are written to.
struct Stretch {
    from: usize,
    to: usize,
    step: usize,
    /// Whether the dim would be there if they were read.
    stays: bool,
}

impl Stretch {
    fn len(&self) -> usize {
        (self.to - self.from).div_ceil(self.step)
    }
}

impl Tensor {
    /// The same tensor with a value at what picks take, which [`Tensor::index`] describes; the value broadcasts to their
    /// shape and takes the tensor's format. Of a position that is named twice the last value stays.
    ///
    /// # Errors
    /// A tensor or value on the tape; picks as of [`Tensor::index`]; a value of a shape that does not broadcast, or of a
    /// kind that would lose values: floats into ints, numbers into truth values. The tensor is then as it was.
    pub fn assign(&mut self, picks: &[Pick], value: &Self) -> Result<()> {
        self.check_writable(value)?;
        self.want_device(OP, value)?;
        let value = value.to_dtype(self.dtype())?;
        if let Some(slices) = self.as_slices(picks)? {
            return self.assign_slices(&slices, &value);
        }
        // Which places of the flattened tensor the picks take: they are taken of these places' numbers.
        let places = Self::arange(0, self.len() as i32 - 1, 1, self.device());
        let places = if self.is_empty() { Self::from_ints(Vec::new(), &[0], self.device()) } else { places };
        let places = places?.reshape(self.shape())?.index(picks)?;
        let value = self.stretched(&value, places.shape())?;
        self.assign_places(&places.ints(OP)?, &value)
    }

    /// An error for what cannot be written into, or cannot be written.
    fn check_writable(&self, value: &Self) -> Result<()> {
        let reason = match () {
            () if self.is_tracked() => {
                "the tensor is on the tape, whose gradients need it as it is; write into t:detach(), or take t:index_put, \
                 t:scatter or mb.where, which have gradients"
            }
            () if value.is_tracked() => {
                "the value is on the tape, and no gradient would flow through it; write value:detach(), or take \
                 t:index_put, t:scatter or mb.where, which have gradients"
            }
            () if self.is_view => {
                "the tensor was read out of another one, which would not change; write into that one, t[{ i, j }] = v, or \
                 into a copy, t:clone()"
            }
            () if self.kind() != Kind::Float && value.kind() == Kind::Float => {
                let reason = format!("floats do not go into {}; cast the value first", self.dtype());
                return Err(Error::State { op: OP, reason });
            }
            () if self.kind() == Kind::Bool && value.kind() != Kind::Bool => {
                "numbers do not go into bool; compare them first, or cast"
            }
            () => return Ok(()),
        };
        Err(Error::State { op: OP, reason: reason.into() })
    }

    /// The picks as stretches of every dim; none where one is a list or a mask.
    fn as_slices(&self, picks: &[Pick]) -> Result<Option<Vec<Stretch>>> {
        if picks.len() > self.rank() || picks.iter().any(|pick| matches!(pick, Pick::List(_) | Pick::Mask(_))) {
            return Ok(None);
        }
        let all = std::iter::repeat(&Pick::All);
        let slices =
            self.shape().iter().zip(picks.iter().chain(all)).enumerate().map(|(dim, (size, pick))| match pick {
                Pick::At(position) if position < size => {
                    Ok(Stretch { from: *position, to: position + 1, step: 1, stays: false })
                }
                Pick::Range { from, to, step } if from <= to && to <= size && *step > 0 => {
                    Ok(Stretch { from: *from, to: *to, step: *step, stays: true })
                }
                Pick::All => Ok(Stretch { from: 0, to: *size, step: 1, stays: true }),
                // What is wrong with it, reading says.
                _ => self.index(&picks[..=dim]).map(|_| Stretch { from: 0, to: *size, step: 1, stays: true }),
            });
        slices.collect::<Result<_>>().map(Some)
    }

    fn assign_slices(&mut self, slices: &[Stretch], value: &Self) -> Result<()> {
        let region: Vec<usize> = slices.iter().map(Stretch::len).collect();
        let read: Vec<usize> = slices.iter().filter(|own| own.stays).map(Stretch::len).collect();
        let value = self.stretched(value, &read)?.reshape(&region)?;
        if region.contains(&0) {
            return Ok(());
        }
        let slices: Vec<Slice> =
            slices.iter().map(|own| Slice::new(own.from as isize, Some(own.to as isize), own.step as isize)).collect();
        let (kind, dims) = (self.kind(), self.shape().to_vec());
        self.rewrite(
            |raw| by_kind!(kind, float_slice_assign, int_slice_assign, bool_slice_assign(raw, &slices, value.raw())),
            dims,
        )
    }

    /// Writes values to places of the flattened tensor.
    fn assign_places(&mut self, places: &[i32], values: &Self) -> Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        let mut values = values.reshape(&[places.len()])?;
        let mut places = places.to_vec();
        // Those of a mask, or of positions in order, are there once each.
        if !places.is_sorted_by(|one, next| one < next) {
            // The last one of a place that is named twice: a device would write them in any order.
            let mut numbers: Vec<i32> = (0..places.len() as i32).collect();
            let place = |number: &i32| places[*number as usize];
            numbers.sort_by_key(|number| (place(number), std::cmp::Reverse(*number)));
            numbers.dedup_by_key(|number| place(number));
            if numbers.len() < places.len() {
                places = numbers.iter().map(place).collect();
                values =
                    values.select_unchecked(0, &Self::of_positions(numbers.iter().map(|it| *it as usize), self)?)?;
            }
        }
        let count = places.len();
        let places = Self::from_ints(places, &[count, 1], self.device())?;
        if self.kind() == Kind::Bool {
            let mut ints = self.detach().to_dtype(DType::Int32)?;
            ints.write_flat(&places, &values.to_dtype(DType::Int32)?)?;
            *self = ints.to_dtype(DType::Bool)?.counting_as(self);
            return Ok(());
        }
        self.write_flat(&places, &values)
    }

    fn write_flat(&mut self, places: &Self, values: &Self) -> Result<()> {
        let (kind, dims, flat) = (self.kind(), self.shape().to_vec(), [self.len()]);
        let write = |raw| {
            let raw = super::reshape_raw(raw, kind, &flat);
            let (places, values) = (places.raw(), values.raw());
            match kind {
                Kind::Float => Dispatch::float_scatter_nd(raw, places, values, IndexingUpdateOp::Assign),
                _ => Dispatch::int_scatter_nd(raw, places, values, IndexingUpdateOp::Assign),
            }
        };
        self.rewrite(write, dims)
    }

    /// A value over a shape. It may have more dims in front, of 1, as in PyTorch.
    fn stretched(&self, value: &Self, shape: &[usize]) -> Result<Self> {
        let more = value.rank().saturating_sub(shape.len());
        let fitting = match value.shape()[..more].iter().all(|size| *size == 1) {
            true => value.reshape(&value.shape()[more..])?,
            false => value.clone(),
        };
        fitting.expand(shape).map_err(|_| {
            let rule = "the value broadcasts to what is written to".into();
            Error::Unfit { op: OP, left: shape.to_vec(), right: value.shape().to_vec(), rule }
        })
    }

    /// Hands Burn's tensor to an operation, which may write into its memory where nothing else holds it.
    fn rewrite(
        &mut self,
        write: impl FnOnce(burn_dispatch::DispatchTensor) -> burn_dispatch::DispatchTensor,
        dims: Vec<usize>,
    ) -> Result<()> {
        let (kind, device, classes) = (self.kind(), self.device().clone(), self.classes.clone());
        if !self.is_alone() {
            crate::memory::check_room(OP, self.len() * self.dtype().bytes())?;
        }
        // In its place meanwhile, so that the memory is held once.
        let placeholder = Self::without_any(self.dtype(), &[0], &device)?;
        let own = std::mem::replace(self, placeholder);
        let raw = super::reshape_raw(write(own.into_raw()), kind, &dims);
        *self = Self::wrap(raw, kind, dims, &device).with_class_names(classes);
        Ok(())
    }

    fn is_alone(&self) -> bool {
        std::rc::Rc::strong_count(&self.value) == 1
    }
}
