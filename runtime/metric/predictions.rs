//! Labels and what was predicted for them, read from the device and checked.

use crate::{
    Error, Result, Tensor,
    position::number,
    tensor::{Kind, format_shape},
};

/// Pairs of a predicted class and a label, both from 0; and the number of classes where scores tell it.
pub(super) struct Pairs {
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) classes: Option<usize>,
}

impl Pairs {
    /// Predictions are scores `[N, C, d1, …]`, whose largest counts, or ints of the labels' shape `[N, d1, …]`.
    ///
    /// # Errors
    /// Predictions that are neither; labels that are not ints; a class under the first, or beyond those of the scores.
    pub(super) fn read(op: &'static str, predictions: &Tensor, labels: &Tensor, ignore: i64) -> Result<Self> {
        want_ints(op, labels)?;
        let (predicted, classes) = match predictions.kind() {
            Kind::Float => {
                let shape = predictions.shape();
                if shape.len() < 2 || shape[1] == 0 {
                    let want = "wants scores [rows, classes], or ints of predicted classes".into();
                    return Err(Error::Shape { op: op.into(), want, got: shape.to_vec() });
                }
                (predictions.detach().argmax(1, false)?, Some(shape[1]))
            }
            Kind::Int => (predictions.clone(), None),
            Kind::Bool => return Err(Error::Kind { op, want: "int32", got: predictions.dtype().name() }),
        };
        if predicted.shape() != labels.shape() {
            let want = format!("wants labels {}, as the predictions", format_shape(predicted.shape()));
            return Err(Error::Shape { op: op.into(), want, got: labels.shape().to_vec() });
        }
        let mut pairs = Vec::new();
        for (predicted, label) in predicted.longs(op)?.into_iter().zip(labels.longs(op)?) {
            if label != ignore {
                let label = class(op, "label", label, classes)?;
                pairs.push((class(op, "predicted class", predicted, classes)?, label));
            }
        }
        Ok(Self { pairs, classes })
    }

    /// The number of classes: as asked for, as the scores have, or up to the largest there is.
    ///
    /// # Errors
    /// A class beyond those asked for.
    pub(super) fn classes(&self, op: &'static str, asked: Option<usize>) -> Result<usize> {
        let largest = self.pairs.iter().map(|(predicted, label)| predicted.max(label) + 1).max().unwrap_or(0);
        match asked {
            Some(asked) if largest > asked => {
                let labels = self.pairs.iter().map(|(_, label)| label + 1).max().unwrap_or(0);
                let (what, got) = if labels > asked { ("label", labels) } else { ("predicted class", largest) };
                Err(beyond(op, what, number(got - 1), asked))
            }
            Some(asked) => Ok(asked),
            None => Ok(self.classes.unwrap_or(largest)),
        }
    }
}

pub(super) fn want_ints(op: &'static str, labels: &Tensor) -> Result<()> {
    if labels.kind() == Kind::Int {
        return Ok(());
    }
    Err(Error::Kind { op, want: Kind::Int.name(), got: labels.dtype().name() })
}

/// A class from 0 of what was read.
pub(super) fn class(op: &'static str, what: &'static str, found: i64, classes: Option<usize>) -> Result<usize> {
    match usize::try_from(found) {
        Ok(class) if classes.is_none_or(|classes| class < classes) => Ok(class),
        _ => Err(match classes {
            Some(classes) => beyond(op, what, number(found), classes),
            None => Error::OutOfRange { op, what, got: number(found), range: "classes count from 1".into() },
        }),
    }
}

fn beyond(op: &'static str, what: &'static str, got: i64, classes: usize) -> Error {
    Error::OutOfRange { op, what, got, range: format!("there are {classes} classes") }
}
