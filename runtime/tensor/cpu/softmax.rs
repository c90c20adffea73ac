//! Softmax and its logarithm along the last dim on the CPU device, and their gradients.

use burn_dispatch::DispatchTensor;
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{floats, plain, tensor, untaped},
    functions,
    lanes::{dot, largest, sum},
    loops::{Loop, shared, with_instructions},
};

/// Values that one thread takes at a time, about.
const CHUNK: usize = 1 << 12;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tensor) enum Softmax {
    /// exp(x) / Σ exp(x).
    Plain,
    /// x − ln Σ exp(x).
    Logarithm,
}

/// Along the last dim, with the sum in float64. None for a tensor that is not float32 on the CPU device, or on a
/// tape.
pub(in crate::tensor) fn softmax(raw: DispatchTensor, shape: &[usize], which: Softmax) -> Option<DispatchTensor> {
    let source = plain(raw)?.to_contiguous();
    let (values, width) = (floats(&source), shape.last().copied().unwrap_or(1));
    Some(written(shape, width, |from, output| {
        with_instructions(Forward { values: &values[from..from + output.len()], output, width, which });
    }))
}

/// The gradient by the values, from the output y and the gradient g by it: y · (g − Σ g·y), and of the logarithm
/// g − exp(y) · Σ g. As [`softmax`].
pub(in crate::tensor) fn softmax_gradient(
    output: DispatchTensor,
    by: DispatchTensor,
    shape: &[usize],
    which: Softmax,
) -> Option<DispatchTensor> {
    let (output, by) = (plain(output)?.to_contiguous(), plain(by)?.to_contiguous());
    let (output, by, width) = (floats(&output), floats(&by), shape.last().copied().unwrap_or(1));
    Some(written(shape, width, |from, target| {
        let own = from..from + target.len();
        with_instructions(Backward { output: &output[own.clone()], by: &by[own], target, width, which });
    }))
}

/// What `body(from, part)` writes into each part of a tensor, which is made of whole rows from a value on.
fn written(shape: &[usize], width: usize, body: impl Fn(usize, &mut [f32]) + Sync + Send) -> DispatchTensor {
    let size = CHUNK.div_ceil(width) * width;
    let mut target = Buffer::stale(shape.iter().product());
    let len = target.len();
    shared(len, size, target.par_chunks_mut(size).enumerate(), |(number, part)| body(number * size, part));
    untaped(tensor(target, shape))
}

struct Forward<'a> {
    values: &'a [f32],
    output: &'a mut [f32],
    width: usize,
    which: Softmax,
}

impl Loop for Forward<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { values, output, width, which } = self;
        for (output, values) in output.chunks_mut(width).zip(values.chunks(width)) {
            let most = largest(values);
            for (output, value) in output.iter_mut().zip(values) {
                *output = value - most;
            }
        }
        // Of all rows together, so that the lanes are full whatever the width.
        for output in output.iter_mut() {
            *output = functions::exp::<FUSED>(*output);
        }
        for (output, values) in output.chunks_mut(width).zip(values.chunks(width)) {
            match which {
                Softmax::Plain => shares(output),
                Softmax::Logarithm => {
                    let shift = f64::from(largest(values)) + sum(output).ln();
                    for (output, value) in output.iter_mut().zip(values) {
                        *output = (f64::from(*value) - shift) as f32;
                    }
                }
            }
        }
    }
}

/// Each value's share of the sum.
#[inline(always)]
pub(super) fn shares(values: &mut [f32]) {
    let factor = 1.0 / sum(values);
    for value in values {
        *value = (f64::from(*value) * factor) as f32;
    }
}

struct Backward<'a> {
    output: &'a [f32],
    by: &'a [f32],
    target: &'a mut [f32],
    width: usize,
    which: Softmax,
}

impl Loop for Backward<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { output, by, target, width, which } = self;
        if which == Softmax::Logarithm {
            for (target, output) in target.iter_mut().zip(output) {
                *target = functions::exp::<FUSED>(*output);
            }
        }
        for ((target, output), by) in target.chunks_mut(width).zip(output.chunks(width)).zip(by.chunks(width)) {
            match which {
                Softmax::Plain => {
                    let along = dot(by, output) as f32;
                    for ((target, output), by) in target.iter_mut().zip(output).zip(by) {
                        *target = output * (by - along);
                    }
                }
                Softmax::Logarithm => {
                    let along = sum(by) as f32;
                    for (target, by) in target.iter_mut().zip(by) {
                        *target = by - *target * along;
                    }
                }
            }
        }
    }
}
