//! A function of every value of a tensor on the CPU device: in the order in which they lie, which stays, and in place
//! where nothing else holds the memory. Knows no function.

use burn_backend::DType;
use burn_dispatch::backends::flex::{FlexTensor, Layout};
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    dense::{is_dense, values, values_mut},
    loops::{Loop, shared, with_instructions},
};

/// A function of a value.
pub(super) trait Map: Copy + Sync {
    /// Values that are worth a thread of their own.
    const SHARE: usize;

    /// f(x); `FUSED` where the processor multiplies and adds in one instruction.
    fn of<const FUSED: bool>(self, x: f32) -> f32;
}

/// f of every value.
pub(super) fn map<F: Map>(tensor: FlexTensor, f: F) -> FlexTensor {
    let mut tensor = if is_dense(&tensor) { tensor } else { tensor.to_contiguous() };
    if let Some(values) = values_mut(&mut tensor) {
        shared(values.len(), F::SHARE, values.par_chunks_mut(F::SHARE), |values| {
            with_instructions(InPlace { f, values });
        });
        return tensor;
    }
    let values = values(&tensor);
    let mut output = Buffer::stale(values.len());
    let parts = output.par_chunks_mut(F::SHARE).zip(values.par_chunks(F::SHARE));
    shared(values.len(), F::SHARE, parts, |(output, values)| with_instructions(Apart { f, values, output }));
    like(&tensor, output)
}

/// Values in the order of a dense tensor.
pub(super) fn like(tensor: &FlexTensor, values: Buffer) -> FlexTensor {
    let layout = Layout::new(tensor.layout().shape().clone(), tensor.layout().strides().to_vec(), 0);
    FlexTensor::new(values.into_bytes(), layout, DType::F32)
}

struct InPlace<'a, F> {
    f: F,
    values: &'a mut [f32],
}

impl<F: Map> Loop for InPlace<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { f, values } = self;
        for value in values {
            *value = f.of::<FUSED>(*value);
        }
    }
}

struct Apart<'a, F> {
    f: F,
    values: &'a [f32],
    output: &'a mut [f32],
}

impl<F: Map> Loop for Apart<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { f, values, output } = self;
        for (output, value) in output.iter_mut().zip(values) {
            *output = f.of::<FUSED>(*value);
        }
    }
}
