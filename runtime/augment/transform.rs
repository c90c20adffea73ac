//! What a transform is, and where its random numbers come from. A transform touches no pixel and keeps no state between
//! images.

use std::{fmt::Debug, sync::Arc};

use super::{Change, Size};
use crate::rng::{Draws, Stream};

/// A random change of images. Options are checked when a transform is made, so drawing cannot fail.
pub trait Transform: Debug + Send + Sync {
    /// Draws what is to be done to one view of an image of the given size, and adds it to `changes`. Randomness comes
    /// from `place` alone.
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>);

    /// The transforms that it applies one after another, where it does nothing else.
    fn parts(&self) -> Option<&[Arc<dyn Transform>]> {
        None
    }

    /// The size of the view of an image of a size, whatever is drawn.
    fn output_size(&self, input: Size) -> Size {
        input
    }
}

/// Where one view's draws lie in a stream. Each transform takes the next operation number, so a transform
/// appended to a chain leaves the draws of those before it as they were.
#[derive(Clone, Debug)]
pub struct DrawPlace<'a> {
    stream: &'a Stream,
    step: u64,
    sample: u64,
    view: u16,
    operation: u16,
}

impl<'a> DrawPlace<'a> {
    /// The place of a view's first operation.
    pub fn new(stream: &'a Stream, step: u64, sample: u64, view: u16) -> Self {
        Self { stream, step, sample, view, operation: 0 }
    }

    /// The draws of the next operation. A random transform calls this exactly once per image.
    pub fn draws(&mut self) -> Draws {
        let draws = self.stream.at(self.step, self.sample, self.view, self.operation);
        self.operation = self.operation.wrapping_add(1);
        draws
    }
}
