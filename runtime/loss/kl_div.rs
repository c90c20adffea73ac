//! The divergence of Kullback and Leibler.

use super::operands::want_same_shape;
use crate::{
    Result, Tensor,
    options::{choices, options},
};

choices! {
    /// What becomes of the terms of a divergence.
    pub enum KlReduction of "kl_div" "reduction" {
        /// Their mean, over classes as well.
        #[default]
        Mean = "mean",
        /// Their sum, divided by the rows: the divergence.
        BatchMean = "batchmean",
        /// Their sum.
        Sum = "sum",
        /// Each by itself.
        Each = "none",
    }
}

options! {
    /// Options of `mb.loss.kl_div`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct KlDivOptions {
        /// "mean" of all terms, "batchmean": their sum divided by the first dim, which is the divergence; "sum", or "none".
        pub reduction: KlReduction = KlReduction::Mean;
        /// Whether the target is of logarithms as well.
        pub log_target: bool = false;
    }
}

/// y · (ln y − x) of logarithms of probabilities x and probabilities y, or of their logarithms.
///
/// # Errors
/// Tensors that are not float; shapes that differ.
pub fn kl_div(input: &Tensor, target: &Tensor, options: KlDivOptions) -> Result<Tensor> {
    const OP: &str = "kl_div";
    input.want_float(OP)?;
    target.want_float(OP)?;
    want_same_shape(OP, input, target)?;
    let terms = match options.log_target {
        true => target.exp()?.mul(&target.sub(input)?)?,
        false => target.xlogy(target)?.sub(&target.mul(input)?)?,
    };
    match options.reduction {
        KlReduction::Mean => terms.mean(None, false),
        KlReduction::BatchMean => {
            let rows = input.shape().first().copied().unwrap_or(1);
            terms.sum(None, false)?.div_scalar(rows as f64)
        }
        KlReduction::Sum => terms.sum(None, false),
        KlReduction::Each => Ok(terms),
    }
}
