//! A kernel's gradient by another kernel, as a step of the backward pass.

use super::{
    Arguments, Output, Program, Size,
    launched::Launched,
    program::{bindings, gradient_of},
};
use crate::{
    Result, Tensor,
    gpu::{Access, Kernel, Watch},
    tensor::{
        Kind,
        operation::{self, Operation, Saved},
    },
};

/// What the backward kernel is launched with, but for the gradient that arrives.
#[derive(Clone, Debug)]
struct Backward {
    kernel: Kernel,
    read: Vec<(String, Saved)>,
    by_output: String,
    scalars: Vec<(String, f64)>,
    /// The gradient of each input that has one.
    gradients: Vec<Output>,
    size: Size,
    watch: Watch,
}

impl<const N: usize> Operation<N> for Backward {
    fn backward(&self, by_output: &Tensor, _: [bool; N]) -> Result<[Option<Tensor>; N]> {
        let read: Vec<_> = self.read.iter().map(|(name, saved)| (name.as_str(), saved.tensor())).collect();
        let mut inputs: Vec<_> = read.iter().map(|(name, tensor)| (*name, tensor)).collect();
        inputs.push((&self.by_output, by_output));
        let launched = Launched {
            kernel: &self.kernel,
            inputs: &inputs,
            scalars: &self.scalars,
            outputs: &self.gradients,
            size: self.size,
            watch: self.watch,
        };
        let mut found = launched.run(by_output.device())?.into_iter();
        Ok(std::array::from_fn(|_| found.next()))
    }
}

/// Puts a kernel's output on the tape of the inputs that have a gradient.
pub(super) fn record(program: &Program, backward: &Kernel, arguments: &Arguments, output: Tensor) -> Result<Tensor> {
    let tensor = |name: &str| arguments.inputs.iter().find(|(known, _)| known == name).map(|(_, tensor)| tensor);
    let inputs: Vec<_> =
        program.inputs_with_gradient().filter_map(|binding| Some((&binding.name, tensor(&binding.name)?))).collect();
    if inputs.iter().all(|(_, input)| !input.is_tracked()) {
        return Ok(output);
    }
    let gradients = inputs.iter().map(|(name, input)| Output {
        name: gradient_of(name),
        shape: input.shape().to_vec(),
        kind: Kind::Float,
    });
    let read = bindings(backward, Access::Read).filter_map(|binding| {
        let is_output = program.outputs().any(|output| output.name == binding.name);
        let tensor = if is_output { Some(&output) } else { tensor(&binding.name) };
        Some((binding.name.clone(), Saved::new(tensor?)))
    });
    let step = Backward {
        kernel: backward.clone(),
        read: read.collect(),
        by_output: program.outputs().map(|output| gradient_of(&output.name)).collect(),
        scalars: arguments.scalars.clone(),
        gradients: gradients.collect(),
        size: arguments.backward_size,
        watch: Watch { limit: arguments.limit, always: !output.device().is_gpu() },
    };
    let inputs: Vec<_> = inputs.into_iter().map(|(_, input)| input).collect();
    by_count(&inputs, output, step)
}

/// Burn's steps know the number of their parents when they are compiled.
macro_rules! by_count {
    ($($count:literal)*) => {
        fn by_count(inputs: &[&Tensor], output: Tensor, step: Backward) -> Result<Tensor> {
            match inputs.len() {
                $($count => {
                    let inputs: [&Tensor; $count] = inputs.try_into().expect("they were counted");
                    operation::record("kernel", inputs, output, step)
                })*
                _ => unreachable!("a program has at most {} gradients", super::program::MOST_GRADIENTS),
            }
        }
    };
}

by_count!(1 2 3 4 5 6 7 8);
