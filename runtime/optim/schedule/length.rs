//! How long a part of a training is, or where in it something happens.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A number of steps, or a share of all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// A share of all steps, 0 to 1, rounded to whole steps.
    Fraction(f64),
    /// So many steps.
    Steps(u64),
}

impl Length {
    /// Below 1 a share of all steps, else a whole number of steps.
    ///
    /// # Errors
    /// Negative, not finite, or over 1 with a fraction.
    pub fn new(op: &str, name: &str, length: f64) -> Result<Self> {
        match length {
            share if (0.0..1.0).contains(&share) => Ok(Self::Fraction(share)),
            steps if steps >= 1.0 && steps.fract() == 0.0 && steps < 1e15 => Ok(Self::Steps(steps as u64)),
            other => Err(Error::argument(op, name, "a share from 0 to 1 or a whole number of steps", other)),
        }
    }

    /// The same, but not none at all. Errors as [`Length::new`], and for 0.
    pub fn positive(op: &str, name: &str, length: f64) -> Result<Self> {
        match length {
            0.0 => Err(Error::argument(op, name, "more than 0", length)),
            length => Self::new(op, name, length),
        }
    }

    /// Whether it is longer than another one, however many steps there are.
    pub(super) fn is_after(self, other: Self) -> bool {
        match (self, other) {
            (Self::Fraction(own), Self::Fraction(other)) => own > other,
            (Self::Steps(own), Self::Steps(other)) => own > other,
            _ => false,
        }
    }

    /// In steps, of a training of so many.
    pub fn steps(self, total: u64) -> u64 {
        match self {
            Self::Fraction(share) => (share * total as f64).round() as u64,
            Self::Steps(steps) => steps,
        }
    }

    /// At least one step.
    pub(super) fn at_least_one(self, total: u64) -> u64 {
        self.steps(total).max(1)
    }
}
