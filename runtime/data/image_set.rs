//! A data set as a component of a session: its description, and once opened its images and its place in their order.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use super::{ImageOptions, Images, Order, Rest, images};
use crate::{Device, Error, Result, Tensor, rng::Stream};

/// A described image data set. It is decoded when it is first needed. Cloning shares it.
#[derive(Clone)]
pub struct ImageSet(Rc<Inner>);

struct Inner {
    source: String,
    options: ImageOptions,
    images: OnceCell<Images>,
    walk: RefCell<Option<Walk>>,
}

/// Where a named set is in its order.
struct Walk {
    name: String,
    order: Order,
    augment: Stream,
}

/// Some images of a set, with what keys their augmentation.
#[derive(Clone)]
pub struct Batch {
    /// The set they come from.
    pub images: Images,
    /// Positions in the set, from 0.
    pub picks: Vec<usize>,
    /// The epoch, from 0. With the position it keys every draw for an image.
    pub epoch: u64,
    /// The stream of the set's augmentations.
    pub stream: Stream,
}

impl ImageSet {
    /// Describes a set. Nothing is read yet.
    pub fn new(source: &str, options: ImageOptions) -> Self {
        let inner = Inner { source: source.into(), options, images: OnceCell::new(), walk: RefCell::new(None) };
        Self(Rc::new(inner))
    }

    /// Where the images come from.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The images, decoded on the first call.
    ///
    /// # Errors
    /// As [`images`].
    pub fn images(&self, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<&Images> {
        if let Some(images) = self.0.images.get() {
            return Ok(images);
        }
        let loaded = images(&self.0.source, &self.0.options, progress)?;
        Ok(self.0.images.get_or_init(|| loaded))
    }

    /// Gives the set the name that keys its order and its augmentation. Again the same name does nothing.
    ///
    /// # Errors
    /// It has another name; as [`images`].
    pub fn open(&self, name: &str, seed: u64, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<()> {
        if let Some(walk) = self.0.walk.borrow().as_ref() {
            if walk.name == name {
                return Ok(());
            }
            let reason = format!(
                "the data set already has an order under the name '{}', it cannot be '{name}' as well",
                walk.name
            );
            return Err(Error::State { op: "images", reason });
        }
        let count = self.images(progress)?.len();
        let order = Order::new(count, Stream::new(seed, &format!("{name}.order")), Rest::Drop);
        *self.0.walk.borrow_mut() =
            Some(Walk { name: name.to_owned(), order, augment: Stream::new(seed, &format!("{name}.augment")) });
        Ok(())
    }

    /// The next images of the shuffled order. A batch never mixes epochs: what is left over at the end of one is
    /// passed over.
    ///
    /// # Errors
    /// A set that has no name yet; a count of 0 or larger than the set.
    pub fn next(&self, count: usize) -> Result<Batch> {
        let mut walk = self.0.walk.borrow_mut();
        let (Some(walk), Some(images)) = (walk.as_mut(), self.0.images.get()) else {
            let reason = "a data set has an order once it has a name: session.NAME = mb.data.images(…)".into();
            return Err(Error::State { op: "next", reason });
        };
        let picks = walk.order.next(count)?;
        Ok(Batch { images: images.clone(), picks: picks.indices, epoch: picks.epoch, stream: walk.augment })
    }

    /// The epoch that the next batch belongs to if it fits, from 0.
    pub fn epoch(&self) -> u64 {
        self.0.walk.borrow().as_ref().map_or(0, |walk| walk.order.cursor().epoch)
    }
}

impl Batch {
    /// The number of images.
    pub fn len(&self) -> usize {
        self.picks.len()
    }

    /// Never true: an order hands out at least one image.
    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// The class of each image, from 0: int [B].
    pub fn labels(&self, device: &Device) -> Result<Tensor> {
        let labels: Vec<i32> = self.picks.iter().map(|pick| self.images.labels()[*pick] as i32).collect();
        let count = labels.len();
        Tensor::from_ints(labels, &[count], device)
    }

    /// The images as they are: floats in 0..1, [B, 3, H, W].
    pub fn pixels(&self, device: &Device) -> Result<Tensor> {
        let (height, width) = (self.images.height(), self.images.width());
        let mut values = Vec::with_capacity(self.len() * 3 * height * width);
        for pick in &self.picks {
            let image = self.images.image(*pick);
            for channel in 0..3 {
                values.extend(image.iter().skip(channel).step_by(3).map(|byte| f32::from(*byte) / 255.0));
            }
        }
        Tensor::from_floats(values, &[self.len(), 3, height, width], device)
    }
}
