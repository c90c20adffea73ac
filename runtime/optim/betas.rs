//! The shares of two running means that stay from step to step.

use std::ops::RangeBounds;

use serde::{Deserialize, Serialize};

use crate::options::Limited;

/// β₁, of the gradients' mean, and β₂, of that of their squares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Betas(pub [f64; 2]);

impl Limited<f64> for Betas {
    fn lies_in(&self, range: &impl RangeBounds<f64>) -> bool {
        self.0.iter().all(|beta| beta.lies_in(range))
    }

    fn want(limits: String) -> String {
        format!("two numbers, each {limits}")
    }

    fn shown(&self) -> String {
        let Self([first, second]) = self;
        format!("{{ {first}, {second} }}")
    }
}
