//! Steps of SimCLR with a small ResNet-18, NT-Xent and LARS, compared loss by loss.
//!
//! Two right devices round differently, by about 1e-7, and a training magnifies that from step to step: an update differs
//! a little, so the next gradient differs a little more, and batch normalisation and ReLU are steep in places. So the first
//! steps have to agree closely, where a wrong kernel shows, and the later ones only as far as two right devices do.

use super::{Case, Group, Output, Steps, tolerance::NETWORK};
use crate::{
    Device, Result, Tensor,
    augment::{Chain, ColorJitter, HorizontalFlip, RandomResizedCrop},
    data::{ImageOptions, ImageSet},
    loss::nt_xent,
    model::{ResNetOptions, Stem, resnet18},
    nn::{Module, projector},
    optim::{Lars, Optimizer, Rule, Schedule},
    tensor::Gradients,
};

/// Channels of the first stage.
const WIDTH: usize = 8;

/// Images of a step, with 2 views each. The fewer there are the more a rounding is magnified.
const BATCH: usize = 32;

/// The side of a view in pixels.
const SIZE: usize = 16;

/// The learning rate, small: with 0.1 another last digit of the first parameters moves the loss by 5 % within 20 steps, and
/// with 0.01 by 0.2 %.
const LR: f64 = 0.01;

/// The steps whose losses have to agree closely.
const EARLY: u64 = 5;

/// For the losses of the first steps: rounding has not been magnified much yet.
const EARLY_LOSS: f64 = 1e-3;

/// For the losses of later steps.
const LATE_LOSS: f64 = 3e-2;

/// For the parameters after the first step, relative to the largest of each. Biases start from 0, so this is relative to the
/// gradient itself, and a few of the 100,000 activations are within rounding of 0, where ReLU gives another one.
const FIRST_PARAMETERS: f64 = 1e-1;

/// For all parameters at the end, relative to the largest.
const LATE_PARAMETERS: f64 = 1e-1;

type Start<'a> = &'a dyn Fn(&str, Tensor) -> Result<Tensor>;

pub(super) fn case(steps: u64) -> Case {
    Case::with_steps(Group::Training, "SimCLR training", NETWORK, move |device, progress| {
        train(steps, device, &|_, value| Ok(value), progress)
    })
}

/// `start` may change what a parameter starts from.
fn train(steps: u64, device: &Device, start: Start<'_>, progress: Steps<'_>) -> Result<Vec<Output>> {
    let images = ImageSet::new("shapes", ImageOptions { count: Some(4 * BATCH), ..Default::default() });
    images.open("images", 0, &|_, _| {})?;
    let augment = Chain::new()
        .then(RandomResizedCrop::new((SIZE, SIZE))?)
        .then(HorizontalFlip::new(0.5)?)
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?);
    let encoder = resnet18(ResNetOptions { stem: Stem::Cifar, width: WIDTH })?;
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
        let views = images.next(BATCH)?.views(&augment, 0, 2, &Device::cpu())?.to_device(device)?;
        let loss = nt_xent(&head.forward(&encoder.forward(&views)?)?, 2, 0.5)?;
        let output = Output::forward(format!("loss at step {}", step + 1), loss.floats()?);
        found.push(if step < EARLY {
            output.in_row(format!("losses of steps 1 to {}", steps.min(EARLY)), EARLY_LOSS)
        } else {
            output.in_row(format!("losses of steps {} to {steps}", EARLY + 1), LATE_LOSS)
        });
        let lr = optimizer.schedule().at(step, steps);
        optimizer.step(&parameters, &mut Gradients::of(&loss)?, step, lr)?;
        if step == 0 {
            for (name, parameter) in &parameters {
                let values = parameter.value()?.floats()?;
                found.push(Output::backward(name, values).in_row("parameters after the first step", FIRST_PARAMETERS));
            }
        }
        progress(step + 1, steps);
    }
    if steps > 1 {
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

    /// The tolerances let a device go as far as the CPU goes where its first parameters are changed by what another order
    /// of summing changes a network's output, 1e-6, and not much farther.
    #[test]
    fn a_change_as_small_as_rounding_stays_within_the_tolerances() {
        let device = Device::cpu();
        let run = |start: Start<'_>| train(STEPS, &device, start, &|_, _| {}).unwrap();
        let plain = run(&|_, value| Ok(value));
        let mut shares = BTreeMap::new();
        for seed in 0..4 {
            let nudged = run(&|name, value| {
                let rounding = noise(&format!("{name} {seed}"), value.shape(), &device)?.mul_scalar(1e-6)?;
                value.mul(&rounding.add_scalar(1.0)?)
            });
            for (plain, nudged) in plain.iter().zip(&nudged) {
                let drift = Drift::between(&plain.values, &nudged.values, false).largest;
                let share = shares.entry(plain.row.clone().unwrap()).or_insert(0.0);
                *share = f64::max(*share, drift / plain.tolerance.unwrap());
            }
        }
        assert_eq!(shares.len(), 4);
        assert!(shares.values().all(|share| (1e-4..1.0).contains(share)), "{shares:?}");
    }
}
