//! What a transform is, and where its random numbers come from. A transform touches no pixel and keeps no state between
//! images.

use std::{
    fmt::{Debug, Display},
    sync::Arc,
};

use super::{Change, Size};
use crate::{
    Error, Result,
    rng::{Draws, Stream},
};

/// A random change of images. Options are checked when a transform is made, and whether it can do images of some size
/// with [`Transform::check`], so drawing cannot fail. It is displayed as a script writes it.
pub trait Transform: Debug + Display + Send + Sync {
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

    /// Whether it can be done to images of a size with so many channels.
    ///
    /// # Errors
    /// It cannot; the message says why.
    fn check(&self, _size: Size, _channels: usize) -> Result<()> {
        Ok(())
    }

    /// What it needs of the values, and what it makes of their range.
    fn range(&self) -> Range {
        Range::ANY
    }

    /// How many transforms it consists of, and how deep they are put into one another.
    fn extent(&self) -> Extent {
        Extent { count: 1, depth: 1 }
    }

    /// Whether the images that it is given have values in `0..1`.
    fn starts_in_unit(&self) -> bool {
        true
    }
}

/// What a transform needs of the values, and what it makes of their range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Whether it needs values in `0..1`.
    pub wants_unit: bool,
    /// Whether values in `0..1` need not lie there afterwards.
    pub leaves_unit: bool,
}

impl Range {
    /// Values of any range, which stays.
    pub const ANY: Self = Self { wants_unit: false, leaves_unit: false };
    /// Values in `0..1`, which stay there.
    pub const UNIT: Self = Self { wants_unit: true, leaves_unit: false };
    /// Values of any range, which may be another one afterwards: normalised ones, say.
    pub const LEAVES: Self = Self { wants_unit: false, leaves_unit: true };

    /// That of several transforms.
    pub fn of(transforms: &[Arc<dyn Transform>]) -> Self {
        transforms.iter().map(|transform| transform.range()).fold(Self::ANY, |all, one| Self {
            wants_unit: all.wants_unit || one.wants_unit,
            leaves_unit: all.leaves_unit || one.leaves_unit,
        })
    }
}

/// How much a transform consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The transforms, each as often as it is drawn.
    pub count: usize,
    /// How deep they are put into one another.
    pub depth: usize,
}

impl Extent {
    /// The most transforms of a view: each takes a number of 16 bits.
    pub const MOST: usize = 10_000;
    /// The deepest that transforms may be put into one another.
    pub const DEEPEST: usize = 64;

    /// That of what is put together from others.
    pub fn around(parts: impl IntoIterator<Item = Self>) -> Self {
        let (count, depth) = parts
            .into_iter()
            .fold((1usize, 0), |(count, depth), part: Self| (count.saturating_add(part.count), depth.max(part.depth)));
        Self { count, depth: depth + 1 }
    }

    /// The same, if a view may have so many.
    ///
    /// # Errors
    /// Too many transforms, or too deep ones.
    pub fn checked(self, op: &'static str) -> Result<Self> {
        match self {
            Self { count, .. } if count > Self::MOST => {
                Err(Error::argument(op, "the number of augmentations", format!("at most {}", Self::MOST), "more"))
            }
            Self { depth, .. } if depth > Self::DEEPEST => {
                let want = format!("put into one another at most {} times", Self::DEEPEST);
                Err(Error::argument(op, "augmentations", want, "more"))
            }
            fitting => Ok(fitting),
        }
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
