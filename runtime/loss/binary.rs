//! Losses of truth values, each by itself: binary cross-entropy of logits and of probabilities, and the focal loss.

use super::{
    ReductionOptions,
    operands::{over, truths},
};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
};

options! {
    /// Options of `mb.loss.bce`.
    #[derive(Clone)]
    pub struct BceOptions {
        /// What each loss is multiplied by; it broadcasts to the input.
        pub weight: Option<Tensor> = None;
        ..common: ReductionOptions;
    }
    /// Options of `mb.loss.bce_with_logits`.
    #[derive(Clone)]
    pub struct BceWithLogitsOptions {
        /// What each loss is multiplied by; it broadcasts to the input.
        pub weight: Option<Tensor> = None;
        /// What the losses of true elements are multiplied by, such as [C] for inputs [N, C]; it broadcasts to the input.
        pub pos_weight: Option<Tensor> = None;
        ..common: ReductionOptions;
    }
    /// Options of `mb.loss.focal`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct FocalOptions {
        /// The weight of true elements, that of false ones is 1 − alpha; -1 weighs none.
        pub alpha: f64 = 0.25, in -1.0..=1.0;
        /// How much less those count that are right already: the power of 1 − p.
        pub gamma: f64 = 2.0, in 0.0..;
        ..common: ReductionOptions;
    }
}

/// −(y · ln σ(x) + (1 − y) · ln(1 − σ(x))) without overflow.
///
/// # Errors
/// An input that is not float; a target of ints or of another shape; weights that do not broadcast.
pub fn bce_with_logits(input: &Tensor, target: &Tensor, options: &BceWithLogitsOptions) -> Result<Tensor> {
    const OP: &str = "bce_with_logits";
    let target = truths(OP, input, target)?;
    let mut losses = losses_of_logits(OP, input, &target, options.pos_weight.as_ref())?;
    if let Some(weight) = &options.weight {
        losses = losses.mul(&over(OP, "weight", weight, input.shape())?)?;
    }
    options.common.reduction.of(&losses)
}

/// (1 − y) · x − (1 + (w − 1) · y) · ln σ(x) for a weight w of true elements.
fn losses_of_logits(op: &'static str, input: &Tensor, target: &Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
    let untrue = target.neg()?.add_scalar(1.0)?;
    let logarithm = input.logsigmoid()?;
    let logarithm = match weight {
        None => logarithm,
        Some(weight) => {
            let more = over(op, "pos_weight", weight, input.shape())?.sub_scalar(1.0)?;
            logarithm.mul(&more.mul(target)?.add_scalar(1.0)?)?
        }
    };
    untrue.mul(input)?.sub(&logarithm)
}

/// −(y · ln x + (1 − y) · ln(1 − x)) of probabilities; no logarithm is under −100. They are read from the device once,
/// to be checked.
///
/// # Errors
/// As [`bce_with_logits`]; an input that is not from 0 to 1.
pub fn bce(input: &Tensor, target: &Tensor, options: &BceOptions) -> Result<Tensor> {
    const OP: &str = "bce";
    let target = truths(OP, input, target)?;
    if !input.is_empty() {
        let (least, most) = input.detach().aminmax(None, false)?;
        let (least, most) = (least.item()?, most.item()?);
        if !(least >= 0.0 && most <= 1.0) {
            let got = if least >= 0.0 { most } else { least };
            return Err(Error::argument(OP, "input", "probabilities from 0 to 1", got));
        }
    }
    let mut losses = input.binary_cross_entropy(&target)?;
    if let Some(weight) = &options.weight {
        losses = losses.mul(&over(OP, "weight", weight, input.shape())?)?;
    }
    options.common.reduction.of(&losses)
}

/// −α · (1 − p)^γ · ln p, with the probability p = σ(x) of what is true (Lin et al., Focal Loss for Dense Object
/// Detection, 2017).
///
/// # Errors
/// As [`bce_with_logits`]; an alpha that is not from −1 to 1, a gamma under 0.
pub fn focal(input: &Tensor, target: &Tensor, options: FocalOptions) -> Result<Tensor> {
    const OP: &str = "focal";
    options.check(OP)?;
    let target = truths(OP, input, target)?;
    let untrue = target.neg()?.add_scalar(1.0)?;
    // 1 − p by the logistic function of −x, which keeps its digits where p is near 1.
    let missing = target.mul(&input.neg()?.sigmoid()?)?.add(&untrue.mul(&input.sigmoid()?)?)?;
    // A root has no slope at 0, which 1 − p rounds to far out. What is kept from 0 has none either, and no NaN.
    let is_root = options.gamma > 0.0 && options.gamma < 1.0;
    let missing = if is_root { missing.clamp_min(f64::from(f32::MIN_POSITIVE))? } else { missing };
    let losses = losses_of_logits(OP, input, &target, None)?.mul(&missing.pow_scalar(options.gamma)?)?;
    if options.alpha < 0.0 {
        return options.common.reduction.of(&losses);
    }
    let weights = target.mul_scalar(options.alpha)?.add(&untrue.mul_scalar(1.0 - options.alpha)?)?;
    options.common.reduction.of(&losses.mul(&weights)?)
}
