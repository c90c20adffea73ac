//! Decoupled contrastive learning (Yeh et al., ECCV 2022): SimCLR's loss without the positive pair in the denominator.

use super::similarity::{self, MASKED, equal_pairs, images_of, numbered};
use crate::{
    Result, Tensor,
    options::{Options, options, over},
};

options! {
    /// Options of `mb.loss.dcl`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct DclOptions {
        /// Divides the cosines.
        pub temperature: f64 = 0.1, in over(0.0);
    }
    /// Options of `mb.loss.dclw`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct DclwOptions {
        /// Divides the cosines of positive pairs in their weights.
        pub sigma: f64 = 0.5, in over(0.0);
        ..common: DclOptions;
    }
}

const VIEWS: usize = 2;

/// For view-major embeddings `[2 · B, d]`, normalised: the mean over rows of −cos / τ with the other view of the image,
/// plus the logarithm of the sum of exp(cos / τ) with all rows of other images.
///
/// # Errors
/// Embeddings that are not float rows; an odd number of rows; one image; a temperature that is not over 0.
pub fn dcl(z: &Tensor, options: DclOptions) -> Result<Tensor> {
    decoupled("dcl", z, options, None)
}

/// As [`dcl`], each positive pair weighed by 2 − exp(cos / σ) / mean exp(cos / σ): pairs that are apart count more. Errors
/// as there; a sigma that is not over 0.
pub fn dclw(z: &Tensor, options: DclwOptions) -> Result<Tensor> {
    const OP: &str = "dclw";
    options.check(OP)?;
    decoupled(OP, z, options.common, Some(options.sigma))
}

fn decoupled(op: &'static str, z: &Tensor, options: DclOptions, sigma: Option<f64>) -> Result<Tensor> {
    options.check(op)?;
    let images = images_of(op, z, VIEWS)?;
    let unit = z.normalize(1)?;
    let pair = unit.slice(0, 0, images)?.mul(&unit.slice(0, images, VIEWS * images)?)?.sum(Some(1), false)?;
    let mut positive = pair.div_scalar(options.temperature)?;
    if let Some(sigma) = sigma {
        // exp / mean exp is the softmax times the number of pairs.
        let share = pair.div_scalar(sigma)?.softmax(0)?.mul_scalar(images as f64)?;
        positive = positive.mul(&share.neg()?.add_scalar(2.0)?)?;
    }
    let of_image = equal_pairs(&numbered(VIEWS * images, z, |row| row % images)?)?;
    let negatives =
        similarity::logits(z, options.temperature)?.masked_fill(&of_image, MASKED)?.logsumexp(Some(1), false)?;
    negatives.mean(None, false)?.sub(&positive.mean(None, false)?)
}
