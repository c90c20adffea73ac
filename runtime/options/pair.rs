//! Height and width, for what most networks have square.

use std::{fmt, ops::RangeBounds};

use super::limits::Limited;

/// Height and width. Written as one number where both are equal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pair(pub [usize; 2]);

impl Pair {
    /// The same for height and width.
    pub const fn square(side: usize) -> Self {
        Self([side; 2])
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [height, width] if height == width => write!(f, "{height}"),
            [height, width] => write!(f, "{{{height}, {width}}}"),
        }
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Limited<usize> for Pair {
    fn lies_in(&self, range: &impl RangeBounds<usize>) -> bool {
        self.0.iter().all(|side| range.contains(side))
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}
