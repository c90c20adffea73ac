//! Steps of SimCLR with a small ResNet-18, NT-Xent and LARS, compared loss by loss.
//!
//! Two right devices round differently, by about 1e-7, and a training magnifies that from step to step: an update
//! differs a little, so the next gradient differs a little more, and batch normalisation and ReLU are steep in places.
//! So the first steps have to agree closely, where a wrong kernel shows, and the later ones only as far as two right
//! devices do.

use super::{Case, Group, Measure, Output, Steps, tolerance::NETWORK};
use crate::{
    Device, Result, Tensor,
    augment::{Chain, ColorJitter, HorizontalFlip, RandomResizedCrop},
    data::{ImageOptions, ImageSet},
    loss::{NtXentOptions, nt_xent},
    model::{ResNetOptions, Stem, resnet18},
    nn::{Module, projector},
    optim::{Lars, Now, Optimizer, Rule, Schedule},
    position::number,
    tensor::{Gradients, Precision, autocast_modules},
    views,
};

/// Channels of the first stage.
const WIDTH: usize = 8;

/// Images of a step, with 2 views each. The fewer there are the more a rounding is magnified.
const BATCH: usize = 32;

/// The side of a view in pixels.
const SIZE: usize = 16;

/// The learning rate, small: with 0.1 another last digit of the first parameters moves the loss by 5 % within 20 steps,
/// and with 0.01 by 0.2 %.
const LR: f64 = 0.01;

/// The steps whose losses have to agree closely.
const EARLY: u64 = 5;

/// For the losses of the first steps: rounding has not been magnified much yet.
const EARLY_LOSS: f64 = 1e-3;

/// For the losses of later steps.
const LATE_LOSS: f64 = 3e-2;

/// For each parameter and velocity after the first step, in norm. Biases start from 0, so theirs is relative to the
/// gradient itself, as every velocity is; and a few of the 100,000 activations are within rounding of 0, where ReLU
/// gives another gradient.
const FIRST_STEP: f64 = 2e-2;

/// For all parameters at the end, relative to the largest.
const LATE_PARAMETERS: f64 = 1e-1;

/// The steps in float16, whose rounding is magnified from the beginning.
const HALF_STEPS: u64 = 3;

/// For their losses.
const HALF_LOSS: f64 = 1e-2;

/// For each parameter and velocity after the first of them, in norm: some hundred activations are within rounding of 0,
/// and the gradient of a weight before a norm is a difference of large sums. Changed last digits move it by 0.2, a
/// right device by 0.5. A missing update is off by 1, and an unrelated one by more.
const HALF_FIRST_STEP: f64 = 7e-1;

/// What losses are multiplied by in float16: gradients of a few 1e-5 are there, and none is near 65504.
const HALF_SCALE: f64 = 256.0;

type Start<'a> = &'a dyn Fn(&str, Tensor) -> Result<Tensor>;

/// The training in float32, and the first steps of the same in float16; none where there are to be no steps.
pub(super) fn cases(steps: u64) -> Vec<Case> {
    let case = |name: &str, steps: u64, precision: Precision| {
        Case::with_steps(Group::Training, name, NETWORK, move |device, progress| {
            train(steps, precision, device, &|_, value| Ok(value), progress)
        })
        .needing(precision)
    };
    if steps == 0 {
        return Vec::new();
    }
    let half = case("SimCLR training in float16", steps.min(HALF_STEPS), Precision::Float16);
    vec![case("SimCLR training", steps, Precision::Float32), half]
}

