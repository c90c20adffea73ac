//! Values of mean 0 and deviation 1.

use super::{
    super::{Change, DrawPlace, Range, Size, Transform},
    want_numbers,
};
use crate::{
    Error, Result,
    options::{Options, PerChannel, options},
};

const OP: &str = "normalize";

options! {
    /// Subtracts a mean from every channel and divides it by a standard deviation: torchvision's Normalize. Nothing that
    /// needs values in 0 to 1 can stand behind it.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Normalize as "NormalizeOptions", shown "normalize" {
        /// The mean, one number or one for each channel.
        mean: PerChannel, in ..;
        /// The standard deviation, likewise. Not 0.
        std: PerChannel, in ..;
    }
}

impl Normalize {
    /// The change by a mean and a standard deviation.
    ///
    /// # Errors
    /// A deviation of 0; numbers that are not finite, or for different numbers of channels.
    pub fn new(mean: PerChannel, std: PerChannel) -> Result<Self> {
        Self { mean, std }.sound()
    }

    /// The same, if its options make sense.
    ///
    /// # Errors
    /// As [`Normalize::new`].
    pub fn sound(self) -> Result<Self> {
        let made = self.checked(OP)?;
        if let Some(std) = made.std.numbers().iter().find(|std| !(1.0 / **std).is_finite()) {
            return Err(Error::argument(OP, "std", "other than 0", std));
        }
        if let (PerChannel::Each(mean), PerChannel::Each(std)) = (&made.mean, &made.std)
            && mean.len() != std.len()
        {
            return Err(Error::argument(OP, "std", format!("{} numbers, as the mean", mean.len()), std.len()));
        }
        Ok(made)
    }
}

impl Transform for Normalize {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        // It draws nothing, but keeps its number.
        place.draws();
        changes.push(Change::Normalize { mean: self.mean.clone(), deviation: self.std.clone() });
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_numbers(OP, "mean", &self.mean, channels)?;
        want_numbers(OP, "std", &self.std, channels)
    }

    fn range(&self) -> Range {
        Range::LEAVES
    }
}
