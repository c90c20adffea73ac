//! Tensors of one length by name: a row of each is an item.

use std::collections::BTreeMap;

use crate::{Error, Result, Tensor, tensor::format_shape};

/// Tensors by name.
pub type Named = BTreeMap<String, Tensor>;

/// Tensors with a row for each item.
#[derive(Clone)]
pub struct Rows {
    tensors: Named,
    len: usize,
}

impl Rows {
    /// Takes tensors as constants.
    ///
    /// # Errors
    /// None; a scalar; tensors of different lengths; a name that no weight's path can have.
    pub fn new(op: &'static str, tensors: Named) -> Result<Self> {
        let mut first: Option<(&str, usize)> = None;
        for (name, tensor) in &tensors {
            if name.is_empty() || name.contains(['.', '\n']) {
                return Err(Error::argument(op, "a name", "without dots and not empty", format!("'{name}'")));
            }
            let Some(len) = tensor.shape().first().copied() else {
                return Err(Error::argument(op, name, "a tensor with a row for each item", "a scalar"));
            };
            let (other, known) = *first.get_or_insert((name, len));
            if len != known {
                let want = format!("of {known} rows, as {other}");
                return Err(Error::argument(op, name, want, format_shape(tensor.shape())));
            }
        }
        let Some((_, len)) = first else {
            return Err(Error::argument(op, "the tensors", "at least one", "none"));
        };
        Ok(Self { len, tensors: tensors.into_iter().map(|(name, tensor)| (name, tensor.detach())).collect() })
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn tensors(&self) -> &Named {
        &self.tensors
    }

    /// The rows at positions.
    pub fn select(&self, positions: &[usize]) -> Result<Named> {
        select(&self.tensors, positions)
    }
}

/// The rows at positions, as slices where they follow one another.
pub fn select(tensors: &Named, positions: &[usize]) -> Result<Named> {
    let first = positions.first().copied().unwrap_or_default();
    let follow = positions.iter().enumerate().all(|(place, position)| *position == first + place);
    let of = |tensor: &Tensor| match follow {
        true => tensor.slice(0, first, first + positions.len()),
        false => {
            let numbers = positions.iter().map(|position| *position as i32).collect();
            tensor.select(0, &Tensor::from_ints(numbers, &[positions.len()], tensor.device())?)
        }
    };
    tensors.iter().map(|(name, tensor)| Ok((name.clone(), of(tensor)?))).collect()
}

/// `x float32 [2], y int32 []`: what an item has.
pub fn describe(tensors: &Named) -> String {
    let of = |(name, tensor): (&String, &Tensor)| {
        format!("{name} {} {}", tensor.dtype(), format_shape(tensor.shape().get(1..).unwrap_or_default()))
    };
    tensors.iter().map(of).collect::<Vec<_>>().join(", ")
}
