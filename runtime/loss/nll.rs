//! The negative log-likelihood of labels, of logarithms of probabilities.

use super::{
    ReductionOptions,
    classes::{Weighing, at_labels, wants_scores},
};
use crate::{Result, Tensor, options::options};

options! {
    /// Options of `mb.loss.nll`.
    #[derive(Clone)]
    pub struct NllOptions {
        /// A weight for each class, [C]; a mean is over the weights of the labels' classes then.
        pub weight: Option<Tensor> = None;
        /// What has this label is left out, of a mean as well; 0 is no class, and so free for this.
        pub ignore_index: i64 = -100;
        ..common: ReductionOptions;
    }
}

/// −x at the label, of logarithms of probabilities `[N, C, d1, …]` and labels `[N, d1, …]` of ints that count from 0.
///
/// # Errors
/// An input that is not float or has no dim for classes; labels that are not ints of that shape, or name a class that is
/// not there; weights that are not [C].
pub fn nll(input: &Tensor, labels: &Tensor, options: &NllOptions) -> Result<Tensor> {
    const OP: &str = "nll";
    input.want_float(OP)?;
    if input.rank() < 2 {
        return Err(wants_scores(OP, input));
    }
    let by = Weighing {
        weight: options.weight.as_ref(),
        ignore: options.ignore_index,
        smoothing: 0.0,
        reduction: options.common.reduction,
    };
    at_labels(OP, &input.neg()?, labels, &by)
}
