//! Value, first and second gradients of a program.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    slice::from_ref,
};

use moonburn::{
    Result, Tensor,
    tensor::{Kind, Pass, grad},
};

use super::program::Case;

pub const CREATE: Pass = Pass { create_graph: true, retain_graph: true };

/// What a program gives. With y its output, gᵢ the gradients of Σ w·y by the float inputs; the second ones are those of
/// Σᵢ vᵢ·gᵢ by the float inputs and by w.
pub struct Found {
    pub shape: Vec<usize>,
    pub value: Vec<f32>,
    /// By a pass of which nothing is recorded.
    pub plain: Vec<Vec<f32>>,
    /// By a pass that is recorded.
    pub first: Vec<Vec<f32>>,
    /// None where the case has only first ones.
    pub second: Option<Vec<Vec<f32>>>,
}

/// The error, also where it is a panic, as a text.
pub fn of(case: Case<'_>) -> Result<Found, String> {
    match catch_unwind(AssertUnwindSafe(|| found(case))) {
        Ok(found) => found.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            Err(format!("panic: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a text")))
        }
    }
}

fn found(case: Case<'_>) -> Result<Found> {
    let weights = Case::factors(&case.numbers("weights"), &case.shape())?;
    let (inputs, output) = run(case)?;
    let plain = gradients(&[output], from_ref(&weights), &inputs, Pass::default())?;

    let (mut inputs, output) = run(case)?;
    let weights = weights.requires_grad()?;
    let first = gradients(from_ref(&output), from_ref(&weights), &inputs, CREATE)?;
    let second = case.tensors("second").map(|_| {
        let directions = case.tensors("directions").unwrap_or_default();
        let directions = directions.iter().zip(&inputs).map(|(v, input)| Case::factors(v, input.shape()));
        let directions = directions.collect::<Result<Vec<_>>>()?;
        inputs.push(weights);
        read(&gradients(&first, &directions, &inputs, Pass::default())?)
    });
    Ok(Found {
        shape: output.shape().to_vec(),
        value: output.floats()?,
        plain: read(&plain)?,
        first: read(&first)?,
        second: second.transpose()?,
    })
}

/// The float inputs and the output.
fn run(case: Case<'_>) -> Result<(Vec<Tensor>, Tensor)> {
    let inputs = case.inputs()?;
    let output = case.run(inputs.clone())?.pop().expect("a program computes something");
    Ok((inputs.into_iter().filter(|input| input.kind() == Kind::Float).collect(), output))
}

/// Zeros where no output depends on anything that requires a gradient, of which a pass alone would be an error.
fn gradients(outputs: &[Tensor], by_outputs: &[Tensor], inputs: &[Tensor], pass: Pass) -> Result<Vec<Tensor>> {
    let tracked = outputs.iter().zip(by_outputs).filter(|(output, _)| output.is_tracked());
    let (outputs, by_outputs): (Vec<Tensor>, Vec<Option<Tensor>>) =
        tracked.map(|(output, by_output)| (output.clone(), Some(by_output.clone()))).unzip();
    if outputs.is_empty() {
        return inputs.iter().map(|input| Tensor::zeros(input.shape(), input.device())).collect();
    }
    grad(&outputs, &by_outputs, inputs, pass)
}

fn read(tensors: &[Tensor]) -> Result<Vec<Vec<f32>>> {
    tensors.iter().map(Tensor::floats).collect()
}