/// `start` may change what a parameter starts from.
fn train(
    steps: u64,
    precision: Precision,
    device: &Device,
    start: Start<'_>,
    progress: Steps<'_>,
) -> Result<Vec<Output>> {
    let (scale, early_loss, first_step) = match precision.needs_loss_scaling() {
        true => (HALF_SCALE, HALF_LOSS, HALF_FIRST_STEP),
        false => (1.0, EARLY_LOSS, FIRST_STEP),
    };
    let images = ImageSet::new("shapes", ImageOptions { count: Some(4 * BATCH), ..Default::default() });
    images.open("images", 0, &|_, _| {})?;
    let augment = Chain::new()
        .then(RandomResizedCrop::new((SIZE, SIZE))?)
        .then(HorizontalFlip::new(0.5)?)
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?);
    let encoder = resnet18(ResNetOptions { stem: Stem::Cifar, width: WIDTH, ..Default::default() })?;
    let head = projector(&[8 * WIDTH, 8 * WIDTH, 32])?;
    encoder.realise("encoder", 0, device)?;
    head.realise("projector", 0, device)?;
    let named = |owner: &str, module: &Module| {
        let parameters = module.parameters().into_iter();
        parameters.map(|(name, parameter)| (format!("{owner}.{name}"), parameter)).collect::<Vec<_>>()
    };
    let parameters = [named("encoder", &encoder), named("projector", &head)].concat();
    for (name, parameter) in &parameters {
        parameter.set(start(name, parameter.value()?)?)?;
    }
    let rule = Rule::Lars(Lars { weight_decay: 1e-6, ..Default::default() });
    let mut optimizer = Optimizer::new(rule, Schedule::warmup_cosine(LR, 0.1)?)?;
    let mut found = Vec::new();
    for step in 0..steps {
        // Drawn on the CPU for every device: what is compared is the training.
        let views = views::of_batch(&images.next(BATCH)?, &augment, 0, 2, &Device::cpu())?.to_device(device)?;
        let z = autocast_modules(precision, || head.forward(&encoder.forward(&views)?))?;
        let loss = nt_xent(&z, NtXentOptions::default())?;
        let output = Output::forward(format!("loss at step {}", number(step)), loss.floats()?);
        found.push(if step < EARLY {
            output.in_row(format!("losses of steps 1 to {}", steps.min(EARLY)), early_loss)
        } else {
            output.in_row(format!("losses of steps {} to {steps}", number(EARLY)), LATE_LOSS)
        });
        optimizer.step(&parameters, &mut Gradients::of_scaled(&loss, scale)?, Now::new(step + 1, steps))?;
        if step == 0 {
            for (name, parameter) in &parameters {
                let output = Output::backward(name, parameter.value()?.floats()?).measured_by(Measure::Norm);
                found.push(output.in_row("parameters after the first step", first_step));
            }
            // What has moved them: a weight that hardly moved tells little of its gradient.
            for (name, trace) in optimizer.state().tensors() {
                let output = Output::backward(name, trace.floats()?);
                found.push(output.measured_by(Measure::Norm).in_row("velocities after the first step", first_step));
            }
        }
        progress(step + 1, steps);
    }
    if steps > 1 && precision == Precision::Float32 {
        let values = parameters.iter().map(|(_, parameter)| parameter.value()?.floats()).collect::<Result<Vec<_>>>()?;
        let row = format!("parameters after {steps} steps");
        found.push(Output::backward("all parameters", values.concat()).in_row(row, LATE_PARAMETERS));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::parity::{Drift, STEPS, noise::noise};

    /// Another order of summing changes a network's output by 1e-6. The tolerances let a device drift as far as the CPU
    /// drifts when its first parameters are changed by that much, and not much farther.
    #[test]
    fn a_change_as_small_as_rounding_stays_within_the_tolerances() {
        let device = Device::cpu();
        for (steps, precision, rows) in [(STEPS, Precision::Float32, 5), (HALF_STEPS, Precision::Float16, 3)] {
            let run = |start: Start<'_>| train(steps, precision, &device, start, &|_, _| {}).unwrap();
            let plain = run(&|_, value| Ok(value));
            let mut shares = BTreeMap::new();
            for seed in 0..4 {
                let nudged = run(&|name, value| {
                    let rounding = noise(&format!("{name} {seed}"), value.shape(), &device)?.mul_scalar(1e-6)?;
                    value.mul(&rounding.add_scalar(1.0)?)
                });
                for (plain, nudged) in plain.iter().zip(&nudged) {
                    let drift = Drift::between(&plain.values, &nudged.values, plain.measure, false).amount;
                    let share = shares.entry(plain.row.clone().unwrap()).or_insert(0.0);
                    *share = f64::max(*share, drift / plain.tolerance.unwrap());
                }
            }
            assert_eq!(shares.len(), rows);
            assert!(shares.values().all(|share| (1e-4..1.0).contains(share)), "{precision}: {shares:?}");
        }
    }
}
