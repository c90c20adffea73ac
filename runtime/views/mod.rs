//! Views as tensors: on the CPU by `augment`, on a GPU device by one kernel from the bytes of the data set that lie there.
//! The draws are the same, so the same view comes out on both.

mod batch;
mod held;
mod kernel;
mod program;

pub use batch::{images_of, labels_of, of_batch};

use crate::{
    Device, Result, Tensor,
    augment::{self, Transform, View},
    data::Images,
    memory,
    rng::Stream,
};

/// What views are made of.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// A data set. On a GPU device its bytes are kept there, unless it takes more than a quarter of the device's memory: then
    /// a batch's images are sent each time.
    Set(&'a Images),
    /// Images `[N, 3, H, W]` in 0 to 1.
    Tensor(&'a Tensor),
}

/// The given views as float32 `[rows, 3, height, width]`; see [`augment::apply`] for the draws and their key. On a GPU they
/// agree with the CPU's within 2/255 for every pixel, but where a threshold of [`augment::Change::Solarize`] other than a
/// half falls between two roundings of a value.
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

impl Source<'_> {
    /// Height and width of an image, and how many there are.
    pub(crate) fn size(&self) -> Result<((usize, usize), usize)> {
        match self {
            Self::Set(images) => Ok(((images.height(), images.width()), images.len())),
            Self::Tensor(tensor) => match *tensor.shape() {
                [count, 3, height, width] => Ok(((height, width), count)),
                _ => Err(crate::Error::Shape {
                    op: "augment".into(),
                    want: "wants images [N, 3, H, W]".into(),
                    got: tensor.shape().to_vec(),
                }),
            },
        }
    }
}
