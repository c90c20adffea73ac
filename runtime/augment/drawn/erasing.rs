//! Overwriting a random rectangle (Zhong et al., AAAI 2020).

use std::ops::RangeBounds;

use super::{
    super::{Change, Crop, DrawPlace, Filling, Range, Size, Transform},
    want_numbers,
};
use crate::{
    Result,
    options::{Limited, Options, PerChannel, Shown, Span, options, over, over_to},
    rng::Draws,
};

const OP: &str = "erasing";

/// Random rectangles are tried this often before the image is left as it is.
const TRIES: usize = 10;

/// What is written into the rectangle.
#[derive(Clone, Debug, PartialEq)]
pub enum ErasingValue {
    /// A value for each channel.
    Values(PerChannel),
    /// Standard normal numbers, others for every pixel.
    Random,
}

impl Limited<f32> for ErasingValue {
    fn lies_in(&self, range: &impl RangeBounds<f32>) -> bool {
        match self {
            Self::Values(values) => values.lies_in(range),
            Self::Random => true,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Values(values) => Limited::shown(values),
            Self::Random => "\"random\"".into(),
        }
    }
}

impl Shown for ErasingValue {
    fn shown(&self) -> Option<String> {
        Some(Limited::shown(self))
    }
}

options! {
    /// With a probability, overwrites a rectangle of random area and proportions: torchvision's RandomErasing.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Erasing as "ErasingOptions", shown "erasing" {
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
        /// The least and the greatest part of the area.
        scale: Span = Span([0.02, 0.33]), in over_to(0.0, 1.0);
        /// The least and the greatest height : width.
        ratio: Span = Span([0.3, 3.3]), in over(0.0);
        /// What is written: one number, one for each channel, or "random" for standard normal numbers.
        value: ErasingValue = ErasingValue::Values(PerChannel::All(0.0)), in ..;
    }
}

impl Erasing {
    /// Zeros with a probability.
    ///
    /// # Errors
    /// A probability outside 0 to 1.
    pub fn new(p: f32) -> Result<Self> {
        Self { p, ..Self::default() }.checked(OP)
    }

    /// The same with another value.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn with_value(self, value: ErasingValue) -> Result<Self> {
        Self { value, ..self }.checked(OP)
    }

    /// The rectangle; none where none that was tried is smaller than the image.
    pub(super) fn part(&self, (height, width): Size, draws: &mut Draws) -> Option<Crop> {
        let area = (height * width) as f32;
        let [low, high] = self.ratio.0.map(f32::ln);
        for _ in 0..TRIES {
            let part = area * draws.range(self.scale.0[0], self.scale.0[1]);
            let ratio = draws.range(low, high).exp();
            let rows = (part * ratio).sqrt().round_ties_even() as usize;
            let columns = (part / ratio).sqrt().round_ties_even() as usize;
            if rows < height && columns < width {
                let top = draws.below((height - rows + 1) as u32) as usize;
                let left = draws.below((width - columns + 1) as u32) as usize;
                return Some(Crop { top, left, height: rows, width: columns });
            }
        }
        None
    }
}

impl Transform for Erasing {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let happens = draws.chance(self.p);
        let seed = [draws.bits(), draws.bits()];
        if let Some(part) = self.part(size, &mut draws).filter(|_| happens) {
            let with = match &self.value {
                ErasingValue::Values(values) => Filling::Values(values.clone()),
                ErasingValue::Random => Filling::Noise(seed),
            };
            changes.push(Change::Erase { part, with });
        }
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        match &self.value {
            ErasingValue::Values(values) => want_numbers(OP, "value", values, channels),
            ErasingValue::Random => Ok(()),
        }
    }

    fn range(&self) -> Range {
        match &self.value {
            ErasingValue::Values(values) if values.lies_in(&(0.0..=1.0)) => Range::ANY,
            _ => Range::LEAVES,
        }
    }
}
