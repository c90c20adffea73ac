//! The one-cycle policy (Smith and Topin, 2018), as PyTorch's OneCycleLR with two phases.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::finite::check_finite;
use crate::{
    Result,
    options::{Options, choices, options, over},
};

choices! {
    /// The shape of a way between two learning rates.
    pub enum Anneal of "one_cycle" "anneal" {
        /// Half a cosine.
        #[default]
        Cosine = "cosine",
        /// A straight line.
        Linear = "linear",
    }
}

options! {
    /// Options of `mb.schedule.one_cycle`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct OneCycleOptions {
        /// The share of all steps in which it rises.
        pub pct_start: f64 = 0.3, in 0.0..=1.0;
        /// It begins with peak / div_factor.
        pub div_factor: f64 = 25.0, in over(0.0);
        /// It ends with its beginning / final_div_factor.
        pub final_div_factor: f64 = 1e4, in over(0.0);
        /// The shape of both ways.
        pub anneal: Anneal = Anneal::Cosine;
    }
}

/// Up from `first` to `peak` until step `share · T − 1`, then down to `last` at step T − 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneCycle {
    first: f64,
    peak: f64,
    last: f64,
    share: f64,
    straight: bool,
}

impl OneCycle {
    /// Errors for what is not finite or not in its range.
    pub(super) fn new(peak: f64, options: OneCycleOptions) -> Result<Self> {
        check_finite("one_cycle", [("peak", peak)])?;
        let options = options.checked("one_cycle")?;
        let first = peak / options.div_factor;
        let straight = options.anneal == Anneal::Linear;
        Ok(Self { first, peak, last: first / options.final_div_factor, share: options.pct_start, straight })
    }

    pub(super) fn at(&self, step: u64, total: u64) -> f64 {
        let end = total.saturating_sub(1) as f64;
        let (step, top) = ((step as f64).min(end), self.share * total as f64 - 1.0);
        let (from, to, share) = if step <= top {
            (self.first, self.peak, if top > 0.0 { step / top } else { 1.0 })
        } else {
            // A peak before the first step is at the first.
            let top = top.max(0.0);
            (self.peak, self.last, if end > top { (step - top) / (end - top) } else { 1.0 })
        };
        match self.straight {
            true => from + (to - from) * share,
            false => to + (from - to) / 2.0 * (1.0 + (PI * share).cos()),
        }
    }
}
