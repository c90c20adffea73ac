//! What views are made of.

use crate::{Error, Result, Tensor, augment::Size, data::Images};

/// What views are made of.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// A data set. On a GPU device its bytes are kept there, unless it takes more than a quarter of the device's
    /// memory: then a batch's images are sent each time.
    Set(&'a Images),
    /// Images `[N, 3, H, W]` in 0 to 1.
    Tensor(&'a Tensor),
}

impl Source<'_> {
    /// Height and width of an image, and how many there are.
    pub(crate) fn size(&self) -> Result<(Size, usize)> {
        match self {
            Self::Set(images) => Ok(((images.height(), images.width()), images.len())),
            Self::Tensor(tensor) => match *tensor.shape() {
                [count, 3, height, width] => Ok(((height, width), count)),
                _ => Err(Error::Shape {
                    op: "augment".into(),
                    want: "wants images [N, 3, H, W]".into(),
                    got: tensor.shape().to_vec(),
                }),
            },
        }
    }
}
