//! A data set as a component of a session: its description, and once opened its images and its place in their order.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use super::{Batch, Cursor, ImageOptions, Images, Order, images};
use crate::{
    Error, Result,
    position::number,
    rng::{self, DrawKey, Stream},
};

/// A described image data set. It is decoded when it is first needed. Cloning shares it.
#[derive(Clone)]
pub struct ImageSet(Rc<Inner>);

struct Inner {
    source: String,
    options: ImageOptions,
    images: OnceCell<Images>,
    /// Whether the line that says what was found has been shown, or another set shows it.
    is_told: Cell<bool>,
    walk: RefCell<Option<Walk>>,
}

/// Where a named set is in its order.
struct Walk {
    name: String,
    seed: u64,
    order: Order,
}

impl ImageSet {
    /// Describes a set. Nothing is read yet.
    pub fn new(source: &str, options: ImageOptions) -> Self {
        let inner = Inner {
            source: source.into(),
            options,
            images: OnceCell::new(),
            is_told: Cell::new(false),
            walk: RefCell::new(None),
        };
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

    /// What was found, in one line, once after the images were read.
    pub fn news(&self) -> Option<String> {
        let images = self.0.images.get()?;
        (!self.0.is_told.replace(true)).then(|| images.describe(&self.0.source, self.0.options.split))
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
        let order = Order::new(count, Stream::new(seed, &format!("{name}.order")));
        *self.0.walk.borrow_mut() = Some(Walk { name: name.to_owned(), seed, order });
        Ok(())
    }

    /// The next images of the shuffled order. A batch never mixes epochs: what is left over at the end of one is
    /// passed over.
    ///
    /// # Errors
    /// A set that has no name yet; a count of 0 or larger than the set.
    pub fn next(&self, count: usize) -> Result<Batch> {
        self.walk("next", |walk, images| {
            let picks = walk.order.next(count)?;
            let (name, seed) = (walk.name.clone(), walk.seed);
            Ok(Batch::new(images, picks.indices, picks.epoch, name, seed))
        })
    }

    /// The images at given positions, from 0, as a batch. Its draws are keyed by `key`, so an image that is picked
    /// again gets other views.
    ///
    /// # Errors
    /// A set that has no name yet; no positions, or one outside the set.
    pub fn pick(&self, positions: Vec<usize>, key: DrawKey) -> Result<Batch> {
        self.walk("pick", |walk, images| {
            if positions.is_empty() {
                return Err(Error::argument("pick", "positions", "at least one", "none"));
            }
            if let Some(position) = positions.iter().find(|position| **position >= images.len()) {
                let range = format!("there are {} images", images.len());
                return Err(Error::OutOfRange { op: "pick", what: "image", got: number(*position), range });
            }
            let (name, seed) = (format!("{}.pick.{}", walk.name, key.call), walk.seed);
            Ok(Batch::new(images, positions.clone(), key.step, name, seed))
        })
    }

    fn walk<T>(&self, op: &'static str, body: impl Fn(&mut Walk, &Images) -> Result<T>) -> Result<T> {
        match (self.0.walk.borrow_mut().as_mut(), self.0.images.get()) {
            (Some(walk), Some(images)) => body(walk, images),
            _ => {
                let reason = "a data set has an order once it has a name: session.NAME = mb.data.images(…)".into();
                Err(Error::State { op, reason })
            }
        }
    }

    /// The stream of draws for a purpose, such as `augment`; keyed by seed and name.
    ///
    /// # Errors
    /// A set that has no name yet.
    pub fn stream(&self, op: &'static str, purpose: &str) -> Result<Stream> {
        self.walk(op, |walk, _| Ok(Stream::new(walk.seed, &format!("{}.{purpose}", walk.name))))
    }

    /// How many batches an epoch has, the rest of fewer images left out.
    ///
    /// # Errors
    /// A batch of 0, or of more images than there are; as [`images`].
    pub fn steps(&self, batch: usize) -> Result<usize> {
        self.check_batch("steps", batch)?;
        Ok(self.images(&|_, _| {})?.len() / batch)
    }

    /// Refuses a batch that no epoch has room for. Errors as [`ImageSet::steps`].
    pub fn check_batch(&self, op: &'static str, batch: usize) -> Result<()> {
        let images = self.images(&|_, _| {})?.len();
        if batch == 0 {
            return Err(Error::argument(op, "batch", "at least 1", batch));
        }
        if batch > images {
            let name = self.0.walk.borrow().as_ref().map_or_else(|| self.0.source.clone(), |walk| walk.name.clone());
            return Err(Error::BatchTooLarge { op, batch, images, name });
        }
        Ok(())
    }

    /// Where the walk stands; the beginning for a set without a name.
    pub fn cursor(&self) -> Cursor {
        self.0.walk.borrow().as_ref().map_or_else(Cursor::default, |walk| walk.order.cursor())
    }

    /// Goes on from `cursor`. If the set was larger and the cursor lies beyond its epoch now, goes on with the next
    /// epoch.
    ///
    /// # Errors
    /// A set that has no name yet.
    pub fn seek(&self, cursor: Cursor) -> Result<()> {
        self.walk("seek", |walk, images| {
            let fits = cursor.position <= images.len() as u64;
            walk.order.seek(if fits { cursor } else { Cursor { epoch: cursor.epoch + 1, position: 0 } })
        })
    }

    /// Takes the decoded images of an equally described set, if it has any, instead of reading them again.
    pub fn share(&self, other: &Self) {
        if let (true, Some(images)) = (self.describe() == other.describe(), other.0.images.get()) {
            // It may have been read already; then there is nothing to gain.
            if self.0.images.set(images.clone()).is_ok() {
                self.0.is_told.set(other.0.is_told.get());
            }
        }
    }

    /// Source and options: two sets are alike where this is equal.
    pub fn describe(&self) -> String {
        format!("{} {:?}", self.0.source, self.0.options)
    }

    /// A number that tells the decoded images from others: of their count, size, labels and some of their bytes.
    pub fn fingerprint(&self) -> Option<u64> {
        /// Bytes that are looked at, spread over all.
        const LOOKS: usize = 4096;
        let images = self.0.images.get()?;
        let sizes = [images.len(), images.height(), images.width()].map(|size| size as u64);
        let labels = images.labels().iter().map(|label| u64::from(*label));
        let pixels = images.pixels().iter().step_by(images.pixels().len() / LOOKS + 1).map(|byte| u64::from(*byte));
        Some(sizes.into_iter().chain(labels).chain(pixels).fold(rng::FNV_OFFSET, rng::fnv))
    }

    /// The epoch that the next batch belongs to if it fits, from 0.
    pub fn epoch(&self) -> u64 {
        self.0.walk.borrow().as_ref().map_or(0, |walk| walk.order.cursor().epoch)
    }
}
