//! Precision, recall and F1, of each class and averaged.

use super::{ConfusionOptions, predictions::Pairs};
use crate::{
    Result, Tensor, memory,
    options::{choices, options},
};

choices! {
    /// What a score is the mean over.
    pub enum ScoreAverage of "metric" "average" {
        /// The classes that are among the labels or the predictions.
        #[default]
        Macro = "macro",
        /// All rows.
        Micro = "micro",
        /// The classes, by the number of their rows.
        Weighted = "weighted",
    }
}

options! {
    /// Options of a score of classes.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ScoreOptions {
        /// The mean over classes ("macro"; those that are neither labels nor predictions do not count), over rows
        /// ("micro"), or over classes by the number of their rows ("weighted").
        pub average: ScoreAverage = ScoreAverage::Macro;
        ..of: ConfusionOptions;
    }
}

/// What is told of each class, 0 where it would be 0 / 0.
pub struct Shares {
    /// How much of what was predicted as the class is of it, `[C]`.
    pub precision: Tensor,
    /// How much of the class was predicted as it, `[C]`.
    pub recall: Tensor,
    /// Their harmonic mean, `[C]`.
    pub f1: Tensor,
    /// The number of rows of the class, ints `[C]`.
    pub support: Tensor,
}

/// Precision, recall and F1 of each class.
///
/// # Errors
/// As [`super::confusion_matrix`].
pub fn precision_recall_f1(predictions: &Tensor, labels: &Tensor, options: ConfusionOptions) -> Result<Shares> {
    const OP: &str = "precision_recall_f1";
    let classes = of_classes(OP, predictions, labels, options)?;
    let (count, device) = (classes.len(), labels.device());
    let floats = |of: fn(&Counts) -> f64| {
        let mut values = memory::list(OP, count)?;
        values.extend(classes.iter().map(|class| of(class) as f32));
        Tensor::from_floats(values, &[count], device)
    };
    let mut support = memory::list(OP, count)?;
    support.extend(classes.iter().map(|class| class.labels as i32));
    Ok(Shares {
        precision: floats(Counts::precision)?,
        recall: floats(Counts::recall)?,
        f1: floats(Counts::f1)?,
        support: Tensor::from_ints(support, &[count], device)?,
    })
}

/// The precision, averaged. Errors as [`precision_recall_f1`].
pub fn precision(predictions: &Tensor, labels: &Tensor, options: ScoreOptions) -> Result<f64> {
    averaged("precision", predictions, labels, options, Counts::precision)
}

/// The recall, averaged. Errors as [`precision_recall_f1`].
pub fn recall(predictions: &Tensor, labels: &Tensor, options: ScoreOptions) -> Result<f64> {
    averaged("recall", predictions, labels, options, Counts::recall)
}

/// F1, averaged. Errors as [`precision_recall_f1`].
pub fn f1(predictions: &Tensor, labels: &Tensor, options: ScoreOptions) -> Result<f64> {
    averaged("f1", predictions, labels, options, Counts::f1)
}

/// Of one class: how often it was predicted rightly, how often predicted, how often meant.
#[derive(Clone, Copy, Default)]
struct Counts {
    right: f64,
    predicted: f64,
    labels: f64,
}

impl Counts {
    fn precision(&self) -> f64 {
        of(self.right, self.predicted)
    }

    fn recall(&self) -> f64 {
        of(self.right, self.labels)
    }

    fn f1(&self) -> f64 {
        of(2.0 * self.right, self.predicted + self.labels)
    }
}

fn of(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

fn of_classes(
    op: &'static str,
    predictions: &Tensor,
    labels: &Tensor,
    options: ConfusionOptions,
) -> Result<Vec<Counts>> {
    let found = Pairs::read(op, predictions, labels, options.ignore_index)?;
    let classes = found.classes(op, options.classes)?;
    let mut counts = memory::list(op, classes)?;
    counts.resize(classes, Counts::default());
    for (predicted, label) in found.pairs {
        counts[label].labels += 1.0;
        counts[predicted].predicted += 1.0;
        if predicted == label {
            counts[label].right += 1.0;
        }
    }
    Ok(counts)
}

fn averaged(
    op: &'static str,
    predictions: &Tensor,
    labels: &Tensor,
    options: ScoreOptions,
    score: fn(&Counts) -> f64,
) -> Result<f64> {
    let classes = of_classes(op, predictions, labels, options.of)?;
    let mean = |weight: fn(&Counts) -> f64| {
        let whole: f64 = classes.iter().map(weight).sum();
        of(classes.iter().map(|class| weight(class) * score(class)).sum(), whole)
    };
    Ok(match options.average {
        ScoreAverage::Macro => mean(|class| f64::from(u8::from(class.predicted + class.labels > 0.0))),
        ScoreAverage::Weighted => mean(|class| class.labels),
        ScoreAverage::Micro => score(&classes.iter().fold(Counts::default(), |sum, class| Counts {
            right: sum.right + class.right,
            predicted: sum.predicted + class.predicted,
            labels: sum.labels + class.labels,
        })),
    })
}
