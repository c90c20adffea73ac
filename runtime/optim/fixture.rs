//! A small model with gradients, for tests.

use super::{Optimizer, Rule, Schedule, Sgd};
use crate::{
    Device, Tensor,
    nn::{Module, linear, sequential},
    tensor::Gradients,
};

pub(super) fn model() -> Module {
    let model = sequential(vec![linear(2, 2, true), linear(2, 1, false)]);
    model.realise("model", 3, &Device::cpu()).unwrap();
    model
}

pub(super) fn optimizer() -> Optimizer {
    moving_at(0.1)
}

pub(super) fn moving_at(lr: f64) -> Optimizer {
    let rule = Rule::Sgd(Sgd { momentum: 0.9, ..Default::default() });
    Optimizer::new(rule, Schedule::constant(lr).unwrap()).unwrap()
}

pub(super) fn gradients(model: &Module, scale: f64) -> Gradients {
    let input = Tensor::ones(&[3, 2], &Device::cpu()).unwrap();
    let output = model.forward(&input).unwrap();
    Gradients::of(&output.mul(&output).unwrap().mean(None, false).unwrap().mul_scalar(scale).unwrap()).unwrap()
}

pub(super) fn values(tensors: &[(String, Tensor)]) -> Vec<Vec<f32>> {
    tensors.iter().map(|(_, tensor)| tensor.floats().unwrap()).collect()
}
