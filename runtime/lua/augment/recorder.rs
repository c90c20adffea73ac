//! What a script makes views by, noted while it is looked at.

use std::{
    cell::{Cell, RefCell},
    fmt::Display,
    rc::Rc,
};

use crate::{
    Device, Result, Tensor,
    augment::{Recipes, View},
    data::Images,
    rng::Stream,
    views::{Augment, Source},
};

/// Looks at the steps while views are made.
pub trait Watch {
    /// A step has made some views; what was drawn for each, where the core has drawn it.
    fn step(&mut self, name: &str, rows: &[View], recipes: Option<Recipes>, seconds: f64) -> Result<()>;

    /// Views were taken apart for several ways and put together again, without what the ways took.
    fn apart(&mut self, name: &str, views: usize, seconds: f64) -> Result<()>;
}

/// An augmentation whose steps can be looked at.
pub trait Watched: Augment + Display {
    /// The views, each step looked at.
    ///
    /// # Errors
    /// As [`Augment::views`].
    fn watched(
        &self,
        source: Source<'_>,
        rows: &[View],
        key: (&Stream, u64),
        device: &Device,
        watch: &mut Option<&mut dyn Watch>,
    ) -> Result<Tensor>;

    /// The same one, to be kept.
    fn shared(&self) -> Rc<dyn Watched>;
}

/// A call that made views.
#[derive(Clone)]
pub struct Recorded {
    /// What makes them.
    pub augmentation: Rc<dyn Watched>,
    /// What they are made of.
    pub images: RecordedImages,
    /// Some of the images, each once, in the order of the call.
    pub rows: Vec<View>,
    /// What keys the draws.
    pub stream: Stream,
    /// The step, or the epoch, that keys them.
    pub step: u64,
}

/// What views were made of.
#[derive(Clone)]
pub enum RecordedImages {
    /// A data set.
    Set(Images),
    /// Images of the script's own.
    Tensor(Tensor),
}

impl RecordedImages {
    /// The source of views.
    pub fn source(&self) -> Source<'_> {
        match self {
            Self::Set(images) => Source::Set(images),
            Self::Tensor(tensor) => Source::Tensor(tensor),
        }
    }
}

/// More augmentations than a script has, more images than are looked at.
const MOST: usize = 32;

/// Notes calls once it is told to.
#[derive(Default)]
pub struct Recorder {
    is_on: Cell<bool>,
    recorded: RefCell<Vec<Recorded>>,
}

impl Recorder {
    /// Notes calls from now on.
    pub fn begin(&self) {
        self.is_on.set(true);
    }

    /// What was noted, each augmentation once.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.recorded.borrow().clone()
    }

    /// The augmentation, whose views are noted.
    pub fn noting<'a>(&'a self, augmentation: &'a dyn Watched) -> Noting<'a> {
        Noting { recorder: self, augmentation }
    }

    fn note(&self, augmentation: &dyn Watched, source: Source<'_>, rows: &[View], stream: &Stream, step: u64) {
        let mut recorded = self.recorded.borrow_mut();
        let text = augmentation.to_string();
        if !self.is_on.get()
            || recorded.len() >= MOST
            || recorded.iter().any(|one| one.augmentation.to_string() == text)
        {
            return;
        }
        let images = match source {
            Source::Set(images) => RecordedImages::Set(images.clone()),
            Source::Tensor(tensor) | Source::Made(tensor) => RecordedImages::Tensor(tensor.detach()),
        };
        let mut kept: Vec<View> = Vec::new();
        for row in rows {
            if kept.len() < MOST && kept.iter().all(|one| one.image != row.image) {
                kept.push(*row);
            }
        }
        recorded.push(Recorded { augmentation: augmentation.shared(), images, rows: kept, stream: *stream, step });
    }
}

/// An augmentation whose views are noted.
pub struct Noting<'a> {
    recorder: &'a Recorder,
    augmentation: &'a dyn Watched,
}

impl Augment for Noting<'_> {
    fn views(&self, source: Source<'_>, rows: &[View], stream: &Stream, step: u64, device: &Device) -> Result<Tensor> {
        if self.recorder.is_on.get() && !rows.is_empty() {
            self.recorder.note(self.augmentation, source, rows, stream, step);
        }
        self.augmentation.views(source, rows, stream, step, device)
    }
}
