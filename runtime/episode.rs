//! An episode: one task. Here every image is a class and its augmented views are the shots (Ni et al. 2022,
//! Algorithm 1). Layout everywhere: view-major, rows kB+1 … (k+1)B are view k+1 of images 1 … B.

use crate::{
    Device, Result, Tensor,
    augment::{self, Images, Transform},
    data::Batch,
};

/// One task: augmented views of a batch of images.
#[derive(Clone)]
pub struct Episode {
    /// Floats in 0..1, [V·B, 3, H, W], view-major.
    pub images: Tensor,
    /// The class of each image in its data set, from 0: int [B]. Not used by self-supervised losses.
    pub labels: Tensor,
    /// The number of classes of the task, B: every image is one.
    pub ways: usize,
    /// The number of views per image, V.
    pub views: usize,
}

impl Episode {
    /// V augmented views of each image of a batch. A view is a function of the seed, the data set's name, the epoch,
    /// the image's position in the set and the view's number, and of nothing else.
    ///
    /// # Errors
    /// No views, or more than 65,535.
    pub fn views(batch: &Batch, transform: &dyn Transform, views: usize, device: &Device) -> Result<Self> {
        let size = (batch.images.height(), batch.images.width());
        let source = Images::bytes(batch.images.pixels(), size)?;
        let made = augment::views(transform, source, &batch.picks, &batch.stream, batch.epoch, views)?;
        let (height, width) = transform.output_size(size);
        let shape = [views * batch.len(), 3, height, width];
        let images = Tensor::from_floats(made, &shape, device)?;
        Ok(Self { images, labels: batch.labels(device)?, ways: batch.len(), views })
    }

    /// The pixels of the first images, a row per view and a column per image, with their height and width.
    ///
    /// # Errors
    /// The device failed.
    pub fn sheet(&self, columns: usize) -> Result<(Vec<f32>, usize, usize)> {
        let shape = self.images.shape();
        let (height, width) = (shape[2], shape[3]);
        let plane = 3 * height * width;
        let values = self.images.floats()?;
        let columns = columns.min(self.ways);
        let rows = values.chunks_exact(self.ways * plane);
        Ok((rows.flat_map(|view| view[..columns * plane].iter().copied()).collect(), height, width))
    }
}
