//! What becomes of the losses of all elements: their mean, their sum, or each by itself.

use crate::{
    Result, Tensor,
    options::{choices, options},
};

choices! {
    /// What becomes of the losses of all elements.
    pub enum Reduction of "loss" "reduction" {
        /// Their mean, NaN of none.
        #[default]
        Mean = "mean",
        /// Their sum.
        Sum = "sum",
        /// Each by itself.
        Each = "none",
    }
}

options! {
    /// What becomes of the losses of all elements.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ReductionOptions {
        /// Their "mean", their "sum", or "none": each by itself, in a tensor.
        pub reduction: Reduction = Reduction::Mean;
    }
}

impl Reduction {
    /// The losses, reduced.
    pub(super) fn of(self, losses: &Tensor) -> Result<Tensor> {
        match self {
            Self::Mean => losses.mean(None, false),
            Self::Sum => losses.sum(None, false),
            Self::Each => Ok(losses.clone()),
        }
    }
}
