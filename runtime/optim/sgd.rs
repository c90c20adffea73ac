//! Stochastic gradient descent with momentum, as PyTorch's `SGD` without dampening.

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Link, Mask, ScaleByLearningRate, Trace};
use crate::{Error, Result};

/// The hyperparameters of SGD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sgd {
    /// μ: the share of the last velocity that stays.
    pub momentum: f64,
    /// Whether the gradient is taken ahead, along the velocity.
    pub nesterov: bool,
    /// λ: added to the gradient as λ·p.
    pub weight_decay: f64,
}

impl Default for Sgd {
    fn default() -> Self {
        Self { momentum: 0.0, nesterov: false, weight_decay: 0.0 }
    }
}

impl Sgd {
    /// d = g + λp; v = μv + d; p −= lr·v, or lr·(d + μv) with Nesterov's. No velocity is kept where μ is 0.
    pub(super) fn links(&self) -> Vec<Link> {
        let decay = AddDecayedWeights { weight_decay: self.weight_decay, mask: Mask::Everything };
        let trace = Trace { decay: self.momentum, nesterov: self.nesterov };
        let mut links = vec![decay.into()];
        if self.momentum != 0.0 {
            links.push(trace.into());
        }
        links.push(ScaleByLearningRate {}.into());
        links
    }

    pub(super) fn check(&self) -> Result<()> {
        check_options("sgd", self.momentum, self.weight_decay)?;
        if self.nesterov && self.momentum == 0.0 {
            return Err(Error::argument("sgd", "momentum", "over 0 with nesterov", self.momentum));
        }
        Ok(())
    }
}

pub(super) fn check_options(op: &str, momentum: f64, weight_decay: f64) -> Result<()> {
    if !(0.0..1.0).contains(&momentum) {
        return Err(Error::argument(op, "momentum", "at least 0 and below 1", momentum));
    }
    if !(weight_decay.is_finite() && weight_decay >= 0.0) {
        return Err(Error::argument(op, "weight_decay", "a number of at least 0", weight_decay));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device, Tensor,
        nn::{
            Role,
            fixture::{check, fixture, numbers},
        },
        optim::{Kept, Rule, Target},
    };

    #[test]
    fn steps_are_pytorchs() {
        let all = fixture("/optimizers");
        let tensor = |value| Tensor::from_floats(numbers(value), &[3, 4], &Device::cpu()).unwrap();
        for case in all["sgd"].as_array().unwrap() {
            let rule = Rule::Sgd(Sgd {
                momentum: case["momentum"].as_f64().unwrap(),
                nesterov: case["nesterov"].as_bool().unwrap(),
                weight_decay: case["weight_decay"].as_f64().unwrap(),
            });
            let (mut parameter, mut kept) = (tensor(&all["start"]), Kept::new());
            for (gradient, want) in
                all["gradients"].as_array().unwrap().iter().zip(case["after_each_step"].as_array().unwrap())
            {
                let target = Target { parameter, role: Role::Weight, lr: 0.5, step: 1 };
                let update = rule.update(target, &tensor(gradient), &kept).unwrap();
                (parameter, kept) = (update.parameter, update.kept);
                check("sgd", &parameter.floats().unwrap(), &numbers(want), 1e-6);
            }
        }
    }
}
