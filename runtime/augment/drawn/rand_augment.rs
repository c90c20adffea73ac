//! Some of many operations, all of one strength (Cubuk et al., NeurIPS 2020).

use super::{
    super::{Change, DrawPlace, Range, Sampling, Size, Transform},
    automatic::{Automatic, Operation},
    want_colours, want_numbers,
};
use crate::{
    Error, Result,
    options::{Options, PerChannel, options},
    rng::Draws,
};

const OP: &str = "rand_augment";

options! {
    /// Some of 14 operations at random, one after another, each at the same magnitude: torchvision's RandAugment.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RandAugment as "RandAugmentOptions", shown "rand_augment" {
        /// How many operations.
        ops: usize = 2, in 0..=100;
        /// How strong they are: a place in the table of magnitudes, from 0.
        magnitude: usize = 9;
        /// How many places that table has.
        bins: usize = 31, in 2..=1_000_000;
        /// How pixels are interpolated.
        interpolation: Sampling = Sampling::Nearest;
        /// What stands outside of the image, one number or one for each channel; 0 where left out.
        fill: Option<PerChannel> = None, in ..;
    }
}

impl RandAugment {
    /// So many operations of a magnitude out of 0 to 30.
    ///
    /// # Errors
    /// Too many operations; a magnitude over 30.
    pub fn new(ops: usize, magnitude: usize) -> Result<Self> {
        Self { ops, magnitude, ..Self::default() }.sound()
    }

    /// The same, if its options make sense.
    ///
    /// # Errors
    /// An option outside of its range; a magnitude that is no place of the table.
    pub fn sound(self) -> Result<Self> {
        let made = self.checked(OP)?;
        if made.magnitude >= made.bins {
            let want = format!("below {}, the number of bins", made.bins);
            return Err(Error::argument(OP, "magnitude", want, made.magnitude));
        }
        Ok(made)
    }
}

impl RandAugment {
    /// One operation and its magnitude.
    pub(super) fn drawn(&self, size: Size, draws: &mut Draws) -> (Operation, f32) {
        let operation = Operation::ALL[draws.below(Operation::ALL.len() as u32) as usize];
        let is_negative = draws.chance(0.5) && operation.is_signed();
        let magnitude = operation.magnitude(self.magnitude, self.bins, most(operation, size));
        (operation, if is_negative { -magnitude } else { magnitude })
    }
}

/// How strong an operation is at most (the paper's ranges, as torchvision has them).
fn most(operation: Operation, (height, width): Size) -> f32 {
    match operation {
        Operation::ShearX | Operation::ShearY => 0.3,
        Operation::TranslateX => 150.0 / 331.0 * width as f32,
        Operation::TranslateY => 150.0 / 331.0 * height as f32,
        Operation::Rotate => 30.0,
        Operation::Posterize => 4.0,
        _ => 0.9,
    }
}

impl Transform for RandAugment {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let automatic = Automatic { sampling: self.interpolation, fill: self.fill.clone() };
        for _ in 0..self.ops {
            let (operation, magnitude) = self.drawn(size, &mut draws);
            changes.extend(automatic.change(operation, magnitude, size));
        }
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_colours(OP, channels)?;
        self.fill.as_ref().map_or(Ok(()), |fill| want_numbers(OP, "fill", fill, channels))
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}
