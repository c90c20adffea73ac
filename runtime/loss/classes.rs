//! Labels of rows as the classes that they pick, and losses of logarithms of probabilities at them.

use super::Reduction;
use crate::{
    Error, Result, Tensor,
    position::number,
    tensor::{Kind, format_shape},
};

/// What labels pick of scores `[N, C, d1, …]`.
pub(super) struct Picked {
    /// Where the scores are those of other classes, or of rows that are left out.
    pub(super) other: Tensor,
    /// Which rows are left out, `[N, 1, d1, …]`; none where no row is.
    pub(super) ignored: Option<Tensor>,
    /// How many rows count.
    pub(super) counted: usize,
}

impl Picked {
    /// Reads labels `[N, d1, …]` that count from 0 from the device, to check them. Rows of the label `ignore` are left
    /// out.
    ///
    /// # Errors
    /// Labels that are not ints of that shape, or name a class that is not there.
    pub(super) fn new(op: &'static str, scores: &Tensor, labels: &Tensor, ignore: Option<i64>) -> Result<Self> {
        if labels.kind() != Kind::Int {
            return Err(Error::Kind { op, want: Kind::Int.name(), got: labels.dtype().name() });
        }
        let [rows, classes, rest @ ..] = scores.shape() else { return Err(wants_scores(op, scores)) };
        let shape = [&[*rows], rest].concat();
        if labels.shape() != shape {
            let want = format!("wants {} labels {}", shape.iter().product::<usize>(), format_shape(&shape));
            return Err(Error::Shape { op: op.into(), want, got: labels.shape().to_vec() });
        }
        let mut counted = 0;
        for label in labels.longs(op)? {
            match usize::try_from(label) {
                _ if Some(label) == ignore => {}
                Ok(class) if class < *classes => counted += 1,
                _ => {
                    let range = format!("there are {classes} classes");
                    return Err(Error::OutOfRange { op, what: "label", got: number(label), range });
                }
            }
        }
        let own = labels.unsqueeze(1)?;
        let columns = Tensor::arange(0, *classes as i32 - 1, 1, scores.device())?;
        let mut other = own.ne(&columns.reshape(&along_classes(scores))?)?;
        let ignored = match ignore.filter(|_| counted < labels.len()) {
            Some(ignore) => Some(own.eq_scalar(ignore as f64)?),
            None => None,
        };
        if let Some(ignored) = &ignored {
            other = other.logical_or(ignored)?;
        }
        Ok(Self { other, ignored, counted })
    }

    /// What the labels pick, `[N, d1, …]`; 0 for rows that are left out.
    pub(super) fn of(&self, scores: &Tensor) -> Result<Tensor> {
        scores.masked_fill(&self.other, 0.0)?.sum(Some(1), false)
    }
}

pub(super) fn wants_scores(op: &'static str, scores: &Tensor) -> Error {
    Error::Shape { op: op.into(), want: "wants logits [rows, classes]".into(), got: scores.shape().to_vec() }
}

/// [1, C, 1, …].
fn along_classes(scores: &Tensor) -> Vec<usize> {
    (0..scores.rank()).map(|dim| if dim == 1 { scores.shape()[1] } else { 1 }).collect()
}

/// Weights of classes `[C]` over scores `[N, C, d1, …]`.
pub(super) fn class_weights(op: &'static str, weight: &Tensor, scores: &Tensor) -> Result<Tensor> {
    weight.want_float(op)?;
    let classes = scores.shape()[1];
    if weight.shape() != [classes] {
        let want = format!("a weight for each of the {classes} classes, [{classes}]");
        return Err(Error::argument(op, "weight", want, format!("shape {}", format_shape(weight.shape()))));
    }
    weight.reshape(&along_classes(scores))?.expand(scores.shape())
}

/// How losses at labels are weighed.
pub(super) struct Weighing<'a> {
    pub(super) weight: Option<&'a Tensor>,
    pub(super) ignore: i64,
    pub(super) smoothing: f64,
    pub(super) reduction: Reduction,
}

/// Losses −ln p at labels, where `losses` are −ln p of all classes `[N, C, d1, …]`: (1 − ε) times that at the label and ε
/// times the mean over all classes. The mean is over the weights of the classes at the labels.
pub(super) fn at_labels(op: &'static str, losses: &Tensor, labels: &Tensor, by: &Weighing<'_>) -> Result<Tensor> {
    let picked = Picked::new(op, losses, labels, Some(by.ignore))?;
    let weights = by.weight.map(|weight| class_weights(op, weight, losses)).transpose()?;
    let weighed = weights.as_ref().map_or(Ok(losses.clone()), |weights| losses.mul(weights))?;
    let mut found = picked.of(&weighed)?;
    if by.smoothing > 0.0 {
        let even = weighed.mean(Some(1), true)?;
        let even = picked.ignored.as_ref().map_or(Ok(even.clone()), |ignored| even.masked_fill(ignored, 0.0))?;
        found = found.mul_scalar(1.0 - by.smoothing)?.add(&even.squeeze(Some(1))?.mul_scalar(by.smoothing)?)?;
    }
    match (by.reduction, weights) {
        (Reduction::Mean, Some(weights)) => found.sum(None, false)?.div(&picked.of(&weights)?.sum(None, false)?),
        (Reduction::Mean, None) => found.sum(None, false)?.div_scalar(picked.counted as f64),
        (reduction, _) => reduction.of(&found),
    }
}
