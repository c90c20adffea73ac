//! Losses that are 0 beyond a margin: of rankings, of signs, of classes.

use super::{
    ReductionOptions,
    classes::{Picked, class_weights, wants_scores},
    operands::{signs, want_same_shape},
};
use crate::{
    Result, Tensor,
    options::{Options, options},
};

options! {
    /// Options of `mb.loss.margin_ranking`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct MarginRankingOptions {
        /// By how much the one should be over the other.
        pub margin: f64 = 0.0, in ..;
        ..common: ReductionOptions;
    }
    /// Options of `mb.loss.hinge` and `mb.loss.hinge_embedding`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct HingeOptions {
        /// Beyond what there is no loss.
        pub margin: f64 = 1.0, in ..;
        ..common: ReductionOptions;
    }
    /// Options of `mb.loss.multi_margin`.
    #[derive(Clone)]
    pub struct MultiMarginOptions {
        /// The power of each difference.
        pub p: u64 = 1, in 1..=2;
        /// By how much the score of the label should be over any other.
        pub margin: f64 = 1.0, in ..;
        /// A weight for each class, [C].
        pub weight: Option<Tensor> = None;
        ..common: ReductionOptions;
    }
}

/// max(0, −y · (x₁ − x₂) + margin): y is 1 where the first should be larger, else −1.
///
/// # Errors
/// Inputs that are not float; shapes that differ; a target that is not 1 or −1.
pub fn margin_ranking(
    input1: &Tensor,
    input2: &Tensor,
    target: &Tensor,
    options: MarginRankingOptions,
) -> Result<Tensor> {
    const OP: &str = "margin_ranking";
    options.check(OP)?;
    input1.want_float(OP)?;
    input2.want_float(OP)?;
    want_same_shape(OP, input1, input2)?;
    want_same_shape(OP, input1, target)?;
    let short = signs(OP, input1, target)?.mul(&input2.sub(input1)?)?.add_scalar(options.margin)?;
    options.common.reduction.of(&short.clamp_min(0.0)?)
}

/// max(0, margin − y · x) of scores and signs y: the loss of a support vector machine.
///
/// # Errors
/// An input that is not float; shapes that differ; a target that is not 1 or −1.
pub fn hinge(input: &Tensor, target: &Tensor, options: HingeOptions) -> Result<Tensor> {
    const OP: &str = "hinge";
    options.check(OP)?;
    input.want_float(OP)?;
    want_same_shape(OP, input, target)?;
    let short = signs(OP, input, target)?.mul(input)?.neg()?.add_scalar(options.margin)?;
    options.common.reduction.of(&short.clamp_min(0.0)?)
}

/// x where y is 1, and max(0, margin − x) where it is −1, of distances x. Errors as [`hinge`].
pub fn hinge_embedding(input: &Tensor, target: &Tensor, options: HingeOptions) -> Result<Tensor> {
    const OP: &str = "hinge_embedding";
    options.check(OP)?;
    input.want_float(OP)?;
    want_same_shape(OP, input, target)?;
    let is_near = signs(OP, input, target)?.gt_scalar(0.0)?;
    let short = input.neg()?.add_scalar(options.margin)?.clamp_min(0.0)?;
    options.common.reduction.of(&Tensor::select_where(&is_near, input, &short)?)
}

/// Σ max(0, margin − x_y + x_c)ᵖ / C over the other classes c, of scores `[N, C]` and labels `[N]` that count from 0.
///
/// # Errors
/// Scores that are not a float matrix; labels that are not one int per row, or name a class that is not there; weights
/// that are not [C]; a p other than 1 and 2.
pub fn multi_margin(input: &Tensor, labels: &Tensor, options: &MultiMarginOptions) -> Result<Tensor> {
    const OP: &str = "multi_margin";
    options.check(OP)?;
    input.want_float(OP)?;
    let &[_, classes] = input.shape() else { return Err(wants_scores(OP, input)) };
    let picked = Picked::new(OP, input, labels, None)?;
    let short = input.sub(&picked.of(input)?.unsqueeze(1)?)?.add_scalar(options.margin)?.clamp_min(0.0)?;
    let powers = if options.p == 2 { short.square()? } else { short };
    let mut losses = powers.masked_fill(&picked.other.logical_not()?, 0.0)?.sum(Some(1), false)?;
    if let Some(weight) = &options.weight {
        losses = losses.mul(&picked.of(&class_weights(OP, weight, input)?)?)?;
    }
    options.common.reduction.of(&losses.div_scalar(classes as f64)?)
}
