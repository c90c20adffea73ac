//! LARS (You, Gitman, Ginsburg: "Large Batch Training of Convolutional Networks", 2017), as SimCLR uses it.

use serde::{Deserialize, Serialize};

use super::{
    Update,
    sgd::{accumulated, check_options, decayed},
};
use crate::{Error, Result, Tensor, nn::Role};

/// The hyperparameters of LARS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lars {
    /// μ: the share of the last velocity that stays.
    pub momentum: f64,
    /// λ: added to the gradient as λ·p.
    pub weight_decay: f64,
    /// η: how long an adapted step is, relative to the parameter.
    pub trust_coefficient: f64,
    /// Whether biases, norm parameters and all others of at most one dim are decayed and adapted as well.
    pub include_bias_and_norm: bool,
}

impl Default for Lars {
    fn default() -> Self {
        Self { momentum: 0.9, weight_decay: 0.0, trust_coefficient: 0.001, include_bias_and_norm: false }
    }
}

impl Lars {
    /// g += λp; if both norms are over 0: g *= η‖p‖/‖g‖; v = μv + g; p −= lr·v. A bias or norm parameter is neither
    /// decayed nor adapted, and neither is any other of at most one dim: a scale, shift or temperature of a module of one's
    /// own. The norms stay on the device.
    pub fn update(
        &self,
        parameter: &Tensor,
        gradient: &Tensor,
        velocity: Option<&Tensor>,
        role: Role,
        lr: f64,
    ) -> Result<Update> {
        let direction = if self.include_bias_and_norm || role == Role::Weight && parameter.rank() > 1 {
            let decayed = decayed(parameter, gradient, self.weight_decay)?;
            decayed.mul(&self.trust(parameter, &decayed)?)?
        } else {
            gradient.clone()
        };
        let velocity = accumulated(velocity, &direction, self.momentum)?;
        Ok(Update { parameter: parameter.sub(&velocity.mul_scalar(lr)?)?, velocity: Some(velocity) })
    }

    /// η‖p‖/‖g‖ as a scalar tensor; 1 where one of the norms is 0.
    fn trust(&self, parameter: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let (parameter, gradient) = (parameter.norm(None, false)?, gradient.norm(None, false)?);
        let adapts = parameter.gt_scalar(0.0)?.logical_and(&gradient.gt_scalar(0.0)?)?;
        let ratio = parameter.div(&gradient)?.mul_scalar(self.trust_coefficient)?;
        Tensor::select_where(&adapts, &ratio, &Tensor::scalar(1.0, parameter.device())?)
    }

    pub(super) fn check(&self) -> Result<()> {
        check_options("lars", self.momentum, self.weight_decay)?;
        if !(self.trust_coefficient.is_finite() && self.trust_coefficient > 0.0) {
            return Err(Error::argument("lars", "trust_coefficient", "a number over 0", self.trust_coefficient));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::fixture::{check, fixture, numbers},
    };

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
            let (mut parameter, mut velocity) = (tensor(&all["start"]), None);
            for (gradient, want) in
                all["gradients"].as_array().unwrap().iter().zip(case["after_each_step"].as_array().unwrap())
            {
                let update = rule.update(&parameter, &tensor(gradient), velocity.as_ref(), role, 0.5).unwrap();
                (parameter, velocity) = (update.parameter, update.velocity);
                check("lars", &parameter.floats().unwrap(), &numbers(want), 1e-6);
            }
        }
    }

    #[test]
    fn a_parameter_of_zeros_is_not_adapted() {
        let device = Device::cpu();
        let (zeros, ones) = (Tensor::zeros(&[1, 2], &device).unwrap(), Tensor::ones(&[1, 2], &device).unwrap());
        let moved = Lars::default().update(&zeros, &ones, None, Role::Weight, 0.5).unwrap();
        assert_eq!(moved.parameter.floats().unwrap(), [-0.5, -0.5]);
        let still = Lars::default().update(&ones, &zeros, None, Role::Weight, 0.5).unwrap();
        assert_eq!(still.parameter.floats().unwrap(), [1.0, 1.0]);
    }

    #[test]
    fn whatever_has_at_most_one_dim_is_neither_decayed_nor_adapted_unless_asked() {
        let rule = Lars { weight_decay: 0.5, ..Default::default() };
        let moved = |shape: &[usize], rule: Lars| {
            let tensor = |value| Tensor::full(value, shape, crate::tensor::Kind::Float, &Device::cpu()).unwrap();
            let update = rule.update(&tensor(2.0), &tensor(0.25), None, Role::Weight, 1.0).unwrap();
            update.parameter.floats().unwrap()
        };
        for shape in [&[][..], &[3]] {
            assert!(moved(shape, rule).iter().all(|value| *value == 1.75), "{shape:?}");
            let included = moved(shape, Lars { include_bias_and_norm: true, ..rule });
            assert!(included.iter().all(|value| (value - 1.998).abs() < 1e-6), "{shape:?}: {included:?}");
        }
        assert!(moved(&[3, 1], rule).iter().all(|value| (value - 1.998).abs() < 1e-6));
    }
}
