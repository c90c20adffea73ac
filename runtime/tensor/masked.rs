//! Reading and writing where a mask is true.

use super::{Elements, Kind, Tensor, shape};
use crate::{Error, Result, memory};

impl Tensor {
    /// The elements where the mask is true, in row-major order: `[count]`. The shapes broadcast. Reads the mask.
    ///
    /// # Errors
    /// A mask that is not bool; shapes that differ.
    pub fn masked_select(&self, mask: &Self) -> Result<Self> {
        let (own, places) = self.masking("masked_select", mask)?;
        own.taken(&places, &[places.len()])
    }

    /// The elements of the source, in row-major order, where the mask is true; self elsewhere. Self and the mask
    /// broadcast. Reads the mask.
    ///
    /// # Errors
    /// A mask that is not bool; shapes that differ; fewer elements than the mask has true ones; a float source for an int
    /// tensor.
    pub fn masked_scatter(&self, mask: &Self, source: &Self) -> Result<Self> {
        const OP: &str = "masked_scatter";
        let (own, places) = self.masking(OP, mask)?;
        if source.len() < places.len() {
            let want = format!("a source of at least {} elements, as many as the mask takes", places.len());
            return Err(Error::Shape { op: OP.into(), want, got: source.shape().to_vec() });
        }
        if places.is_empty() {
            return Ok(own);
        }
        own.overwritten(OP, places.clone(), &source.flat()?.slice(0, 0, places.len())?)
    }

    /// Self and the mask in one shape: self, and where the mask is true.
    fn masking(&self, op: &'static str, mask: &Self) -> Result<(Self, Vec<usize>)> {
        let shape = shape::broadcast(op, self.shape(), mask.shape())?;
        Ok((self.expand(&shape)?, mask.expand(&shape)?.true_places(op)?))
    }

    /// The places of the elements that are true.
    pub(super) fn true_places(&self, op: &'static str) -> Result<Vec<usize>> {
        match self.elements()? {
            Elements::Bool(truths) => {
                let count = truths.iter().filter(|is_true| **is_true).count();
                let mut places = memory::list(op, count)?;
                places.extend((0..truths.len()).filter(|place| truths[*place]));
                Ok(places)
            }
            _ => Err(Error::Kind { op, want: Kind::Bool.name(), got: self.kind().name() }),
        }
    }
}
