//! Schedules put together: a warm-up before another one, one after the other. `S` is the schedule of the parts, and `of` gives
//! its value at a step of so many.

use serde::{Deserialize, Serialize};

use super::{finite::check_finite, length::Length};
use crate::{Error, Result};

/// A straight rise, and then another schedule, whose first step is the one after the rise. As PyTorch's LinearLR before
/// another scheduler in SequentialLR.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmUp<S> {
    length: Length,
    /// The value of the first step. Without it the first step has 1/(W + 1) of what comes.
    from: Option<f64>,
    then: Box<S>,
}

impl<S> WarmUp<S> {
    /// Errors for a length that is none, and where it does not begin with a finite number.
    pub(super) fn new(length: f64, from: Option<f64>, then: S) -> Result<Self> {
        check_finite("warmup", [("from", from.unwrap_or(0.0))])?;
        Ok(Self { length: Length::new("warmup", "length", length)?, from, then: Box::new(then) })
    }

    pub(super) fn at(&self, step: u64, total: u64, of: impl Fn(&S, u64, u64) -> Result<f64>) -> Result<f64> {
        let rising = self.length.steps(total);
        let rest = total.saturating_sub(rising);
        if step >= rising {
            return of(&self.then, step - rising, rest);
        }
        let top = of(&self.then, 0, rest)?;
        Ok(match self.from {
            Some(from) => from + (top - from) * step as f64 / rising as f64,
            None => top * (step + 1) as f64 / (rising + 1) as f64,
        })
    }

    pub(super) fn parts(&mut self) -> &mut [S] {
        std::slice::from_mut(&mut self.then)
    }
}

/// Schedules one after the other, each of which counts its steps from its own beginning. As PyTorch's SequentialLR.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piecewise<S> {
    parts: Vec<S>,
    /// Where each but the first begins.
    boundaries: Vec<Length>,
}

impl<S> Piecewise<S> {
    /// Errors where there is not one boundary fewer than parts, and where one is before another that it stands behind.
    pub(super) fn new(parts: Vec<S>, boundaries: &[f64]) -> Result<Self> {
        const OP: &str = "piecewise";
        if parts.len() != boundaries.len() + 1 {
            let want = format!("one fewer than the {} parts", parts.len());
            return Err(Error::argument(OP, "the number of boundaries", want, boundaries.len()));
        }
        let name = |position| format!("boundaries[{}]", crate::position::number(position));
        let boundary = |(position, length): (usize, &f64)| Length::positive(OP, &name(position), *length);
        let lengths = boundaries.iter().enumerate().map(boundary).collect::<Result<Vec<_>>>()?;
        // A share and a number of steps are known to be in order where the number of all steps is.
        let is_late = |place: &usize| lengths[..*place].iter().any(|before| before.is_after(lengths[*place]));
        if let Some(place) = (0..lengths.len()).find(is_late) {
            return Err(Error::argument(OP, name(place), "no earlier than those before it", boundaries[place]));
        }
        Ok(Self { parts, boundaries: lengths })
    }

    pub(super) fn at(&self, step: u64, total: u64, of: impl Fn(&S, u64, u64) -> Result<f64>) -> Result<f64> {
        let begins = |part: usize| if part == 0 { 0 } else { self.boundaries[part - 1].steps(total) };
        let part = (0..self.parts.len()).rev().find(|part| begins(*part) <= step).unwrap_or(0);
        let end = if part + 1 < self.parts.len() { begins(part + 1) } else { total };
        of(&self.parts[part], step - begins(part), end.saturating_sub(begins(part)))
    }

    pub(super) fn parts(&mut self) -> &mut [S] {
        &mut self.parts
    }
}
