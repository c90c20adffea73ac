//! Two numbers of which a draw is made uniformly.

use std::{fmt, ops::RangeBounds};

use super::limits::Limited;

/// The least and the greatest of some numbers.
#[derive(Clone, Copy, PartialEq)]
pub struct Span(pub [f32; 2]);

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([low, high]) = self;
        write!(f, "{{{low}, {high}}}")
    }
}

impl Limited<f32> for Span {
    fn lies_in(&self, range: &impl RangeBounds<f32>) -> bool {
        let Self([low, high]) = self;
        low <= high && low.lies_in(range) && high.lies_in(range)
    }

    fn want(limits: String) -> String {
        format!("two numbers {{ low, high }} with low at most high, each {}", limits.trim_start_matches("a number "))
    }

    fn shown(&self) -> String {
        format!("{self:?}")
    }
}
