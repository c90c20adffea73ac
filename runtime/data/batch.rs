//! Some images of a data set, with what keys the draws for them.

use std::{cell::Cell, rc::Rc};

use super::Images;
use crate::{
    Device, Error, Result, Tensor,
    augment::{self, Transform, View},
    rng::Stream,
};

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
    pub(super) fn new(images: &Images, picks: Vec<usize>, epoch: u64, name: String, seed: u64) -> Self {
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
