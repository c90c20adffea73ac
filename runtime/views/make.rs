//! Making the given views, on whatever device.

use super::{kernel, source::Source};
use crate::{
    Device, Result, Tensor,
    augment::{self, Pixels, Transform, View},
    memory,
    rng::Stream,
};

/// What makes views of images: a transform, or transforms with something else between them.
pub trait Augment {
    /// The given views as float32 `[rows, channels, height, width]`. The draws of a view are keyed by `step`, its image,
    /// turn and number, not by its place among the others.
    ///
    /// # Errors
    /// As [`make`]; what stands between transforms fails.
    fn views(&self, source: Source<'_>, rows: &[View], stream: &Stream, step: u64, device: &Device) -> Result<Tensor>;
}

impl<T: Transform> Augment for T {
    fn views(&self, source: Source<'_>, rows: &[View], stream: &Stream, step: u64, device: &Device) -> Result<Tensor> {
        make(self, source, rows, stream, step, device)
    }
}

/// The given views as float32 `[rows, channels, height, width]`; see [`augment::apply`] for the draws and their key. On
/// a GPU every pixel agrees with the CPU's within 2/255, except where a threshold of [`augment::Change::Solarize`] other
/// than a half, or the line between two pixels of [`augment::Sampling::Nearest`], falls between two roundings of a value.
///
/// # Errors
/// Quarter turns that would change the size of the views; an image that does not exist; images that the transform cannot
/// do; a device without memory.
pub fn make(
    transform: &dyn Transform,
    source: Source<'_>,
    rows: &[View],
    stream: &Stream,
    step: u64,
    device: &Device,
) -> Result<Tensor> {
    let form = source.form()?;
    let (height, width) = augment::view_size(transform, form, rows)?;
    let shape = [rows.len(), form.channels, height, width];
    if rows.is_empty() {
        return Tensor::zeros(&shape, device);
    }
    if device.is_gpu() {
        let recipes = augment::recipes(transform, form, rows, stream, step);
        let made = kernel::make(source, rows, &recipes, transform.starts_in_unit(), (height, width), device)?;
        // A device may be unable to bind one view of very large images: then the host makes them.
        if let Some(made) = made {
            return Ok(made);
        }
    }
    memory::check_room("views", shape.iter().fold(4usize, |all, n| all.saturating_mul(*n)))?;
    let floats = match source {
        Source::Set(_) => None,
        Source::Tensor(tensor) | Source::Made(tensor) => Some(tensor.floats()?),
    };
    let pixels = match (source, &floats) {
        (Source::Set(images), _) => Pixels::bytes(images.pixels(), form.channels, form.size)?,
        (_, Some(floats)) => Pixels::floats(floats, form.channels, form.size)?,
        (_, None) => unreachable!("a tensor has floats"),
    };
    let pixels = if form.is_by_row { pixels.by_row() } else { pixels };
    Tensor::written(&shape, device, |out| augment::apply(transform, pixels, rows, stream, step, out))
}
