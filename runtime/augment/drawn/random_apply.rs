//! Other transforms, or none of them.

use std::{fmt, sync::Arc};

use super::super::{Change, DrawPlace, Extent, Range, Size, Transform};
use crate::{
    Error, Result,
    options::{Options, options},
};

const OP: &str = "random_apply";

options! {
    /// How often augmentations are applied.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ApplyOptions {
        /// The probability that all of them are applied, else none.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl ApplyOptions {
    /// The probability.
    ///
    /// # Errors
    /// It does not lie in 0 to 1.
    pub fn probability(&self) -> Result<f32> {
        self.checked(OP).map(|options| options.p)
    }
}

/// Applies a transform, or a chain of them, with a probability: torchvision's RandomApply.
#[derive(Clone, Debug)]
pub struct RandomApply {
    inner: Arc<dyn Transform>,
    options: ApplyOptions,
}

impl RandomApply {
    /// The transform with a probability.
    ///
    /// # Errors
    /// A probability outside 0 to 1; too many transforms in it.
    pub fn new(inner: Arc<dyn Transform>, options: ApplyOptions) -> Result<Self> {
        Extent::around([inner.extent()]).checked(OP)?;
        Ok(Self { inner, options: options.checked(OP)? })
    }
}

impl fmt::Display for RandomApply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "random_apply({}, {{ p = {} }})", self.inner, self.options.p)
    }
}

impl Transform for RandomApply {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let happens = place.draws().chance(self.options.p);
        let before = changes.len();
        // Drawn in any case, so that what follows has the same numbers.
        self.inner.draw(size, place, changes);
        if !happens {
            changes.truncate(before);
        }
    }

    fn output_size(&self, input: Size) -> Size {
        self.inner.output_size(input)
    }

    fn check(&self, size: Size, channels: usize) -> Result<()> {
        self.inner.check(size, channels)?;
        let made = self.inner.output_size(size);
        if made != size && self.options.p < 1.0 {
            let want = format!("views of the size of their images, {}x{}, as they may be left out", size.0, size.1);
            return Err(Error::argument(OP, "augmentations", want, format!("{}x{}", made.0, made.1)));
        }
        Ok(())
    }

    fn range(&self) -> Range {
        self.inner.range()
    }

    fn extent(&self) -> Extent {
        Extent::around([self.inner.extent()])
    }
}
