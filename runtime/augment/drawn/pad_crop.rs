//! The crop of small images: padded, then cut out anywhere.

use super::{
    super::{Change, DrawPlace, Edge, Size, Transform},
    LARGEST, want_numbers,
};
use crate::{
    Error, Result,
    options::{Options, Pair, PerChannel, options},
};

const OP: &str = "pad_crop";

options! {
    /// Pads the image on all sides and cuts a part of a fixed size out at random: torchvision's RandomCrop.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PadCrop as "PadCropOptions", shown "pad_crop" {
        /// The side of the view, or its height and width.
        size: Pair, in 1..=LARGEST, unit "pixels";
        /// What is added above and below, left and right.
        padding: usize = 4, in 0..=LARGEST, unit "pixels";
        /// What lies there.
        mode: Edge = Edge::Constant;
        /// The value there where it is constant, one number or one for each channel.
        fill: PerChannel = PerChannel::All(0.0), in ..;
    }
}

impl PadCrop {
    /// A crop to `size` (height, width) of an image with so many pixels of 0 around it.
    ///
    /// # Errors
    /// A size or a padding that is too large, a size of 0.
    pub fn new(size: Size, padding: usize) -> Result<Self> {
        Self { padding, ..Self::given((Pair([size.0, size.1]),)) }.checked(OP)
    }

    /// The same crop with another thing around the image.
    pub fn with_mode(self, mode: Edge) -> Self {
        Self { mode, ..self }
    }

    /// The rows and columns by which a crop can be moved.
    fn room(&self, (height, width): Size) -> Option<Size> {
        let Pair([rows, columns]) = self.size;
        Some(((height + 2 * self.padding).checked_sub(rows)?, (width + 2 * self.padding).checked_sub(columns)?))
    }
}

impl Transform for PadCrop {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let (down, across) = self.room(size).unwrap_or_default();
        let padding = self.padding as isize;
        let mut first = |room: usize| draws.below(room as u32 + 1) as isize - padding;
        let place = (first(down), first(across));
        changes.push(Change::Window { place, size: self.output_size(size), edge: self.mode, fill: self.fill.clone() });
    }

    fn output_size(&self, _input: Size) -> Size {
        let Pair([height, width]) = self.size;
        (height, width)
    }

    fn check(&self, size: Size, channels: usize) -> Result<()> {
        want_numbers(OP, "fill", &self.fill, channels)?;
        if self.room(size).is_none() {
            let padded = (size.0 + 2 * self.padding, size.1 + 2 * self.padding);
            let want = format!("at most the padded image, {}x{}", padded.0, padded.1);
            return Err(Error::argument(OP, "size", want, self.size));
        }
        Ok(())
    }
}
