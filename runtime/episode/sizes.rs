//! Which rows of an episode are of which size, and how one encoder embeds them all.

use super::{Episode, SameSize};
use crate::{Error, Result, Tensor};

impl Episode {
    /// Crops per class; 0 without any.
    pub fn crops_of_class(&self) -> usize {
        self.crops.as_ref().map_or(0, |crops| crops.views)
    }

    /// Which rows are of which size, in their order: one entry where all are of the same.
    pub fn sizes(&self) -> Vec<SameSize> {
        let of = |images: &Tensor, first: usize, views: usize| {
            let shape = images.shape();
            SameSize { rows: first..first + shape[0], views, height: shape[2], width: shape[3] }
        };
        let large = of(&self.images, 0, self.shots + self.queries);
        let Some(crops) = &self.crops else { return vec![large] };
        let small = of(&crops.images, large.rows.end, crops.views);
        if (small.height, small.width) == (large.height, large.width) {
            return vec![SameSize { rows: 0..small.rows.end, views: self.views_of_class(), ..large }];
        }
        vec![large, small]
    }

    /// What an encoder makes of all rows: it is called once for each size, and what it returns is joined.
    ///
    /// # Errors
    /// What the encoder fails with; another number of rows than it was given; sizes of rows that differ.
    pub fn embed(&self, mut encoder: impl FnMut(Tensor) -> Result<Tensor>) -> Result<Tensor> {
        const OP: &str = "embed";
        let mut embedded = |images: Tensor| {
            let rows = images.shape()[0];
            let embeddings = encoder(images)?;
            if embeddings.shape().first() != Some(&rows) {
                let want = format!("wants an encoder that returns {rows} rows for as many images");
                return Err(Error::Shape { op: OP.into(), want, got: embeddings.shape().to_vec() });
            }
            Ok(embeddings)
        };
        let Some(crops) = &self.crops else { return embedded(self.images.clone()) };
        if self.sizes().len() == 1 {
            return embedded(Tensor::cat(&[self.images.clone(), crops.images.clone()], 0)?);
        }
        let (large, small) = (embedded(self.images.clone())?, embedded(crops.images.clone())?);
        if large.shape()[1..] != small.shape()[1..] {
            return Err(Error::Shapes { op: OP, left: large.shape().to_vec(), right: small.shape().to_vec() });
        }
        Tensor::cat(&[large, small], 0)
    }
}
