//! A kernel's gradient by another kernel. That has no gradient of its own, which a pass of a higher order is told.

use super::{
    Arguments, Output, Program, Size,
    launched::Launched,
    program::{bindings, gradient_of},
};
use crate::{
    Error, Result, Tensor,
    gpu::{Access, Kernel, Watch},
    tape::{Kept, Rule, Step, is_recording, record_many},
    tensor::DType,
};

/// What the backward kernel is launched with, but for the gradient that arrives.
struct Backward {
    kernel: Kernel,
    read: Vec<(String, Kept<Tensor>)>,
    by_output: String,
    scalars: Vec<(String, f64)>,
    /// The gradient of each input that has one.
    gradients: Vec<Output>,
    channels_last: Vec<String>,
    size: Size,
    watch: Watch,
}

impl Rule<Tensor> for Backward {
    fn backward(&self, by_outputs: Vec<Option<Tensor>>, step: &Step<'_, Tensor>) -> Result<Vec<Option<Tensor>>> {
        let Some(by_output) = by_outputs.into_iter().next().flatten() else {
            return Ok(vec![None; self.gradients.len()]);
        };
        let read = self.read.iter().map(|(name, kept)| Ok((name.as_str(), kept.get(step)?)));
        let read = read.collect::<Result<Vec<_>>>()?;
        let mut inputs: Vec<_> = read.iter().map(|(name, tensor)| (*name, tensor)).collect();
        inputs.push((&self.by_output, &by_output));
        let launched = Launched {
            kernel: &self.kernel,
            inputs: &inputs,
            scalars: &self.scalars,
            outputs: &self.gradients,
            channels_last: &self.channels_last,
            size: self.size,
            watch: self.watch,
        };
        let found = launched.run(by_output.device())?;
        if !is_recording() {
            return Ok(found.into_iter().map(Some).collect());
        }
        let inputs: Vec<&Tensor> = inputs.into_iter().map(|(_, tensor)| tensor).collect();
        let name = self.kernel.name().to_owned();
        let found = record_many(name.clone(), &inputs, found, |_| true, |_| Unknown { kernel: name });
        Ok(found.into_iter().map(Some).collect())
    }
}

/// The gradient that a backward kernel does not have.
struct Unknown {
    kernel: String,
}

impl Rule<Tensor> for Unknown {
    fn backward(&self, _: Vec<Option<Tensor>>, _: &Step<'_, Tensor>) -> Result<Vec<Option<Tensor>>> {
        let reason = "it is a backward kernel, which has no gradient of its own: for gradients of a higher order write the \
                      operation by mb.operation, with a backward of tensor operations";
        Err(Error::Kernel { kernel: self.kernel.clone(), reason: reason.into() })
    }
}

/// Puts a kernel's output on the tape of the inputs that have a gradient.
pub(super) fn record(program: &Program, backward: &Kernel, arguments: &Arguments, output: Tensor) -> Tensor {
    let tensor = |name: &str| arguments.inputs.iter().find(|(known, _)| known == name).map(|(_, tensor)| tensor);
    let inputs: Vec<_> =
        program.inputs_with_gradient().filter_map(|binding| Some((&binding.name, tensor(&binding.name)?))).collect();
    let tensors: Vec<&Tensor> = inputs.iter().map(|(_, input)| *input).collect();
    let value = output.clone();
    let mut recorded = record_many(
        program.forward.name().to_owned(),
        &tensors,
        vec![output],
        |_| true,
        |tape| {
            let gradients = inputs.iter().map(|(name, input)| Output {
                name: gradient_of(name),
                shape: input.shape().to_vec(),
                dtype: DType::Float32,
            });
            let read = bindings(backward, Access::Read).filter_map(|binding| {
                let is_output = program.outputs().any(|output| output.name == binding.name);
                let kept = if is_output { tape.keep_output(&value, 0) } else { tape.keep(tensor(&binding.name)?) };
                Some((binding.name.clone(), kept))
            });
            Backward {
                kernel: backward.clone(),
                read: read.collect(),
                by_output: program.outputs().map(|output| gradient_of(&output.name)).collect(),
                scalars: arguments.scalars.clone(),
                gradients: gradients.collect(),
                channels_last: arguments.channels_last.clone(),
                size: arguments.backward_size,
                watch: Watch { limit: arguments.limit, always: !value.device().is_gpu() },
            }
        },
    );
    recorded.remove(0)
}
