//! A function of every value of a tensor on the CPU device: in the order in which they lie, which stays, and in place
//! where nothing else holds the memory. Knows no function.

use burn_backend::DType;
use burn_dispatch::backends::flex::{FlexTensor, Layout};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    dense::{is_dense, values, values_mut},
};
use crate::device::instructions;

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

/// Calls `body` with every part, on all cores where there are two or more.
pub(super) fn shared<I: IndexedParallelIterator>(
    len: usize,
    share: usize,
    parts: I,
    body: impl Fn(I::Item) + Sync + Send,
) {
    // A single thread of the pool is no faster than the caller, and has to be woken.
    let is_worth_it = len >= 2 * share && rayon::current_num_threads() > 1;
    let least = if is_worth_it { 1 } else { usize::MAX };
    parts.with_min_len(least).for_each(body);
}

/// A loop that is compiled for several sets of instructions.
pub(super) trait Loop {
    fn run<const FUSED: bool>(self);
}

/// Runs a loop with the instructions that kernels take.
pub(super) fn with_instructions(body: impl Loop) {
    match instructions::arch() {
        Arch::Scalar => body.run::<false>(),
        arch => arch.dispatch(Fused(body)),
    }
}

/// A loop where there are instructions that multiply and add. No closure, since one that is not inlined keeps to the
/// build's own instructions.
struct Fused<L>(L);

impl<L: Loop> WithSimd for Fused<L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.run::<true>();
    }
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
