//! Some images of a data set, with what keys the draws for them.

use std::{cell::Cell, rc::Rc};

use super::Images;
use crate::rng::Stream;

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
    asked: Rc<Cell<Asked>>,
}

/// The last stage in which a batch was asked for views without their number.
#[derive(Clone, Copy, Default)]
struct Asked {
    /// The stage's number.
    stage: u64,
    /// How often it asked.
    count: u64,
}

/// A stretch of a training in which draws are counted: a step, an evaluation, `setup`, what a loop does before its
/// first step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawStage {
    /// The step that draws are keyed by.
    pub step: u64,
    /// Whether it is `setup`.
    pub is_setup: bool,
    /// Differs for each stretch, also when a training has gone back and comes by the same step again.
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

    /// The same images, with the key of the next views that are asked for without their number. Each call within a step
    /// gives other views, and so does each step after the one that made the batch. The first call in the step that made
    /// the batch draws as a new batch does.
    pub fn asked_in(&self, stage: DrawStage) -> Self {
        let asked = self.asked.get();
        let count = if stage.number == asked.stage { asked.count } else { 0 };
        self.asked.set(Asked { stage: stage.number, count: count + 1 });
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
}
