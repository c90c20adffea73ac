//! Softmax and its logarithm along the last dim on the CPU device, a row at a time.

use burn_dispatch::DispatchTensor;
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{floats, plain, tensor, untaped},
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

/// Along the last dim, with the sum in float64. None for a tensor that is not on the CPU device, or on a tape.
pub(in crate::tensor) fn softmax(raw: DispatchTensor, shape: &[usize], which: Softmax) -> Option<DispatchTensor> {
    let source = plain(raw)?.to_contiguous();
    let (values, width) = (floats(&source), shape.last().copied().unwrap_or(1));
    let mut output = Buffer::stale(values.len());
    let size = CHUNK.div_ceil(width) * width;
    output.par_chunks_mut(size).zip(values.par_chunks(size)).for_each(|(output, values)| {
        output.chunks_mut(width).zip(values.chunks(width)).for_each(|(output, values)| row(output, values, which));
    });
    Some(untaped(tensor(output, shape)))
}

fn row(output: &mut [f32], values: &[f32], which: Softmax) {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, |most, value| if value > most { value } else { most });
    let mut sum = 0.0;
    for (output, value) in output.iter_mut().zip(values) {
        *output = (value - largest).exp();
        sum += f64::from(*output);
    }
    match which {
        Softmax::Plain => {
            let factor = 1.0 / sum;
            output.iter_mut().for_each(|output| *output = (f64::from(*output) * factor) as f32);
        }
        Softmax::Logarithm => {
            let shift = f64::from(largest) + sum.ln();
            output.iter_mut().zip(values).for_each(|(output, value)| *output = (f64::from(*value) - shift) as f32);
        }
    }
}
