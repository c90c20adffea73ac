//! Rows times a matrix, and a bias added while they are in the core's cache, on the CPU device.

use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{beside, contiguous, floats},
    loops::{Loop, least_parts, with_instructions},
};
use crate::{
    linalg::{Matrix, MatrixMut, product},
    tensor::Tensor,
};

/// Results that are made at a time, about, and rows at least: the weight is read once for them.
const PART: usize = 1 << 15;
const LEAST_ROWS: usize = 64;

/// Values of a weight that does not stay in a core's cache from part to part.
const LARGE: usize = 1 << 19;

/// From so many products of numbers on there must be so many parts, or cores are idle.
const MANY: usize = 1 << 23;
const FEW: usize = 8;

/// x · weightᵀ + bias of rows `[rows, inputs]`, a weight `[outputs, inputs]` and a bias `[outputs]`. None for tensors that
/// are not float32 on the CPU device, and where one product by all cores is better: of a large weight, or in few parts. A
/// single output is left to [`Tensor::matmul`], which adds it up with care.
pub(in crate::tensor) fn linear(input: &Tensor, weight: &Tensor, bias: &Tensor) -> Option<Tensor> {
    let ([rows, inputs], outputs) = (input.shape().try_into().ok()?, weight.shape()[0]);
    let size = (PART / outputs).max(LEAST_ROWS);
    let is_in_few = rows * inputs * outputs > MANY && rows.div_ceil(size) < FEW;
    if outputs == 1 || inputs * outputs > LARGE || is_in_few {
        return None;
    }
    let [x, weight, bias] = contiguous([input, weight, bias])?;
    let (x, bias, weight) = (floats(&x), floats(&bias), Matrix::rows(floats(&weight), outputs, inputs).transposed());
    let mut output = Buffer::stale(rows * outputs);
    let parts = output.par_chunks_mut(size * outputs).zip(x.par_chunks(size * inputs));
    parts.with_min_len(least_parts(rows * inputs * outputs, size * inputs * outputs)).for_each(|(output, x)| {
        let rows = output.len() / outputs;
        product(MatrixMut::rows(output, rows, outputs), Matrix::rows(x, rows, inputs), weight, 1.0, false);
        with_instructions(Added { output, bias });
    });
    Some(beside(input, output, &[rows, outputs]))
}

/// A bias added to each row.
struct Added<'a> {
    output: &'a mut [f32],
    bias: &'a [f32],
}

impl Loop for Added<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for row in self.output.chunks_mut(self.bias.len()) {
            for (value, bias) in row.iter_mut().zip(self.bias) {
                *value += bias;
            }
        }
    }
}
