//! Activations as layers, and layers that drop values.

use std::rc::Rc;

use super::plain::layer;
use crate::{
    Result,
    nn::{
        self, EluOptions, Function, GeluForm, GeluOptions, HardtanhOptions, LeakyReluOptions, Module, PreluOptions,
        ShrinkOptions, SoftplusOptions, StepKeys, drawing_by,
    },
    parity::{
        Case, Group,
        derivative::{differentiate, realised},
        noise::noise,
        tolerance::{EXACT, FUNCTION, SUM},
    },
};

const SHAPE: [usize; 3] = [7, 12, 33];

pub(super) fn cases() -> Vec<Case> {
    let of = |name: &str, tolerance, function: Function| layer(name, tolerance, &SHAPE, move || nn::function(function));
    let by_tanh = GeluOptions { approximate: GeluForm::Tanh };
    let shrink = ShrinkOptions { lambda: 0.4 };
    vec![
        of("gelu layer", FUNCTION, Function::Gelu(GeluOptions::default())),
        of("gelu layer by tanh", FUNCTION, Function::Gelu(by_tanh)),
        of("silu layer", FUNCTION, Function::Silu),
        of("mish layer", FUNCTION, Function::Mish),
        of("leaky_relu layer", FUNCTION, Function::LeakyRelu(LeakyReluOptions::default())),
        of("elu layer", FUNCTION, Function::Elu(EluOptions { alpha: 1.5 })),
        of("celu layer", FUNCTION, Function::Celu(EluOptions { alpha: 1.5 })),
        of("selu layer", FUNCTION, Function::Selu),
        of("relu6 layer", EXACT, Function::Relu6),
        of("sigmoid layer", FUNCTION, Function::Sigmoid),
        of("logsigmoid layer", FUNCTION, Function::Logsigmoid),
        of("tanh layer", FUNCTION, Function::Tanh),
        of("tanhshrink layer", FUNCTION, Function::Tanhshrink),
        of("softsign layer", FUNCTION, Function::Softsign),
        of("softplus layer", FUNCTION, Function::Softplus(SoftplusOptions::default())),
        of("hardswish layer", FUNCTION, Function::Hardswish),
        of("hardsigmoid layer", FUNCTION, Function::Hardsigmoid),
        of("hardtanh layer", EXACT, Function::Hardtanh(HardtanhOptions { min: -0.5, max: 0.25 })),
        of("hardshrink layer", EXACT, Function::Hardshrink(shrink)),
        of("softshrink layer", FUNCTION, Function::Softshrink(shrink)),
        of("softmax layer", SUM, Function::Softmax(2)),
        of("log_softmax layer", SUM, Function::LogSoftmax(-1)),
        of("glu layer", FUNCTION, Function::Glu(2)),
        layer("prelu layer", SUM, &SHAPE, || nn::prelu(PreluOptions { channels: 12, ..Default::default() })),
        drawing("dropout layer", || nn::dropout(0.3)),
        drawing("dropout2d layer", || nn::dropout2d(0.3)),
        drawing("drop_path layer", || nn::drop_path(0.3)),
    ]
}

/// A layer that draws the same on every device.
fn drawing(name: &str, make: fn() -> Result<Module>) -> Case {
    Case::new(Group::Layer, name, FUNCTION, move |device| {
        let module = realised(make()?, device)?;
        let input = noise("input", &SHAPE, device)?;
        differentiate(&[("input", input)], |inputs| {
            drawing_by(Rc::new(StepKeys::new(3, 5)), || module.forward(&inputs[0]))
        })
    })
}
