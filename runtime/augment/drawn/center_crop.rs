//! The middle of the image.

use super::{
    super::{Change, DrawPlace, Edge, Size, Transform},
    LARGEST,
};
use crate::{
    Result,
    options::{Options, Pair, PerChannel, options},
};

options! {
    /// Cuts out the middle: torchvision's CenterCrop. Where the image is smaller, zeros stand around it.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct CenterCrop as "CenterCropOptions", shown "center_crop" {
        /// The side of the view, or its height and width.
        size: Pair, in 1..=LARGEST, unit "pixels";
    }
}

impl CenterCrop {
    /// The middle of a height and a width.
    ///
    /// # Errors
    /// A size of 0, or one that is too large.
    pub fn new(size: Size) -> Result<Self> {
        Self { size: Pair([size.0, size.1]) }.checked("center_crop")
    }
}

/// The first position of the middle of an axis. Halves are rounded to even numbers where the image is larger, and up
/// where it is smaller: torchvision pads by the smaller half first.
fn first(part: usize, whole: usize) -> isize {
    match whole.checked_sub(part) {
        Some(left_over) => (left_over as f64 / 2.0).round_ties_even() as isize,
        None => -((part - whole) as isize / 2),
    }
}

impl Transform for CenterCrop {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        // It draws nothing, but keeps its number.
        place.draws();
        let (height, width) = self.output_size(size);
        let place = (first(height, size.0), first(width, size.1));
        changes.push(Change::Window { place, size: (height, width), edge: Edge::Constant, fill: PerChannel::All(0.0) });
    }

    fn output_size(&self, _input: Size) -> Size {
        let Pair([height, width]) = self.size;
        (height, width)
    }
}
