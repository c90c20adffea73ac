//! Bringing the whole image to a size.

use super::{
    super::{Change, Crop, DrawPlace, Interpolation, Size, Transform},
    LARGEST,
};
use crate::{
    Error, Result,
    options::{Options, Pair, options},
};

const OP: &str = "resize";

options! {
    /// Resizes the whole image: torchvision's Resize. Either `size` or `shorter` is given.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Resize as "ResizeOptions", shown "resize" {
        /// The side of the view, or its height and width.
        size: Option<Pair> = None, in 1..=LARGEST, unit "pixels";
        /// The shorter side; the longer one keeps the image's proportions.
        shorter: Option<usize> = None, in 1..=LARGEST, unit "pixels";
        /// How pixels are interpolated.
        interpolation: Interpolation = Interpolation::Bilinear;
        /// Widens the kernel where the image shrinks.
        antialias: bool = true;
    }
}

impl Resize {
    /// To a height and a width, bilinear, antialiased.
    ///
    /// # Errors
    /// A size of 0, or one that is too large.
    pub fn new(size: Size) -> Result<Self> {
        Self { size: Some(Pair([size.0, size.1])), ..Self::default() }.sound()
    }

    /// The same, if its options make sense.
    ///
    /// # Errors
    /// An option outside of its range; neither `size` nor `shorter`, or both.
    pub fn sound(self) -> Result<Self> {
        match (self.size, self.shorter) {
            (Some(_), Some(_)) => Err(Error::argument(OP, "shorter", "left out where size is given", "both")),
            (None, None) => Err(Error::argument(OP, "size", "given, or shorter", "neither")),
            _ => self.checked(OP),
        }
    }
}

impl Transform for Resize {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        // It draws nothing, but keeps its number.
        place.draws();
        let Self { interpolation, antialias, .. } = *self;
        changes.push(Change::Crop { crop: Crop::whole(size), size: self.output_size(size), interpolation, antialias });
    }

    fn output_size(&self, (height, width): Size) -> Size {
        match (self.size, self.shorter) {
            (Some(Pair([height, width])), _) => (height, width),
            // As torchvision, which rounds down.
            (None, Some(shorter)) if height <= width => (shorter, shorter * width / height),
            (None, Some(shorter)) => (shorter * height / width, shorter),
            (None, None) => (height, width),
        }
    }

    fn check(&self, size: Size, _channels: usize) -> Result<()> {
        let (height, width) = self.output_size(size);
        match height.max(width) {
            longer if longer > LARGEST => {
                Err(Error::argument(OP, "the longer side", format!("at most {LARGEST} pixels"), longer))
            }
            _ => Ok(()),
        }
    }
}
