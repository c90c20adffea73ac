//! A transform that keeps more than any there is, for tests: two tensors of different shapes and a counter for each
//! parameter, a tensor and a counter for all of them. What it makes of an update depends on all of it.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Result, Tensor};

/// u = (½m + r/n + g) / (1 + ‖all u‖ + t/100), where m is the mean of updates, r their last row or value, n and t count
/// steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// The share of the last mean that stays.
    pub decay: f64,
}

impl Probe {
    pub(crate) const NAME: &str = "probe";
}

fn row(shape: &[usize]) -> Vec<usize> {
    shape.last().copied().into_iter().collect()
}

impl GradientTransform for Probe {
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        Ok(Slots::default().zeros("mean", shape).zeros("row", &row(shape)).counter("count", 0))
    }

    fn init_shared(&self) -> Slots {
        Slots::default().zeros("norm", &[]).counter("steps", 0)
    }

    fn needs_all(&self) -> bool {
        true
    }

    fn update_all(
        &self,
        passing: Vec<Passing>,
        shared: Slots,
        targets: &[&UpdateTarget],
    ) -> Result<(Vec<Passing>, Slots)> {
        let mut moved = Vec::new();
        for ((update, kept), target) in passing.into_iter().zip(targets) {
            let (count, device) = (kept.count("count") + 1, target.parameter.device());
            let old = |name: &str, shape: &[usize]| match kept.get(name) {
                Some(tensor) => Ok(tensor.clone()),
                None => Tensor::zeros(shape, device),
            };
            let mean = old("mean", update.shape())?.mul_scalar(self.decay)?.add(&update)?;
            let row = old("row", &row(update.shape()))?;
            let next = mean.mul_scalar(0.5)?.add(&row.mul_scalar(1.0 / count as f64)?)?.add(&update)?;
            let last = if update.rank() > 1 { update.sum(Some(0), false)? } else { update.clone() };
            moved.push((next, kept.tensor("mean", mean).tensor("row", last).counter("count", count)));
        }
        let mut norm =
            shared.get("norm").cloned().map_or_else(|| Tensor::scalar(0.0, targets[0].parameter.device()), Ok)?;
        for (update, _) in &moved {
            norm = norm.add(&update.norm(None, false)?)?;
        }
        let steps = shared.count("steps") + 1;
        let by = norm.add_scalar(1.0 + steps as f64 / 100.0)?;
        let moved = moved.into_iter().map(|(update, kept)| Ok((update.div(&by)?, kept)));
        let moved = moved.collect::<Result<_>>()?;
        Ok((moved, shared.tensor("norm", norm.mul_scalar(0.5)?).counter("steps", steps)))
    }
}
