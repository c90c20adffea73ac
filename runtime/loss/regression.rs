//! Losses of numbers beside the numbers that they should be.

use super::{ReductionOptions, operands::want_same_shape};
use crate::{
    Result, Tensor,
    options::{Options, options, over},
};

options! {
    /// Options of `mb.loss.huber`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct HuberOptions {
        /// Where the square goes over into a line.
        pub delta: f64 = 1.0, in over(0.0);
        ..common: ReductionOptions;
    }
    /// Options of `mb.loss.smooth_l1`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SmoothL1Options {
        /// Where the square goes over into a line; 0 is the L1 loss.
        pub beta: f64 = 1.0, in 0.0..;
        ..common: ReductionOptions;
    }
}

/// (x − y)².
///
/// # Errors
/// An input that is not float; shapes that differ.
pub fn mse(input: &Tensor, target: &Tensor, options: ReductionOptions) -> Result<Tensor> {
    options.reduction.of(&difference("mse", input, target)?.square()?)
}

/// |x − y|. Errors as [`mse`].
pub fn l1(input: &Tensor, target: &Tensor, options: ReductionOptions) -> Result<Tensor> {
    options.reduction.of(&difference("l1", input, target)?.abs()?)
}

/// d² / 2 of a difference d up to delta, and delta · (|d| − delta / 2) beyond (Huber 1964).
///
/// # Errors
/// As [`mse`]; a delta that is not over 0.
pub fn huber(input: &Tensor, target: &Tensor, options: HuberOptions) -> Result<Tensor> {
    const OP: &str = "huber";
    options.check(OP)?;
    options.common.reduction.of(&bent(&difference(OP, input, target)?, options.delta)?)
}

/// Huber's loss divided by beta: d² / 2 beta up to beta, |d| − beta / 2 beyond (Girshick, Fast R-CNN, 2015).
///
/// # Errors
/// As [`mse`]; a beta under 0.
pub fn smooth_l1(input: &Tensor, target: &Tensor, options: SmoothL1Options) -> Result<Tensor> {
    const OP: &str = "smooth_l1";
    options.check(OP)?;
    let difference = difference(OP, input, target)?;
    let losses = match options.beta {
        0.0 => difference.abs()?,
        beta => bent(&difference, beta)?.div_scalar(beta)?,
    };
    options.common.reduction.of(&losses)
}

fn difference(op: &'static str, input: &Tensor, target: &Tensor) -> Result<Tensor> {
    input.want_float(op)?;
    want_same_shape(op, input, target)?;
    input.sub(target)
}

/// q · (d − q / 2) with q between −bend and bend, which never squares what is large.
fn bent(difference: &Tensor, bend: f64) -> Result<Tensor> {
    let near = difference.clamp(-bend, bend)?;
    near.mul(&difference.sub(&near.mul_scalar(0.5)?)?)
}
