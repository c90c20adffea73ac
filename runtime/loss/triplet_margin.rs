//! The loss of triplets: an anchor should be nearer to a positive than to a negative, by a margin.

use super::{ReductionOptions, operands::want_same_shape};
use crate::{
    Error, Result, Tensor,
    options::{Options, options, over},
};

options! {
    /// Options of `mb.loss.triplet_margin`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TripletMarginOptions {
        /// By how much the negative should be farther.
        pub margin: f64 = 1.0, in ..;
        /// The order of the norm of a difference.
        pub p: f64 = 2.0, in over(0.0);
        /// What is added to each difference, so that no distance is 0.
        pub eps: f64 = 1e-6, in 0.0..;
        /// Whether the positive's distance from the negative counts where it is smaller (Balntas et al. 2016).
        pub swap: bool = false;
        ..common: ReductionOptions;
    }
}

/// max(0, d(anchor, positive) − d(anchor, negative) + margin) of vectors along the last dim.
///
/// # Errors
/// Inputs that are not float, or scalars; shapes that differ; a p that is not over 0.
pub fn triplet_margin(
    anchor: &Tensor,
    positive: &Tensor,
    negative: &Tensor,
    options: TripletMarginOptions,
) -> Result<Tensor> {
    const OP: &str = "triplet_margin";
    options.check(OP)?;
    for tensor in [anchor, positive, negative] {
        tensor.want_float(OP)?;
        want_same_shape(OP, anchor, tensor)?;
    }
    let Some(last) = anchor.rank().checked_sub(1) else {
        return Err(Error::Shape { op: OP.into(), want: "wants vectors [..., d]".into(), got: Vec::new() });
    };
    let distance =
        |from: &Tensor, to: &Tensor| from.sub(to)?.add_scalar(options.eps)?.vector_norm(options.p, Some(last), false);
    let near = distance(anchor, positive)?;
    let mut far = distance(anchor, negative)?;
    if options.swap {
        far = far.minimum(&distance(positive, negative)?)?;
    }
    options.common.reduction.of(&near.sub(&far)?.add_scalar(options.margin)?.clamp_min(0.0)?)
}
