//! What the tests of further layers compare with: `tests/reference/layers.py` computed it with PyTorch in float64. Every
//! layer is checked twice, in float32 and in float64. Inputs and parameters are computed on both sides, from the same noise.

use serde_json::Value;

use super::{
    Module,
    fixture::{noise, numbers, sizes},
};
use crate::{
    Device, Tensor,
    tensor::{DType, Pass, grad},
};

/// How far each format may be off, relative to the larger of 1 and the largest value expected.
const FORMATS: [(DType, f64); 2] = [(DType::Float32, 2e-5), (DType::Float64, 1e-9)];

pub(crate) fn entry(name: &str) -> Value {
    let all: Value =
        serde_json::from_str(include_str!("../../tests/fixtures/layers.json")).expect("the fixtures are JSON");
    all.get(name).unwrap_or_else(|| panic!("no fixture {name}")).clone()
}

/// Compares outputs, gradients and buffers of a layer, and its second gradients where the fixture has them.
pub(crate) fn check(name: &str, module: &Module) {
    check_by(name, module, |inputs| module.call_all(inputs).unwrap());
}

/// The same of a function that may call a module.
pub(crate) fn check_by(name: &str, module: &Module, run: impl Fn(&[Tensor]) -> Vec<Tensor>) {
    let expected = entry(name);
    module.realise("layer", 0, &Device::cpu()).unwrap();
    for (dtype, tolerance) in FORMATS {
        let case = Case { name: format!("{name}, {dtype}"), expected: &expected, dtype, tolerance };
        case.fill(module);
        case.run(module, &run);
    }
}

struct Case<'a> {
    name: String,
    expected: &'a Value,
    dtype: DType,
    tolerance: f64,
}

impl Case<'_> {
    /// Gives parameters and buffers the values that the generator gives them.
    fn fill(&self, module: &Module) {
        let value = |name: &str, shape: &[usize]| {
            let noise = noise(name, shape).to_dtype(self.dtype).unwrap();
            match shape.len() > 1 {
                true => noise.mul_scalar(0.5).unwrap(),
                false if name.ends_with("weight") || name.ends_with("running_var") => {
                    noise.mul_scalar(0.25).unwrap().add_scalar(1.0).unwrap()
                }
                false => noise.mul_scalar(0.25).unwrap(),
            }
        };
        for (name, parameter) in module.parameters() {
            parameter.set(value(&name, parameter.shape())).unwrap();
        }
        for (name, buffer) in module.buffers() {
            buffer.set(value(&name, buffer.shape())).unwrap();
        }
    }

    fn inputs(&self) -> Vec<Tensor> {
        let inputs = self.expected["inputs"].as_array().expect("a list");
        let made = inputs.iter().enumerate().map(|(number, input)| {
            let shape = sizes(&input["shape"]);
            if let Some(values) = input.get("ints") {
                let values = numbers(values).into_iter().map(|value| value as i32).collect();
                return Tensor::from_ints(values, &shape, &Device::cpu()).unwrap();
            }
            if let Some(values) = input.get("bools") {
                let values = values.as_array().expect("a list").iter().map(|value| value == true).collect();
                return Tensor::from_bools(values, &shape, &Device::cpu()).unwrap();
            }
            let scale = input.get("scale").map_or(1.0, |scale| scale.as_f64().expect("a number"));
            let values = noise(&format!("input {number}"), &shape).to_dtype(self.dtype).unwrap();
            values.mul_scalar(scale).unwrap().requires_grad().unwrap()
        });
        made.collect()
    }

    fn run(&self, module: &Module, run: &impl Fn(&[Tensor]) -> Vec<Tensor>) {
        let inputs = self.inputs();
        let outputs = run(&inputs);
        let expected = self.expected["outputs"].as_array().expect("a list");
        assert_eq!(outputs.len(), expected.len(), "{}: number of outputs", self.name);
        for (number, (output, want)) in outputs.iter().zip(expected).enumerate() {
            assert_eq!(output.shape(), sizes(&want["shape"]), "{}: shape of output {number}", self.name);
            assert_eq!(output.dtype(), self.dtype, "{}", self.name);
            self.compare(&format!("output {number}"), output, &want["values"]);
        }
        let mut leaves: Vec<(String, Tensor)> = Vec::new();
        for (number, input) in inputs.iter().enumerate().filter(|(_, input)| input.is_tracked()) {
            leaves.push((format!("input {number}"), input.clone()));
        }
        for (name, parameter) in module.parameters() {
            leaves.push((name, parameter.used_leaf().expect("the parameter is used")));
        }
        let wanted = self.expected["gradients"].as_object().expect("by name");
        assert_eq!(leaves.len(), wanted.len(), "{}: number of gradients", self.name);
        let tensors: Vec<Tensor> = leaves.iter().map(|(_, leaf)| leaf.clone()).collect();
        let second = self.expected.get("second_gradients");
        let pass = Pass { create_graph: second.is_some(), retain_graph: second.is_some() };
        let gradients = grad(&[self.loss(&outputs)], &[None], &tensors, pass).unwrap();
        for ((name, _), gradient) in leaves.iter().zip(&gradients) {
            self.compare(&format!("gradient of {name}"), gradient, &wanted[name]);
        }
        if let Some(wanted) = second {
            let weigh = |(name, gradient): (&String, &Tensor)| gradient.mul(&self.noise(name, gradient)).unwrap();
            let names: Vec<String> = leaves.iter().map(|(name, _)| format!("second {name}")).collect();
            let sums = names.iter().zip(&gradients).filter(|(_, gradient)| gradient.is_tracked()).map(weigh);
            let total = sums.map(|sum| sum.sum(None, false).unwrap()).reduce(|a, b| a.add(&b).unwrap());
            // Where pieces are lines, no gradient depends on anything.
            let found = match total {
                Some(total) => grad(&[total], &[None], &tensors, Pass::default()).unwrap(),
                None => tensors.iter().map(|leaf| leaf.zeros_like().unwrap()).collect(),
            };
            for ((name, _), gradient) in leaves.iter().zip(&found) {
                self.compare(&format!("second gradient of {name}"), gradient, &wanted[name]);
            }
        }
        for (name, buffer) in module.buffers() {
            self.compare(&name, &buffer.value().unwrap(), &self.expected["buffers"][&name]);
        }
    }

    fn noise(&self, name: &str, like: &Tensor) -> Tensor {
        noise(name, like.shape()).to_dtype(self.dtype).unwrap()
    }

    fn loss(&self, outputs: &[Tensor]) -> Tensor {
        let weighed = outputs.iter().enumerate().map(|(number, output)| {
            let weight = self.noise(&format!("weight of output {number}"), output);
            output.mul(&weight).unwrap().sum(None, false).unwrap()
        });
        weighed.reduce(|a, b| a.add(&b).unwrap()).unwrap()
    }

    fn compare(&self, what: &str, got: &Tensor, want: &Value) {
        let want: Vec<f64> =
            want.as_array().expect("a list").iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect();
        let got = got.doubles().unwrap();
        assert_eq!(got.len(), want.len(), "{}: {what}: number of values", self.name);
        let scale = want.iter().fold(1f64, |most, value| most.max(value.abs()));
        let worst = got.iter().zip(&want).map(|(got, want)| (got - want).abs() / scale);
        let worst = worst.fold(0f64, |a, b| if b.is_nan() { f64::INFINITY } else { a.max(b) });
        assert!(
            worst <= self.tolerance,
            "{}: {what} is off by {worst}: {:?}… and {:?}…",
            self.name,
            &got[..got.len().min(8)],
            &want[..want.len().min(8)]
        );
    }
}
