//! One of many operations, of any strength (Müller and Hutter, ICCV 2021).

use super::{
    super::{Change, DrawPlace, Range, Sampling, Size, Transform},
    automatic::{Automatic, Operation},
    want_colours, want_numbers,
};
use crate::{
    Result,
    options::{Options, PerChannel, options},
    rng::Draws,
};

const OP: &str = "trivial_augment";

options! {
    /// One of 14 operations at random, at a random magnitude: torchvision's TrivialAugmentWide.
    #[derive(Clone, Debug, PartialEq)]
    pub struct TrivialAugment as "TrivialAugmentOptions", shown "trivial_augment" {
        /// How many magnitudes there are.
        bins: usize = 31, in 2..=1_000_000;
        /// How pixels are interpolated.
        interpolation: Sampling = Sampling::Nearest;
        /// What stands outside of the image, one number or one for each channel; 0 where left out.
        fill: Option<PerChannel> = None, in ..;
    }
}

impl TrivialAugment {
    /// The change with so many magnitudes.
    ///
    /// # Errors
    /// Fewer than 2 magnitudes.
    pub fn new(bins: usize) -> Result<Self> {
        Self { bins, ..Self::default() }.checked(OP)
    }
}

impl TrivialAugment {
    /// The operation and its magnitude.
    pub(super) fn drawn(&self, draws: &mut Draws) -> (Operation, f32) {
        let operation = Operation::ALL[draws.below(Operation::ALL.len() as u32) as usize];
        let bin = draws.below(self.bins as u32) as usize;
        let is_negative = draws.chance(0.5) && operation.is_signed();
        let magnitude = operation.magnitude(bin, self.bins, most(operation));
        (operation, if is_negative { -magnitude } else { magnitude })
    }
}

/// How strong an operation is at most: the paper's wide ranges.
fn most(operation: Operation) -> f32 {
    match operation {
        Operation::TranslateX | Operation::TranslateY => 32.0,
        Operation::Rotate => 135.0,
        Operation::Posterize => 6.0,
        _ => 0.99,
    }
}

impl Transform for TrivialAugment {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let automatic = Automatic { sampling: self.interpolation, fill: self.fill.clone() };
        let (operation, magnitude) = self.drawn(&mut draws);
        changes.extend(automatic.change(operation, magnitude, size));
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_colours(OP, channels)?;
        self.fill.as_ref().map_or(Ok(()), |fill| want_numbers(OP, "fill", fill, channels))
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}
