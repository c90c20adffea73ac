//! Operations of the CPU device that Burn's own kernels are slow at, or add up too carelessly. Each has Burn's
//! operation as its reference: the results agree up to the rounding errors of Burn's.

mod attention;
mod batch_norm;
mod buffer;
mod convolution;
mod copies;
mod dense;
mod double;
mod elementwise;
mod few;
mod floats;
mod fold;
mod functions;
mod integers;
mod lanes;
mod linear;
mod loops;
mod map;
mod moments;
mod order;
mod own;
mod pair;
mod pooling;
mod reduction;
mod row_norm;
mod rows;
mod softmax;
mod standardise;
#[cfg(test)]
mod threads;
mod walk;

pub(super) use attention::Heads;
pub(super) use batch_norm::normalise;
pub(super) use buffer::Buffer;
pub(super) use convolution::{Geometry, conv2d, gradients as conv2d_gradients};
#[cfg(test)]
pub(crate) use copies::layout_copies;
#[cfg(test)]
pub(super) use copies::note_given;
pub(super) use elementwise::{
    abs, acos, acosh, add, add_number, asin, asinh, atan, atan2, atanh, ceil, cos, cosh, div, div_number, erf, exp,
    floor, gelu, gelu_backward, hypot, log, log1p, mul, mul_number, reciprocal, relu, relu_backward, round, sigmoid,
    sigmoid_backward, sign, sin, sinh, sqrt, sub, sub_number, tan, tanh, trunc,
};
pub(super) use few::arithmetic as arithmetic_of_few;
pub(super) use integers::{Arithmetic, Overflow, arithmetic as int_arithmetic};
pub(super) use linear::linear;
pub(super) use order::{is_channels_last, row_major};
pub(super) use own::{exp2, expm1, fmod, log2, log10, logaddexp, logsigmoid, mish, rsqrt, silu, softplus};
pub(super) use pooling::{Windows, max_pool, means, spread, unpool};
pub(super) use reduction::{Statistic, reduce, sum_over};
pub(super) use row_norm::{normalise_rows, scale_rows, scale_rows_gradients};
pub(super) use rows::lie_as_rows;
pub(super) use softmax::{Softmax, softmax, softmax_gradient};
pub(super) use standardise::Standard;
