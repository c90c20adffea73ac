//! What stands around the input of a convolution: how much on every side, and what it is.

use std::fmt;

use crate::{
    Error, Result, Tensor,
    options::{Limited, Pair, choices},
    tensor::PadMode,
};

choices! {
    /// What stands around the input of a convolution.
    pub enum PaddingMode of "conv2d" "padding_mode" {
        /// Zeros.
        #[default]
        Zeros = "zeros",
        /// The values mirrored at the last one, which does not come again.
        Reflect = "reflect",
        /// The last value again.
        Replicate = "replicate",
        /// The values from the other end.
        Circular = "circular",
    }
}

/// How much stands around the input of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding<T> {
    /// As much as gives a result of the input's size.
    Same,
    /// So much on every side.
    Sides(T),
}

impl Padding<Pair> {
    /// The same on every side.
    pub const fn square(side: usize) -> Self {
        Self::Sides(Pair::square(side))
    }
}

impl<T> From<T> for Padding<T> {
    fn from(sides: T) -> Self {
        Self::Sides(sides)
    }
}

impl<T: fmt::Display> fmt::Display for Padding<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("\"same\""),
            Self::Sides(sides) => sides.fmt(f),
        }
    }
}

impl<T: Limited<usize>> Limited<usize> for Padding<T> {
    fn lies_in(&self, range: &impl std::ops::RangeBounds<usize>) -> bool {
        match self {
            Self::Same => true,
            Self::Sides(sides) => sides.lies_in(range),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Same => "\"same\"".into(),
            Self::Sides(sides) => sides.shown(),
        }
    }
}

/// How the sides of a convolution's input are padded: before and after, down and across.
#[derive(Clone, Copy)]
pub(super) struct Around {
    sides: [[usize; 2]; 2],
    mode: PaddingMode,
}

impl Around {
    /// That which an option stands for.
    ///
    /// # Errors
    /// The input's size is asked for, and the kernel moves by more than 1.
    pub(super) fn new(
        op: &'static str,
        padding: Padding<Pair>,
        mode: PaddingMode,
        [kernel, stride, dilation]: [[usize; 2]; 3],
    ) -> Result<Self> {
        let sides = match padding {
            Padding::Sides(Pair(sides)) => sides.map(|side| [side, side]),
            Padding::Same if stride != [1, 1] => {
                return Err(Error::argument(op, "stride", "1 for a padding of \"same\"", Pair(stride)));
            }
            Padding::Same => [0, 1].map(|dim| {
                let all = dilation[dim].saturating_mul(kernel[dim] - 1);
                [all / 2, all - all / 2]
            }),
        };
        Ok(Self { sides, mode })
    }

    /// The input, padded as far as a convolution itself cannot, and the zeros that are left to that.
    pub(super) fn of(&self, input: &Tensor) -> Result<(Tensor, [usize; 2])> {
        let [down, across] = self.sides;
        let mode = match self.mode {
            PaddingMode::Zeros if down[0] == down[1] && across[0] == across[1] => {
                return Ok((input.clone(), [down[0], across[0]]));
            }
            PaddingMode::Zeros => PadMode::Constant,
            PaddingMode::Reflect => PadMode::Reflect,
            PaddingMode::Replicate => PadMode::Replicate,
            PaddingMode::Circular => PadMode::Circular,
        };
        let widths = [across, down].map(|sides| sides.map(|side| i64::try_from(side).unwrap_or(i64::MAX)));
        Ok((input.pad(&widths, mode, 0.0)?, [0, 0]))
    }
}
