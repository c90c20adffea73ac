//! What the tests compare with: values that `tests/reference/networks.py` computed with PyTorch. Inputs and
//! parameters are computed on both sides, from the same noise.

use serde_json::Value;

use super::Module;
use crate::{
    Device, Tensor,
    tensor::{Gradients, Kind},
};

/// An entry of the fixtures, such as `/layers/linear`.
pub(crate) fn fixture(pointer: &str) -> Value {
    let all: Value =
        serde_json::from_str(include_str!("../../tests/fixtures/networks.json")).expect("the fixtures are JSON");
    all.pointer(pointer).unwrap_or_else(|| panic!("no fixture {pointer}")).clone()
}

/// A list of numbers.
pub(crate) fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number") as f32).collect()
}

/// A list of sizes or labels.
pub(crate) fn sizes(value: &Value) -> Vec<usize> {
    value.as_array().expect("a list").iter().map(|number| number.as_u64().expect("a size") as usize).collect()
}

/// Uniform in −1 … 1, a function of the name and the position.
pub(crate) fn noise(name: &str, shape: &[usize]) -> Tensor {
    let key = name.bytes().fold(0u32, |key, byte| key.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let value = |position: u32| {
        let mut x = position.wrapping_mul(2_654_435_761).wrapping_add(key.wrapping_mul(2_246_822_519));
        x = (x ^ (x >> 15)).wrapping_mul(2_246_822_519);
        x = (x ^ (x >> 13)).wrapping_mul(3_266_489_917);
        x ^= x >> 16;
        (f64::from(x) / f64::from(1u32 << 31) - 1.0) as f32
    };
    let count = shape.iter().product::<usize>() as u32;
    Tensor::from_floats((0..count).map(value).collect(), shape, &Device::cpu()).unwrap()
}

/// Gives every parameter and buffer the value that the generator gives it.
pub(crate) fn fill(module: &Module) {
    let state = module.state().into_iter().map(|(name, tensor)| {
        let x = noise(&name, tensor.shape());
        let value = if tensor.rank() > 1 {
            x.mul_scalar((3.0 / tensor.shape()[1..].iter().product::<usize>() as f64).sqrt()).unwrap()
        } else if name.ends_with("weight") || name.ends_with("running_var") {
            x.mul_scalar(0.2).unwrap().add_scalar(1.0).unwrap()
        } else {
            x.mul_scalar(0.2).unwrap()
        };
        (name, value)
    });
    module.load_strict(&state.collect(), false).unwrap();
}

/// The loss of the generator.
pub(crate) fn loss_of(output: &Tensor) -> Tensor {
    output.mul(&noise("weight of the loss", output.shape())).unwrap().sum(None, false).unwrap()
}

/// Fails where two lists differ by more than `tolerance`, relative to the larger of 1 and the largest value expected.
pub(crate) fn check(what: &str, got: &[f32], want: &[f32], tolerance: f32) {
    assert_eq!(got.len(), want.len(), "{what}: number of values");
    let scale = want.iter().fold(1f32, |most, value| most.max(value.abs()));
    let worst = got
        .iter()
        .zip(want)
        .map(|(got, want)| (got - want).abs() / scale)
        .fold(0f32, |a, b| if b.is_nan() { f32::INFINITY } else { a.max(b) });
    println!("{what}: {worst:.1e}");
    assert!(
        worst <= tolerance,
        "{what}: off by {worst}: {:?}… and {:?}…",
        &got[..got.len().min(8)],
        &want[..want.len().min(8)]
    );
}

/// Runs a layer on the generator's input and compares output, gradients and buffers.
pub(crate) fn check_layer(name: &str, module: &Module) {
    let expected = fixture("/layers")[name].clone();
    module.realise("layer", 0, &Device::cpu()).unwrap();
    fill(module);
    let input = noise("input", &sizes(&expected["input"])).requires_grad().unwrap();
    let output = module.forward(&input).unwrap();
    assert_eq!(output.shape(), sizes(&expected["output_shape"]), "{name}");
    check(name, &output.floats().unwrap(), &numbers(&expected["output"]), 1e-5);
    let mut gradients = Gradients::of(&loss_of(&output)).unwrap();
    let mut compare = |what: &str, leaf: &Tensor, want: &Value| {
        let gradient = gradients.take(leaf).unwrap_or_else(|| panic!("{name}: no gradient of {what}"));
        assert_eq!(gradient.kind(), Kind::Float);
        check(&format!("{name}: gradient of {what}"), &gradient.floats().unwrap(), &numbers(want), 1e-5);
    };
    compare("input", &input, &expected["input_gradient"]);
    let parameters = module.parameters();
    assert_eq!(parameters.len(), expected["gradients"].as_object().unwrap().len());
    for (own, parameter) in parameters {
        compare(&own, &parameter.used_leaf().unwrap(), &expected["gradients"][&own]);
    }
    for (own, buffer) in module.buffers() {
        check(
            &format!("{name}: {own}"),
            &buffer.value().unwrap().floats().unwrap(),
            &numbers(&expected["buffers"][&own]),
            1e-5,
        );
    }
}
