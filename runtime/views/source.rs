//! What views are made of.

use crate::{
    Error, Result, Tensor,
    augment::{Form, Size},
    data::Images,
};

/// What views are made of.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// A data set. On a GPU device its bytes are kept there, unless it takes more than a quarter of the device's
    /// memory: then a batch's images are sent each time.
    Set(&'a Images),
    /// Images `[N, C, H, W]` in 0 to 1.
    Tensor(&'a Tensor),
    /// Images `[rows, C, H, W]` that something else has made of the images of the rows, one for each row: the rows'
    /// image, turn and number only key the draws.
    Made(&'a Tensor),
}

impl Source<'_> {
    /// Height and width of an image, and how many there are.
    pub(crate) fn size(&self) -> Result<(Size, usize)> {
        self.form().map(|form| (form.size, form.count))
    }

    /// What the images are like.
    pub(crate) fn form(&self) -> Result<Form> {
        match self {
            Self::Set(images) => {
                Ok(Form { channels: 3, size: (images.height(), images.width()), count: images.len(), is_by_row: false })
            }
            Self::Tensor(tensor) | Self::Made(tensor) => match *tensor.shape() {
                [count, channels, height, width] if channels * height * width > 0 => {
                    Ok(Form { channels, size: (height, width), count, is_by_row: matches!(self, Self::Made(_)) })
                }
                _ => Err(Error::Shape {
                    op: "augment".into(),
                    want: "wants images [N, C, H, W]".into(),
                    got: tensor.shape().to_vec(),
                }),
            },
        }
    }
}
