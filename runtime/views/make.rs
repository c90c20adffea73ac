//! Making the given views, on whatever device.

use super::{kernel, source::Source};
use crate::{
    Device, Result, Tensor,
    augment::{self, Transform, View},
    memory,
    rng::Stream,
};

/// The given views as float32 `[rows, 3, height, width]`; see [`augment::apply`] for the draws and their key. On a GPU
/// every pixel agrees with the CPU's within 2/255, except where a threshold of [`augment::Change::Solarize`] other than
/// a half falls between two roundings of a value.
///
/// # Errors
/// Quarter turns that would change the size of the views; an image that does not exist; a device without memory.
pub fn make(
    transform: &dyn Transform,
    source: Source<'_>,
    rows: &[View],
    stream: &Stream,
    step: u64,
    device: &Device,
) -> Result<Tensor> {
    let (size, count) = source.size()?;
    let (height, width) = augment::view_size(transform, size, count, rows)?;
    if device.is_gpu() {
        let recipes = augment::recipes(transform, size, rows, stream, step);
        return kernel::make(source, rows, &recipes, (height, width), device);
    }
    memory::check_room("views", [rows.len(), 3, height, width].iter().fold(4usize, |all, n| all.saturating_mul(*n)))?;
    let made = match source {
        Source::Set(images) => {
            let pixels = augment::Pixels::bytes(images.pixels(), size)?;
            augment::apply(transform, pixels, rows, stream, step)?
        }
        Source::Tensor(tensor) => {
            let floats = tensor.floats()?;
            augment::apply(transform, augment::Pixels::floats(&floats, size)?, rows, stream, step)?
        }
    };
    Tensor::from_floats(made, &[rows.len(), 3, height, width], device)
}
