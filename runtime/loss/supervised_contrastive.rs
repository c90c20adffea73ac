//! The supervised contrastive loss (Khosla et al., NeurIPS 2020), L_out: the sum over positives is outside of the
//! logarithm.

use super::{
    operands::{rows, wants_rows},
    similarity::{self, MASKED, equal_pairs, numbered},
    triplet::labels_of,
};
use crate::{
    Result, Tensor,
    options::{Options, options, over},
};

options! {
    /// Options of `mb.loss.supervised_contrastive`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SupervisedContrastiveOptions {
        /// Divides the cosines.
        pub temperature: f64 = 0.1, in over(0.0);
    }
}

/// For each row of `[N, d]`, normalised, the mean of −log softmax over the other rows of its class, where the row itself
/// is left out of its softmax; then the mean over rows that have such others, 0 where none has. Labels `[N]` are any
/// ints; of view-major rows `[V·B, d]` they may be those of the B images.
///
/// # Errors
/// Embeddings that are not float rows; labels that are not one int per row or image; a temperature that is not over 0.
pub fn supervised_contrastive(z: &Tensor, labels: &Tensor, options: SupervisedContrastiveOptions) -> Result<Tensor> {
    const OP: &str = "supervised_contrastive";
    options.check(OP)?;
    let [count, _] = rows(OP, z)?;
    let given = labels.len();
    if labels.rank() != 1 || given == 0 && count > 0 || given > 0 && !count.is_multiple_of(given) {
        return Err(wants_rows(OP, format!("wants labels of the {count} rows, or of as many images"), labels));
    }
    // To be checked for what they are; no class is told by its number alone.
    let classes = labels_of(OP, labels, given)?;
    let mut numbers: Vec<i64> = classes.clone();
    numbers.sort_unstable();
    numbers.dedup();
    let class = |row: usize| numbers.partition_point(|known| *known < classes[row % given]);
    if count == 0 {
        return z.sum(None, false);
    }
    let own = equal_pairs(&numbered(count, z, |row| row)?)?;
    let positive = equal_pairs(&numbered(count, z, class)?)?.logical_and(&own.logical_not()?)?;
    let logits = similarity::logits(z, options.temperature)?;
    let log_probabilities = logits.masked_fill(&own, MASKED)?.log_softmax(1)?;
    let sums = log_probabilities.masked_fill(&positive.logical_not()?, 0.0)?.sum(Some(1), false)?;
    let positives = positive.to_dtype(sums.dtype())?.sum(Some(1), false)?;
    let anchors = positives.clamp_max(1.0)?.sum(None, false)?.clamp_min(1.0)?;
    sums.div(&positives.clamp_min(1.0)?)?.sum(None, false)?.div(&anchors)?.neg()
}
