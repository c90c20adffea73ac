//! A value and its gradients: what most cases compute.

use super::{Output, noise::noise};
use crate::{
    Device, Result, Tensor,
    nn::Module,
    tensor::{Gradients, Pass, grad, gradients},
};

/// Σ output · noise: a scalar in which every value of the output has another weight.
pub(super) fn weighted_sum(output: &Tensor) -> Result<Tensor> {
    output.mul(&noise("weight of the loss", output.shape(), output.device())?)?.sum(None, false)
}

/// The value of `f`, the gradient of its weighted sum by each named input, and the gradient of the weighted sum of these.
pub(super) fn differentiate(inputs: &[(&str, Tensor)], f: impl Fn(&[Tensor]) -> Result<Tensor>) -> Result<Vec<Output>> {
    let leaves = inputs.iter().map(|(_, input)| input.requires_grad()).collect::<Result<Vec<_>>>()?;
    let output = f(&leaves)?;
    let mut found = vec![Output::forward("output", output.floats()?)];
    let by_inputs = gradients(&weighted_sum(&output)?, &leaves)?;
    for ((name, _), gradient) in inputs.iter().zip(by_inputs) {
        found.push(Output::backward(format!("gradient of {name}"), gradient.floats()?));
    }
    // A recorded pass may go another way than one that is not.
    let again = Pass { create_graph: true, retain_graph: true };
    let by_inputs = grad(&[weighted_sum(&f(&leaves)?)?], &[None], &leaves, again)?;
    let sums = by_inputs.iter().filter(|gradient| gradient.is_tracked()).map(weighted_sum);
    let sums = sums.collect::<Result<Vec<_>>>()?;
    if !sums.is_empty() {
        let seconds = grad(&sums, &vec![None; sums.len()], &leaves, Pass::default())?;
        for ((name, _), gradient) in inputs.iter().zip(seconds) {
            found.push(Output::backward(format!("second gradient of {name}"), gradient.floats()?));
        }
    }
    Ok(found)
}

/// A layer's output, the gradients of its input and of its parameters, and its buffers after the pass.
pub(super) fn differentiate_layer(module: &Module, input: &Tensor) -> Result<Vec<Output>> {
    let input = input.requires_grad()?;
    let output = module.forward(&input)?;
    let mut found = vec![Output::forward("output", output.floats()?)];
    let mut gradients = Gradients::of(&weighted_sum(&output)?)?;
    let parameters = module.parameters().into_iter().map(|(name, parameter)| (name, parameter.used_leaf()));
    for (name, leaf) in [("input".to_owned(), Some(input))].into_iter().chain(parameters) {
        if let Some(gradient) = leaf.and_then(|leaf| gradients.take(&leaf)) {
            found.push(Output::backward(format!("gradient of {name}"), gradient.floats()?));
        }
    }
    found.extend(buffers(module)?);
    Ok(found)
}

/// The values of a module's buffers.
pub(super) fn buffers(module: &Module) -> Result<Vec<Output>> {
    module.buffers().into_iter().map(|(name, buffer)| Ok(Output::forward(name, buffer.value()?.floats()?))).collect()
}

/// A module with parameters that are the same on every device, and buffers that have seen some data.
pub(super) fn realised(module: Module, device: &Device) -> Result<Module> {
    module.realise("parity", 0, device)?;
    for (name, buffer) in module.buffers() {
        let value = noise(&name, buffer.shape(), device)?.mul_scalar(0.2)?;
        buffer.set(if name.ends_with("running_var") { value.add_scalar(1.0)? } else { value })?;
    }
    Ok(module)
}
