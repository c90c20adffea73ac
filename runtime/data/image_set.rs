//! A data set as a component of a session: its description, and once opened its images and its place in their order.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use super::{Cursor, ImageOptions, Images, Order, Rest, images};
use crate::{
    Device, Error, Result, Tensor,
    augment::{self, Transform, View},
    rng::{self, Stream},
};

/// A described image data set. It is decoded when it is first needed. Cloning shares it.
#[derive(Clone)]
pub struct ImageSet(Rc<Inner>);

struct Inner {
    source: String,
    options: ImageOptions,
    images: OnceCell<Images>,
    /// Whether the line that says what was found has been told, or is another's to tell.
    is_told: Cell<bool>,
    walk: RefCell<Option<Walk>>,
}

/// Where a named set is in its order.
struct Walk {
    name: String,
    seed: u64,
    order: Order,
}

/// Some images of a set, with what keys their augmentation.
#[derive(Clone)]
pub struct Batch {
    /// The set they come from.
    pub images: Images,
    /// Positions in the set, from 0.
    pub picks: Vec<usize>,
    /// The epoch, from 0, or the step for images that were picked. With the position it keys every draw for an image.
    pub epoch: u64,
    /// The name of the set, which keys the draws, and the seed.
    pub name: String,
    /// The session's seed.
    pub seed: u64,
    /// The stage that it was made in.
    made: DrawStage,
    /// The last stage that asked for views without saying which, by its number, and how often it did.
    asked: Rc<Cell<(u64, u64)>>,
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
        let order = Order::new(count, Stream::new(seed, &format!("{name}.order")), Rest::Drop);
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

    /// The images at given positions, from 0, as a batch. Its draws are keyed by `key`, the step and how many such calls
    /// the step had before, so an image that is picked again gets other views.
    ///
    /// # Errors
    /// A set that has no name yet; no positions, or one outside the set.
    pub fn pick(&self, positions: Vec<usize>, key: (u64, u64)) -> Result<Batch> {
        self.walk("pick", |walk, images| {
            if positions.is_empty() {
                return Err(Error::argument("pick", "positions", "at least one", "none"));
            }
            if let Some(position) = positions.iter().find(|position| **position >= images.len()) {
                let range = format!("there are {} images", images.len());
                return Err(Error::OutOfRange { op: "pick", what: "image", got: *position as i64 + 1, range });
            }
            let (name, seed) = (format!("{}.pick.{}", walk.name, key.1), walk.seed);
            Ok(Batch::new(images, positions.clone(), key.0, name, seed))
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

    /// Goes on from `cursor`. One that its epoch has no room for goes on with the next epoch: the set was larger.
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

/// A stretch of a training in which draws are counted: a step, an evaluation, `setup`, what a loop does before its first step.
#[derive(Clone, Copy, Debug, Default)]
pub struct DrawStage {
    /// The step that draws are keyed by.
    pub step: u64,
    /// Whether it is `setup`.
    pub is_setup: bool,
    /// Another one for each stretch, also where a training has gone back and comes by the same step again.
    pub number: u64,
}

impl Batch {
    fn new(images: &Images, picks: Vec<usize>, epoch: u64, name: String, seed: u64) -> Self {
        Self { images: images.clone(), picks, epoch, name, seed, made: DrawStage::default(), asked: Rc::default() }
    }

    /// The same images, noted as made in this stage.
    pub fn made_in(self, stage: DrawStage) -> Self {
        Self { made: stage, ..self }
    }

    /// The same images with what keys the next views that are asked for without saying which: other views at every call of a
    /// step, and in every step after the one that made the batch. The first call in that step draws as a new batch does.
    pub fn asked_in(&self, stage: DrawStage) -> Self {
        let (last, count) = self.asked.get();
        let count = if stage.number == last { count } else { 0 };
        self.asked.set((stage.number, count + 1));
        let is_own = (stage.step, stage.is_setup) == (self.made.step, self.made.is_setup);
        let later = if is_own { String::new() } else { format!(".step.{}", stage.step) };
        let again = if count == 0 { String::new() } else { format!(".again.{count}") };
        Self { name: format!("{}{later}{again}", self.name), ..self.clone() }
    }

    /// The stream of draws for a purpose, such as `augment`.
    pub fn stream(&self, purpose: &str) -> Stream {
        Stream::new(self.seed, &format!("{}.{purpose}", self.name))
    }

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
        let names = self.images.class_names().clone();
        Ok(Tensor::from_ints(labels, &[count], device)?.with_class_names(Some(names)))
    }

    /// Augmented views, view-major: floats in 0..1, [views · B, 3, H, W]. `first` is the number of the first view, from 0;
    /// with the epoch and the image it keys the draws.
    ///
    /// # Errors
    /// No views, or numbers over 65,535.
    pub fn views(&self, transform: &dyn Transform, first: usize, views: usize, device: &Device) -> Result<Tensor> {
        const OP: &str = "views";
        let numbers = first..first.saturating_add(views);
        if numbers.is_empty() || numbers.end > usize::from(u16::MAX) {
            return Err(Error::argument(
                OP,
                "views",
                format!("numbered from 1 to {}", u16::MAX),
                format!("{views} from {}", first + 1),
            ));
        }
        let size = (self.images.height(), self.images.width());
        let view = |number: usize, image: usize| View { image, turn: 0, number: number as u16 };
        let rows: Vec<View> =
            numbers.flat_map(|number| self.picks.iter().map(move |image| view(number, *image))).collect();
        let source = augment::Images::bytes(self.images.pixels(), size)?;
        let made = augment::draw(transform, source, &rows, &self.stream("augment"), self.epoch)?;
        let (height, width) = transform.output_size(size);
        Tensor::from_floats(made, &[rows.len(), 3, height, width], device)
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
