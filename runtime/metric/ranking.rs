//! How well scores rank what is true before what is not: the area under the ROC curve, and the average precision.

use super::predictions::{class, want_ints};
use crate::{
    Error, Result, Tensor,
    position::number,
    tensor::{Elements, Kind, format_shape},
};

/// The area under the ROC curve: the probability that a true row has a larger score than an untrue one, where equal scores
/// count half. Of scores `[N]` with truth values, or labels of which the second class is true; or of scores `[N, C]` the
/// mean over classes, each against the rest, with labels `[N]` from 0 or truth values `[N, C]`.
///
/// # Errors
/// Scores that are not float `[N]` or `[N, C]`, or not numbers; labels of another shape; a class without a true or without
/// an untrue row.
pub fn auroc(scores: &Tensor, labels: &Tensor) -> Result<f64> {
    const OP: &str = "auroc";
    over_classes(OP, scores, labels, |truths, scores| {
        let ranks = mid_ranks(scores);
        let true_count = truths.iter().filter(|is_true| **is_true).count() as f64;
        let untrue_count = truths.len() as f64 - true_count;
        let sum: f64 = ranks.iter().zip(truths).filter(|(_, is_true)| **is_true).map(|(rank, _)| rank).sum();
        (sum - true_count * (true_count + 1.0) / 2.0) / (true_count * untrue_count)
    })
}

/// Σ (Rₙ − Rₙ₋₁) · Pₙ over the thresholds at the scores, from the largest on: precision P, recall R. Of scores `[N, C]` the
/// mean over classes, the mean average precision. Scores and labels as of [`auroc`].
///
/// # Errors
/// As [`auroc`]; but a class may be without an untrue row.
pub fn average_precision(scores: &Tensor, labels: &Tensor) -> Result<f64> {
    const OP: &str = "average_precision";
    over_classes(OP, scores, labels, |truths, scores| {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]));
        let all = truths.iter().filter(|is_true| **is_true).count() as f64;
        let (mut right, mut before, mut sum) = (0.0, 0.0, 0.0);
        for (place, row) in order.iter().enumerate() {
            right += f64::from(u8::from(truths[*row]));
            // Rows of one score pass a threshold together.
            if order.get(place + 1).is_none_or(|next| scores[*next] != scores[*row]) {
                sum += (right - before) / all * right / (place as f64 + 1.0);
                before = right;
            }
        }
        sum
    })
}

/// Ranks from 1 upwards; equal scores share the mean of theirs.
fn mid_ranks(scores: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| scores[*one].total_cmp(&scores[*other]));
    let (mut ranks, mut first) = (vec![0.0; scores.len()], 0);
    while first < order.len() {
        let alike = order[first..].iter().take_while(|row| scores[**row] == scores[order[first]]).count();
        let rank = first as f64 + (alike as f64 + 1.0) / 2.0;
        order[first..first + alike].iter().for_each(|row| ranks[*row] = rank);
        first += alike;
    }
    ranks
}

/// The mean over classes of what a function makes of truth values and scores.
fn over_classes(
    op: &'static str,
    scores: &Tensor,
    labels: &Tensor,
    of: impl Fn(&[bool], &[f64]) -> f64,
) -> Result<f64> {
    if scores.kind() != Kind::Float {
        return Err(Error::Kind { op, want: "float32", got: scores.dtype().name() });
    }
    let (rows, classes) = match *scores.shape() {
        [rows] => (rows, 1),
        [rows, classes] if classes > 0 => (rows, classes),
        _ => {
            let want = "wants scores [rows] or [rows, classes]".into();
            return Err(Error::Shape { op: op.into(), want, got: scores.shape().to_vec() });
        }
    };
    let is_true = truths(op, scores, labels)?;
    // Adding 0 makes one zero of both, which are equal.
    let values: Vec<f64> = scores.detach().doubles()?.into_iter().map(|score| score + 0.0).collect();
    if values.iter().any(|score| score.is_nan()) {
        return Err(Error::argument(op, "scores", "numbers", "NaN"));
    }
    let mut sum = 0.0;
    for class in 0..classes {
        let truths: Vec<bool> = (0..rows).map(|row| is_true(row, class)).collect();
        let column: Vec<f64> = (0..rows).map(|row| values[row * classes + class]).collect();
        let needs_both = op == "auroc";
        for (wanted, name) in [(true, "true"), (false, "untrue")] {
            if !truths.contains(&wanted) && (wanted || needs_both) {
                let of = if scores.rank() == 1 { String::new() } else { format!(" of class {}", number(class)) };
                let reason = format!("there is no {name} row{of} among the labels, so it is not defined");
                return Err(Error::State { op, reason });
            }
        }
        sum += of(&truths, &column);
    }
    Ok(sum / classes as f64)
}

/// Whether a row is of a class, or a truth value is set.
fn truths(op: &'static str, scores: &Tensor, labels: &Tensor) -> Result<Box<dyn Fn(usize, usize) -> bool>> {
    let shape = scores.shape();
    if labels.kind() == Kind::Bool {
        want_shape(op, labels, shape)?;
        let Elements::Bool(truths) = labels.elements()? else {
            return Err(Error::Kind { op, want: "bool", got: labels.dtype().name() });
        };
        let classes = shape.get(1).copied().unwrap_or(1);
        return Ok(Box::new(move |row, class| truths[row * classes + class]));
    }
    want_ints(op, labels)?;
    want_shape(op, labels, &shape[..1])?;
    let classes = shape.get(1).copied().unwrap_or(2);
    let labels = labels.longs(op)?.into_iter().map(|label| class(op, "label", label, Some(classes)));
    let labels: Vec<usize> = labels.collect::<Result<_>>()?;
    // Of two classes with one score the second is the true one.
    let is_single = shape.len() == 1;
    Ok(Box::new(move |row, class| labels[row] == if is_single { 1 } else { class }))
}

fn want_shape(op: &'static str, labels: &Tensor, shape: &[usize]) -> Result<()> {
    if labels.shape() == shape {
        return Ok(());
    }
    let want = format!("wants labels {}", format_shape(shape));
    Err(Error::Shape { op: op.into(), want, got: labels.shape().to_vec() })
}
