//! How many predictions are right: of all, of each class, among the best few.

use super::predictions::{Pairs, class, want_ints};
use crate::{
    Error, Result, Tensor, memory,
    options::{choices, options},
    tensor::{Kind, format_shape},
};

choices! {
    /// What an accuracy is the mean over.
    pub enum Averaged of "accuracy" "average" {
        /// All rows.
        #[default]
        Micro = "micro",
        /// The classes that have rows, each with the share of its own: the balanced accuracy.
        Macro = "macro",
    }
}

options! {
    /// Options of `mb.metric.accuracy`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct AccuracyOptions {
        /// "micro": the share of all rows that are right. "macro": the mean over the classes that have rows.
        pub average: Averaged = Averaged::Micro;
        /// Rows with this label are left out.
        pub ignore_index: i64 = -100;
    }
}

/// The share of predictions that are right, NaN of none.
///
/// # Errors
/// Predictions that are neither scores `[N, C, …]` nor ints of the labels' shape; labels that are not ints, or name a
/// class that is not there.
pub fn accuracy(predictions: &Tensor, labels: &Tensor, options: AccuracyOptions) -> Result<f64> {
    const OP: &str = "accuracy";
    let found = Pairs::read(OP, predictions, labels, options.ignore_index)?;
    match options.average {
        Averaged::Micro => Ok(share(&found.pairs)),
        Averaged::Macro => {
            let own = by_class(OP, &found.pairs, found.classes(OP, None)?)?;
            let own: Vec<f64> = own.into_iter().filter(|share| !share.is_nan()).collect();
            Ok(own.iter().sum::<f64>() / own.len() as f64)
        }
    }
}

/// For each class the share of its rows that are right, NaN for one without rows: `[C]`.
///
/// # Errors
/// As [`accuracy`]; a class beyond those asked for.
pub fn class_accuracy(predictions: &Tensor, labels: &Tensor, options: super::ConfusionOptions) -> Result<Tensor> {
    const OP: &str = "class_accuracy";
    let found = Pairs::read(OP, predictions, labels, options.ignore_index)?;
    let shares = by_class(OP, &found.pairs, found.classes(OP, options.classes)?)?;
    let shares: Vec<f32> = shares.into_iter().map(|share| share as f32).collect();
    let count = shares.len();
    Tensor::from_floats(shares, &[count], labels.device())
}

fn share(pairs: &[(usize, usize)]) -> f64 {
    let right = pairs.iter().filter(|(predicted, label)| predicted == label).count();
    right as f64 / pairs.len() as f64
}

fn by_class(op: &str, pairs: &[(usize, usize)], classes: usize) -> Result<Vec<f64>> {
    let mut counts = memory::list(op, classes)?;
    counts.resize(classes, [0.0; 2]);
    for (predicted, label) in pairs {
        counts[*label][0] += f64::from(u8::from(predicted == label));
        counts[*label][1] += 1.0;
    }
    let mut shares = memory::list(op, classes)?;
    shares.extend(counts.into_iter().map(|[right, all]| right / all));
    Ok(shares)
}

/// For each k the share of rows whose label is among the k classes with the largest scores `[N, C]`. Of equal scores the
/// first class counts as larger; a score that is no number ranks last for the label, and first for all others.
///
/// # Errors
/// Scores that are not a float matrix; labels that are not one int per row, or name a class that is not there; a k of 0
/// or of more than the classes.
pub fn top_k_accuracy(scores: &Tensor, labels: &Tensor, ks: &[usize], ignore: i64) -> Result<Vec<f64>> {
    const OP: &str = "top_k_accuracy";
    want_ints(OP, labels)?;
    let &[rows, classes] = scores.shape() else {
        let want = "wants scores [rows, classes]".into();
        return Err(Error::Shape { op: OP.into(), want, got: scores.shape().to_vec() });
    };
    if scores.kind() != Kind::Float {
        return Err(Error::Kind { op: OP, want: "float32", got: scores.dtype().name() });
    }
    if labels.shape() != [rows] {
        let want = format!("wants {rows} labels {}", format_shape(&[rows]));
        return Err(Error::Shape { op: OP.into(), want, got: labels.shape().to_vec() });
    }
    if let Some(k) = ks.iter().find(|k| !(1..=classes).contains(*k)) {
        return Err(Error::argument(OP, "k", format!("from 1 to the {classes} classes"), k));
    }
    let (values, mut ranks) = (scores.detach().doubles()?, Vec::new());
    for (row, label) in labels.longs(OP)?.into_iter().enumerate().filter(|(_, label)| *label != ignore) {
        let label = class(OP, "label", label, Some(classes))?;
        let row = &values[row * classes..][..classes];
        let own = row[label];
        // NaN is less than nothing, and nothing is less than NaN.
        let is_before = |(place, value): (usize, &f64)| !(*value < own || *value == own && place >= label);
        ranks.push(
            row.iter().enumerate().filter(|(place, value)| *place != label && is_before((*place, value))).count(),
        );
    }
    let share = |k: &usize| ranks.iter().filter(|rank| **rank < *k).count() as f64 / ranks.len() as f64;
    Ok(ks.iter().map(share).collect())
}
