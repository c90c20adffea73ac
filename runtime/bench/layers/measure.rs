//! The seconds of one pass of an operation by itself.

use super::operation::{Operation, Pass};
use crate::{
    Device, Result, Tensor,
    bench::{
        BenchOptions,
        clock::{Repeats, Times},
        simclr::Training,
    },
    optim::Now,
    rng::{DrawKey, Stream},
    tensor::{Gradients, autocast},
};

/// How many bytes the tensors that wait for their backward pass may take, and how many such tensors there may be.
const WAITING: f64 = (1u64 << 30) as f64;
const MOST: f64 = 1000.0;

/// A backward pass is that of the output's sum, so the gradient that it begins with is the same number everywhere.
pub(super) fn pass(operation: &Operation, pass: &Pass, options: &BenchOptions, device: &Device) -> Result<f64> {
    let shapes = operation.operands();
    let operands = shapes.iter().enumerate().map(|(position, shape)| {
        let operand = operand(operation, shape, position, device)?;
        if pass.tracked.contains(&position) { operand.requires_grad() } else { Ok(operand) }
    });
    let mut operands = operands.collect::<Result<Vec<_>>>()?;
    let is_forward = pass.name == "forward";
    if operation.forks() && !is_forward {
        operands[1] = operands[0].clone();
    }
    let body = operation.body(device)?;
    let compute = || autocast(options.precision, || body(&operands));
    let launches = if is_forward { MOST } else { (WAITING / operation.held()).clamp(1.0, MOST) };
    let repeats = repeats(options, launches as usize);
    let times = if is_forward {
        Times::of_launches(device, repeats, || Ok(()), |()| compute())
    } else {
        let loss = || compute()?.sum(None, false);
        Times::of_launches(device, repeats, loss, |loss: Tensor| Gradients::of(&loss))
    };
    Ok(times?.median())
}

/// An operand as it comes in a step: on the CPU images lie channels last between layers.
fn operand(operation: &Operation, shape: &[usize], position: usize, device: &Device) -> Result<Tensor> {
    let drawn =
        |shape: &[usize]| Tensor::rand(shape, Stream::new(position as u64, "layers"), DrawKey::default(), device);
    match *shape {
        [n, c, h, w] if shape == operation.input && !device.is_gpu() => drawn(&[n, h, w, c])?.permute(&[0, 3, 1, 2]),
        _ => drawn(shape),
    }
}

/// The optimizer's update of all parameters, and the bytes that it moves: parameter, gradient and trace are read,
/// parameter and trace are written.
pub(super) fn update(options: &BenchOptions, device: &Device) -> Result<(f64, f64)> {
    let Training { parameters, mut optimizer, .. } = Training::new(options, device)?;
    let sizes = parameters.iter().map(|(_, parameter)| parameter.shape().iter().product::<usize>());
    let bytes = 5.0 * 4.0 * sizes.sum::<usize>() as f64;
    let gradients = || {
        let mut loss = Tensor::scalar(0.0, device)?;
        for (_, parameter) in &parameters {
            let leaf = parameter.leaf()?;
            loss = loss.add(&leaf.mul(&leaf)?.sum(None, false)?)?;
        }
        Gradients::of(&loss)
    };
    let now = Now { lr_scale: 0.01, ..Now::new(1, 1) };
    let update = |mut gradients: Gradients| optimizer.step(&parameters, &mut gradients, now).map(drop);
    // Each update needs the gradients of what the one before it made.
    Ok((Times::of_launches(device, repeats(options, 1), gradients, update)?.median(), bytes))
}

/// The first repetition compiles kernels, so that only a second one shows how long it takes.
fn repeats(options: &BenchOptions, launches: usize) -> Repeats {
    Repeats { warmup: options.warmup.max(2), count: options.steps, launches }
}
