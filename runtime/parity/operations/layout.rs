//! Moving values without changing them.

use super::operation::{LARGE, differentiable, unary};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        tolerance::{ARITHMETIC, EXACT, SUM},
    },
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
