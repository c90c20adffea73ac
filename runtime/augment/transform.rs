//! What a transform is, and where its random numbers come from. A transform keeps no state between images.

use std::fmt::Debug;

use super::Image;
use crate::rng::{Draws, Stream};

/// Height and width in pixels.
pub type Size = (usize, usize);

/// One step from an image to its view. Options are checked when a transform is made, so applying cannot fail.
pub trait Transform: Debug + Send + Sync {
    /// Changes one image. Randomness comes from `place` alone.
    fn apply(&self, image: &mut Image<'_>, place: &mut Place<'_>);

    /// The size of the view of an image of a size; what [`Transform::apply`] leaves behind.
    fn output_size(&self, input: Size) -> Size {
        input
    }
}

/// Where one view's draws lie in a stream. Each transform takes the next operation number, so a transform
/// appended to a chain leaves the draws of those before it as they were.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    stream: &'a Stream,
    step: u64,
    sample: u64,
    view: u16,
    operation: u16,
}

impl<'a> Place<'a> {
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
