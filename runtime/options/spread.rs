//! Numbers around 0, or between two ends.

use std::{fmt, ops::RangeBounds};

use super::{limits::Limited, shown::Shown};

/// The least and the greatest of some numbers; where a script writes one number x, they are -x and x.
#[derive(Clone, Copy, PartialEq)]
pub struct Spread(pub [f32; 2]);

impl Spread {
    /// From -x to x.
    pub const fn around_zero(x: f32) -> Self {
        Self([-x, x])
    }
}

impl fmt::Debug for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Limited::shown(self))
    }
}

impl Shown for Spread {
    fn shown(&self) -> Option<String> {
        Some(Limited::shown(self))
    }
}

impl Limited<f32> for Spread {
    fn lies_in(&self, range: &impl RangeBounds<f32>) -> bool {
        let Self([low, high]) = self;
        low <= high && low.lies_in(range) && high.lies_in(range)
    }

    fn want(limits: String) -> String {
        format!(
            "a number x for -x to x, or two numbers {{ low, high }} with low at most high, each {}",
            limits.trim_start_matches("a number ")
        )
    }

    fn shown(&self) -> String {
        match self.0 {
            [low, high] if low == -high => format!("{}", high.abs()),
            [low, high] => format!("{{ {low}, {high} }}"),
        }
    }
}
