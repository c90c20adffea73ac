//! A number for every channel of an image.

use std::{fmt, ops::RangeBounds, sync::Arc};

use super::{limits::Limited, shown::Shown};

/// One number for all channels, or one for each.
#[derive(Clone, PartialEq)]
pub enum PerChannel {
    /// The same for every channel.
    All(f32),
    /// One for each channel, in order.
    Each(Arc<[f32]>),
}

impl PerChannel {
    /// The number of a channel, from 0. There is one: see [`PerChannel::fits`].
    pub fn of(&self, channel: usize) -> f32 {
        match self {
            Self::All(number) => *number,
            Self::Each(numbers) => numbers[channel],
        }
    }

    /// Whether images with so many channels have a number for each.
    pub fn fits(&self, channels: usize) -> bool {
        match self {
            Self::All(_) => true,
            Self::Each(numbers) => numbers.len() == channels,
        }
    }

    /// The numbers that are given: one, or one for each channel.
    pub fn numbers(&self) -> &[f32] {
        match self {
            Self::All(number) => std::slice::from_ref(number),
            Self::Each(numbers) => numbers,
        }
    }
}

impl fmt::Debug for PerChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Limited::shown(self))
    }
}

impl Shown for PerChannel {
    fn shown(&self) -> Option<String> {
        Some(Limited::shown(self))
    }
}

impl Limited<f32> for PerChannel {
    fn lies_in(&self, range: &impl RangeBounds<f32>) -> bool {
        self.numbers().iter().all(|number| number.lies_in(range))
    }

    fn shown(&self) -> String {
        match self {
            Self::All(number) => number.to_string(),
            Self::Each(numbers) => {
                format!("{{ {} }}", numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
