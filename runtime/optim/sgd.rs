//! Stochastic gradient descent with momentum, as PyTorch's `SGD` without dampening.

use serde::{Deserialize, Serialize};

use super::Update;
use crate::{Error, Result, Tensor};

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
    pub fn update(&self, parameter: &Tensor, gradient: &Tensor, velocity: Option<&Tensor>, lr: f64) -> Result<Update> {
        let direction = decayed(parameter, gradient, self.weight_decay)?;
        if self.momentum == 0.0 {
            return Ok(Update { parameter: parameter.sub(&direction.mul_scalar(lr)?)?, velocity: None });
        }
        let velocity = accumulated(velocity, &direction, self.momentum)?;
        let way = if self.nesterov { direction.add(&velocity.mul_scalar(self.momentum)?)? } else { velocity.clone() };
        Ok(Update { parameter: parameter.sub(&way.mul_scalar(lr)?)?, velocity: Some(velocity) })
    }

    pub(super) fn check(&self) -> Result<()> {
        check_options("sgd", self.momentum, self.weight_decay)?;
        if self.nesterov && self.momentum == 0.0 {
            return Err(Error::argument("sgd", "momentum", "over 0 with nesterov", self.momentum));
        }
        Ok(())
    }
}

/// g + λp.
pub(super) fn decayed(parameter: &Tensor, gradient: &Tensor, weight_decay: f64) -> Result<Tensor> {
    if weight_decay == 0.0 { Ok(gradient.clone()) } else { gradient.add(&parameter.mul_scalar(weight_decay)?) }
}

/// μv + d, where no velocity is a velocity of 0.
pub(super) fn accumulated(velocity: Option<&Tensor>, direction: &Tensor, momentum: f64) -> Result<Tensor> {
    match velocity {
        Some(velocity) if momentum != 0.0 => velocity.mul_scalar(momentum)?.add(direction),
        _ => Ok(direction.clone()),
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
        Device,
        nn::fixture::{check, fixture, numbers},
    };

    #[test]
    fn steps_are_pytorchs() {
        let all = fixture("/optimizers");
        let tensor = |value| Tensor::from_floats(numbers(value), &[3, 4], &Device::cpu()).unwrap();
        for case in all["sgd"].as_array().unwrap() {
            let rule = Sgd {
                momentum: case["momentum"].as_f64().unwrap(),
                nesterov: case["nesterov"].as_bool().unwrap(),
                weight_decay: case["weight_decay"].as_f64().unwrap(),
            };
            let (mut parameter, mut velocity) = (tensor(&all["start"]), None);
            for (gradient, want) in
                all["gradients"].as_array().unwrap().iter().zip(case["after_each_step"].as_array().unwrap())
            {
                let update = rule.update(&parameter, &tensor(gradient), velocity.as_ref(), 0.5).unwrap();
                (parameter, velocity) = (update.parameter, update.velocity);
                check("sgd", &parameter.floats().unwrap(), &numbers(want), 1e-6);
            }
        }
    }
}
