//! Moving values without changing them.

use super::operation::{LARGE, differentiable, unary};
use crate::{
    Result, Tensor,
    options::Pair,
    parity::{
        Case,
        noise::ints,
        tolerance::{ARITHMETIC, EXACT, SUM},
    },
    tensor::{PadMode, PatchOptions},
};

/// A result that is used further, so that a kernel has to read a layout that exists only as strides.
fn used(tensor: &Tensor) -> Result<Tensor> {
    tensor.mul_scalar(2.0)
}

pub(super) fn cases() -> Vec<Case> {
    let range = [-1.0, 1.0];
    vec![
        unary("reshape and flatten", EXACT, &[6, 35, 9], |x| {
            used(&x.reshape(&[35, 54])?.reshape(&[5, 7, 54])?.flatten(0, 1)?)
        }),
        unary("squeeze and unsqueeze", EXACT, &[37, 1, 31], |x| used(&x.squeeze(Some(1))?.unsqueeze(0)?)),
        unary("transpose", EXACT, &LARGE, |x| used(&x.transpose(0, 1)?)),
        unary("permute", EXACT, &[6, 35, 9, 4], |x| used(&x.permute(&[3, 1, 0, 2])?)),
        unary("transposed and plain", ARITHMETIC, &[67, 67], |x| x.transpose(0, 1)?.add(x)?.mul(x)),
        unary("flip", EXACT, &LARGE, |x| used(&x.flip(1)?.flip(0)?)),
        unary("slice with a step", EXACT, &LARGE, |x| used(&x.slice_by(1, 3, 298, 4)?)),
        unary("tile and repeat_interleave", SUM, &[37, 31], |x| {
            used(&x.tile(&[2, 1, 3])?.repeat_interleave(2, Some(1))?)
        }),
        unary("repeat_interleave by counts", SUM, &[37, 31], |x| {
            used(&x.repeat_interleave_by(&ints("counts", &[31], [0, 3], x.device())?, Some(1))?)
        }),
        unary("roll", EXACT, &LARGE, |x| used(&x.roll(&[5, -7], &[0, 1])?)),
        unary("pad", EXACT, &LARGE, |x| used(&x.pad(&[[3, 5], [-2, 1]], PadMode::Constant, 0.5)?)),
        unary("pad by its own elements", SUM, &LARGE, |x| {
            let reflected = x.pad(&[[3, 5], [2, 1]], PadMode::Reflect, 0.0)?;
            used(&reflected.pad(&[[1, 2]], PadMode::Replicate, 0.0)?.pad(&[[4, 0]], PadMode::Circular, 0.0)?)
        }),
        unary("unfold of a dim", SUM, &LARGE, |x| used(&x.unfold(1, 7, 3)?)),
        unary("unfold and fold of images", SUM, &[2, 3, 11, 13], |x| {
            let patches = PatchOptions {
                kernel: Pair([3, 2]),
                stride: Pair([2, 1]),
                padding: Pair([1, 0]),
                dilation: Pair([1, 3]),
            };
            x.im2col(patches)?.mul_scalar(0.5)?.col2im([11, 13], patches)
        }),
        unary("diagonal and diag_embed", EXACT, &[5, 37, 31], |x| used(&x.diagonal(2, [1, 2])?.diag_embed(-1)?)),
        unary("tril and triu", EXACT, &LARGE, |x| used(&x.tril(40)?.triu(-9)?)),
        differentiable("block_diag", EXACT, [(vec![5, 31], range), (vec![32, 7], range)], |inputs| {
            used(&Tensor::block_diag(inputs)?)
        }),
        unary("expand", SUM, &[37, 1, 5], |x| used(&x.expand(&[37, 31, 5])?)),
        unary("slice", EXACT, &LARGE, |x| used(&x.slice(1, 3, 298)?.slice(0, 5, 36)?)),
        differentiable("cat of rows", EXACT, [(vec![5, 301], range), (vec![32, 301], range)], |inputs| {
            used(&Tensor::cat(inputs, 0)?)
        }),
        differentiable("cat of columns", EXACT, [(vec![37, 100], range), (vec![37, 201], range)], |inputs| {
            used(&Tensor::cat(inputs, 1)?)
        }),
        differentiable("stack", EXACT, [(LARGE.to_vec(), range), (LARGE.to_vec(), range)], |inputs| {
            used(&Tensor::stack(inputs, 1)?)
        }),
    ]
}
