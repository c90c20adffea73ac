//! Class labels on their way to the host.

use super::Tensor;
use crate::{Error, Result, position::number};

/// Labels of ints from 0, checked against the number of classes.
pub(crate) fn class_labels(op: &'static str, labels: &Tensor, classes: usize) -> Result<Vec<usize>> {
    let checked = labels.ints(op)?.into_iter().map(|label| match usize::try_from(label) {
        Ok(class) if class < classes => Ok(class),
        _ => {
            let range = format!("there are {classes} classes");
            Err(Error::OutOfRange { op, what: "label", got: number(label), range })
        }
    });
    checked.collect()
}
