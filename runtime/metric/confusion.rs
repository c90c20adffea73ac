//! How often which class was predicted for which.

use super::predictions::Pairs;
use crate::{Result, Tensor, options::options};

options! {
    /// Options of what counts classes.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ConfusionOptions {
        /// The number of classes; by default those of the scores, or up to the largest label and prediction.
        pub classes: Option<usize> = None;
        /// Rows with this label are left out.
        pub ignore_index: i64 = -100;
    }
}

/// Counts `[C, C]`: row t, column p has how often class p was predicted for label t.
///
/// # Errors
/// Predictions that are neither scores `[N, C, …]` nor ints of the labels' shape; labels that are not ints, or name a
/// class that is not there.
pub fn confusion_matrix(predictions: &Tensor, labels: &Tensor, options: ConfusionOptions) -> Result<Tensor> {
    const OP: &str = "confusion_matrix";
    let found = Pairs::read(OP, predictions, labels, options.ignore_index)?;
    let classes = found.classes(OP, options.classes)?;
    let counts = counts(&found.pairs, classes).into_iter().map(|count| count as i32).collect();
    Tensor::from_ints(counts, &[classes, classes], labels.device())
}

/// The counts, row by row.
pub(super) fn counts(pairs: &[(usize, usize)], classes: usize) -> Vec<u64> {
    let mut counts = vec![0; classes * classes];
    for (predicted, label) in pairs {
        counts[label * classes + predicted] += 1;
    }
    counts
}
