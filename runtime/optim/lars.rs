//! LARS (You, Gitman, Ginsburg: "Large Batch Training of Convolutional Networks", 2017), with the momentum of the
//! implementations in PyTorch (Barlow Twins, VICReg, solo-learn): a step is the velocity times the learning rate. The paper,
//! and SimCLR's code, have the rate within the velocity, which is not the same while the rate changes.

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Link, Mask, ScaleByLearningRate, ScaleByTrustRatio, Trace};
use crate::options::{options, over};

options! {
    /// The hyperparameters of LARS.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Lars {
        /// The share of the velocity that stays from step to step.
        pub momentum: f64 = 0.9, in 0.0..1.0;
        /// The share of a parameter that is added to its gradient.
        pub weight_decay: f64 = 0.0, in 0.0..;
        /// How long an adapted step is, relative to the parameter.
        pub trust_coefficient: f64 = 0.001, in over(0.0);
        /// Whether parameters that are left alone by default are decayed and adapted, too: biases, norm parameters, and
        /// all others of at most one dim.
        pub include_bias_and_norm: bool = false;
    }
}

impl Lars {
    /// With λ the weight decay, η the trust coefficient and μ the momentum: g += λp; if both norms are over 0: g *=
    /// η‖p‖/‖g‖; v = μv + g; p −= lr·v. A bias or norm parameter is neither decayed nor adapted, and neither is any
    /// other of at most one dim.
    pub(super) fn links(&self) -> Vec<Link> {
        let mask = Mask::including_bias_and_norm(self.include_bias_and_norm);
        vec![
            AddDecayedWeights { weight_decay: self.weight_decay, mask }.into(),
            ScaleByTrustRatio { trust_coefficient: self.trust_coefficient, mask }.into(),
            Trace { decay: self.momentum, nesterov: false }.into(),
            ScaleByLearningRate {}.into(),
        ]
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

    fn moved(rule: Lars, parameter: Tensor, gradient: &Tensor, lr: f64) -> Vec<f32> {
        let target = UpdateTarget { parameter, role: Role::Weight, lr, step: 1 };
        Rule::Lars(rule).update(target, gradient, &Kept::new()).unwrap().parameter.floats().unwrap()
    }

    #[test]
    fn steps_follow_the_formula() {
        let all = fixture("/optimizers");
        let tensor = |value| Tensor::from_floats(numbers(value), &[3, 4], &Device::cpu()).unwrap();
        for case in all["lars"].as_array().unwrap() {
            let rule = Lars {
                weight_decay: case["weight_decay"].as_f64().unwrap(),
                trust_coefficient: case["trust_coefficient"].as_f64().unwrap(),
                ..Default::default()
            };
            let role = if case["adapt"].as_bool().unwrap() { Role::Weight } else { Role::Norm };
            let (mut parameter, mut kept) = (tensor(&all["start"]), Kept::new());
            for (gradient, want) in
                all["gradients"].as_array().unwrap().iter().zip(case["after_each_step"].as_array().unwrap())
            {
                let target = UpdateTarget { parameter, role, lr: 0.5, step: 1 };
                let update = Rule::Lars(rule).update(target, &tensor(gradient), &kept).unwrap();
                (parameter, kept) = (update.parameter, update.kept);
                check("lars", &parameter.floats().unwrap(), &numbers(want), 1e-6);
            }
        }
    }

    #[test]
    fn a_parameter_of_zeros_is_not_adapted() {
        let device = Device::cpu();
        let (zeros, ones) = (Tensor::zeros(&[1, 2], &device).unwrap(), Tensor::ones(&[1, 2], &device).unwrap());
        assert_eq!(moved(Lars::default(), zeros.clone(), &ones, 0.5), [-0.5, -0.5]);
        assert_eq!(moved(Lars::default(), ones, &zeros, 0.5), [1.0, 1.0]);
    }

    #[test]
    fn whatever_has_at_most_one_dim_is_neither_decayed_nor_adapted_unless_asked() {
        let rule = Lars { weight_decay: 0.5, ..Default::default() };
        let moved = |shape: &[usize], rule: Lars| {
            let tensor = |value| Tensor::full(value, shape, crate::tensor::Kind::Float, &Device::cpu()).unwrap();
            self::moved(rule, tensor(2.0), &tensor(0.25), 1.0)
        };
        for shape in [&[][..], &[3]] {
            assert!(moved(shape, rule).iter().all(|value| *value == 1.75), "{shape:?}");
            let included = moved(shape, Lars { include_bias_and_norm: true, ..rule });
            assert!(included.iter().all(|value| (value - 1.998).abs() < 1e-6), "{shape:?}: {included:?}");
        }
        assert!(moved(&[3, 1], rule).iter().all(|value| (value - 1.998).abs() < 1e-6));
    }
}
