//! Stochastic gradient descent with momentum, as PyTorch's `SGD` without dampening.

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Link, Mask, ScaleByLearningRate, Trace};
use crate::{
    Error, Result,
    options::{Options, options},
};

const OP: &str = "sgd";

options! {
    /// The hyperparameters of SGD.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Sgd {
        /// The share of the last velocity that stays.
        pub momentum: f64 = 0.0, in 0.0..1.0;
        /// Looks ahead along the velocity. Needs momentum.
        pub nesterov: bool = false;
        /// The share of each parameter that is added to its gradient.
        pub weight_decay: f64 = 0.0, in 0.0..;
        /// Whether biases, norm parameters, and all others of at most one dim are decayed, too.
        pub include_bias_and_norm: bool = true;
    }
}

impl Sgd {
    /// With μ the momentum and λ the weight decay: d = g + λp; v = μv + d; p −= lr·v, or lr·(d + μv) with Nesterov's.
    /// No velocity is kept where μ is 0.
    pub(super) fn links(&self) -> Vec<Link> {
        let mask = Mask::including_bias_and_norm(self.include_bias_and_norm);
        let decay = AddDecayedWeights { weight_decay: self.weight_decay, mask };
        let trace = Trace { decay: self.momentum, nesterov: self.nesterov };
        let mut links = vec![decay.into()];
        if self.momentum != 0.0 {
            links.push(trace.into());
        }
        links.push(ScaleByLearningRate {}.into());
        links
    }

    /// # Errors
    /// A hyperparameter outside of its range; Nesterov without momentum.
    pub(super) fn sound(&self) -> Result<()> {
        self.check(OP)?;
        if self.nesterov && self.momentum == 0.0 {
            return Err(Error::argument(OP, "momentum", "over 0 with nesterov", self.momentum));
        }
        Ok(())
    }
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
        optim::{Kept, Rule, UpdateTarget},
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
                ..Default::default()
            });
            let (mut parameter, mut kept) = (tensor(&all["start"]), Kept::new());
            for (gradient, want) in
                all["gradients"].as_array().unwrap().iter().zip(case["after_each_step"].as_array().unwrap())
            {
                let target = UpdateTarget { parameter, role: Role::Weight, lr: 0.5, step: 1 };
                let update = rule.update(target, &tensor(gradient), &kept).unwrap();
                (parameter, kept) = (update.parameter, update.kept);
                check("sgd", &parameter.floats().unwrap(), &numbers(want), 1e-6);
            }
        }
    }
}
