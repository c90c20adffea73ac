//! What the tests of wrapped layers and further networks compare with: `tests/reference/structure.py` computed it with
//! PyTorch, torchvision and timm in float64. Inputs and parameters are computed on both sides, from the same noise.

use serde_json::Value;

use super::{
    Module,
    fixture::{check, fill, loss_of, noise, numbers, sizes},
};
use crate::{Device, tensor::Gradients};

/// An entry of the fixtures, such as `/layers/weight_norm linear`.
pub(crate) fn fixture(kind: &str, name: &str) -> Value {
    let all: Value =
        serde_json::from_str(include_str!("../../tests/fixtures/structure.json")).expect("the fixtures are JSON");
    all[kind].get(name).unwrap_or_else(|| panic!("no fixture {kind}/{name}")).clone()
}

/// Runs a layer on the generator's input and compares output, gradients and buffers.
pub(crate) fn check_layer(name: &str, module: &Module) {
    check_within(&fixture("layers", name), name, module, 1e-5);
}

/// The same of a network, with every gradient's norm in the place of the gradients.
pub(crate) fn check_network(name: &str, module: &Module) {
    check_within(&fixture("networks", name), name, module, 2e-4);
}

fn check_within(expected: &Value, name: &str, module: &Module, tolerance: f32) {
    module.realise("layer", 0, &Device::cpu()).unwrap();
    fill(module);
    let input = noise("input", &sizes(&expected["input"])).requires_grad().unwrap();
    let output = module.forward(&input).unwrap();
    assert_eq!(output.shape(), sizes(&expected["output_shape"]), "{name}");
    check(name, &output.floats().unwrap(), &numbers(&expected["output"]), tolerance);
    let mut gradients = Gradients::of(&loss_of(&output)).unwrap();
    let mut compare = |what: &str, leaf: &crate::Tensor, want: &Value| {
        let gradient = gradients.take(leaf).unwrap_or_else(|| panic!("{name}: no gradient of {what}"));
        let got = match want {
            Value::Array(_) => gradient.floats().unwrap(),
            _ => vec![gradient.norm(None, false).unwrap().item().unwrap() as f32],
        };
        let want = match want {
            Value::Array(_) => numbers(want),
            norm => vec![norm.as_f64().expect("a norm") as f32],
        };
        check(&format!("{name}: gradient of {what}"), &got, &want, tolerance);
    };
    compare("input", &input, &expected["input_gradient"]);
    let parameters = module.parameters();
    let wanted = expected["gradients"].as_object().unwrap();
    assert_eq!(parameters.len(), wanted.len(), "{name}: {:?}", wanted.keys().collect::<Vec<_>>());
    for (own, parameter) in parameters {
        compare(&own, &parameter.used_leaf().unwrap(), &expected["gradients"][&own]);
    }
    for (own, buffer) in module.buffers() {
        let want = &expected["buffers"][&own];
        check(&format!("{name}: {own}"), &buffer.value().unwrap().floats().unwrap(), &numbers(want), tolerance);
    }
    if let Some(want) = expected.get("eval") {
        module.set_training(false);
        let output = module.forward(&input).unwrap();
        check(&format!("{name}, evaluation"), &output.floats().unwrap(), &numbers(want), tolerance);
    }
}

/// Compares the names and the shapes of every parameter and buffer with those of the network of a name.
pub(crate) fn check_shapes(name: &str, module: &Module) {
    let parameters = module.parameters().into_iter().map(|(name, own)| (name, own.shape().to_vec()));
    let buffers = module.buffers().into_iter().map(|(name, own)| (name, own.shape().to_vec()));
    let own: Vec<(String, Vec<usize>)> = parameters.chain(buffers).collect();
    let expected = fixture("shapes", name);
    let entries = expected.as_array().unwrap().iter();
    let expected: Vec<_> = entries.map(|entry| (entry[0].as_str().unwrap().to_owned(), sizes(&entry[1]))).collect();
    let other = own.iter().zip(&expected).find(|(own, expected)| own != expected);
    assert!(own.len() == expected.len() && other.is_none(), "{name}: {other:?}, {} of {}", own.len(), expected.len());
}
