//! How often which class was predicted for which.

use super::predictions::Pairs;
use crate::{Result, Tensor, memory, options::options};

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
/// class that is not there; no room for the counts.
pub fn confusion_matrix(predictions: &Tensor, labels: &Tensor, options: ConfusionOptions) -> Result<Tensor> {
    const OP: &str = "confusion_matrix";
    let found = Pairs::read(OP, predictions, labels, options.ignore_index)?;
    let classes = found.classes(OP, options.classes)?;
    let cells = classes.saturating_mul(classes);
    let mut counts: Vec<i32> = memory::list(OP, cells)?;
    counts.resize(cells, 0);
    for (predicted, label) in &found.pairs {
        counts[label * classes + predicted] += 1;
    }
    Tensor::from_ints(counts, &[classes, classes], labels.device())
}
