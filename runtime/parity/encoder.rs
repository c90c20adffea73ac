//! A frozen encoder under a head that is trained: the encoder's parameters keep every bit, its running statistics move
//! in training mode and only there, and the head's gradients are right although no gradient goes past it. Some drivers
//! have got this wrong where everything was right with a trained encoder: other operations are fused then.

use super::{
    Case, Group, Output,
    derivative::{buffers, realised},
    noise::{ints, noise},
    tolerance::{EXACT, NETWORK},
};
use crate::{
    Device, Result, Tensor,
    loss::cross_entropy,
    model::{ResNetOptions, Stem, resnet18},
    nn::{Module, linear},
    optim::{Now, Optimizer, Rule, Schedule, Sgd},
    position::number,
    tensor::{Gradients, no_grad},
};

/// Steps of the head.
const STEPS: u64 = 3;

/// What is frozen, and how.
#[derive(Clone, Copy)]
enum Frozen {
    Training,
    Evaluation,
    NoGrad,
    FirstLayers,
}

pub(super) fn cases() -> Vec<Case> {
    [
        ("frozen encoder, training mode", Frozen::Training),
        ("frozen encoder, evaluation mode", Frozen::Evaluation),
        ("frozen encoder, without gradients", Frozen::NoGrad),
        ("frozen first layers", Frozen::FirstLayers),
    ]
    .into_iter()
    .map(|(name, frozen)| Case::new(Group::Layer, name, NETWORK, move |device| train_head(frozen, device)))
    .collect()
}

fn train_head(frozen: Frozen, device: &Device) -> Result<Vec<Output>> {
    let encoder = realised(resnet18(ResNetOptions { stem: Stem::Cifar, width: 4, ..Default::default() })?, device)?;
    let head = linear(32, 5, true);
    head.realise("head", 0, device)?;
    match frozen {
        Frozen::Training => encoder.freeze(),
        Frozen::Evaluation => {
            encoder.freeze();
            encoder.set_training(false);
        }
        Frozen::NoGrad => {}
        Frozen::FirstLayers => {
            for name in ["conv1", "bn1", "layer1", "layer2"] {
                encoder.child(name)?.freeze();
            }
        }
    }
    let kept = match frozen {
        Frozen::NoGrad => encoder.parameters(),
        _ => encoder.parameters().into_iter().filter(|(_, parameter)| parameter.is_frozen()).collect(),
    };
    let bits = |tensor: Tensor| Ok(tensor.floats()?.into_iter().map(f32::to_bits).collect::<Vec<_>>());
    let read = || kept.iter().map(|(_, parameter)| bits(parameter.value()?)).collect::<Result<Vec<_>>>();
    let before = read()?;
    let mut found = steps(frozen, &encoder, &head, device)?;
    let changed = before.iter().zip(read()?).filter(|(before, after)| *before != after).count();
    found.push(Output::forward("frozen parameters that changed", vec![changed as f32]).within(EXACT));
    let with_gradient = kept.iter().filter(|(_, parameter)| parameter.used_leaf().is_some()).count();
    found.push(Output::forward("frozen parameters with a gradient", vec![with_gradient as f32]).within(EXACT));
    let statistics = buffers(&encoder)?.into_iter();
    // In evaluation mode nobody has computed them anew.
    found.extend(statistics.map(|output| if encoder.is_training() { output } else { output.within(EXACT) }));
    Ok(found)
}

fn steps(frozen: Frozen, encoder: &Module, head: &Module, device: &Device) -> Result<Vec<Output>> {
    let rule = Rule::Sgd(Sgd { momentum: 0.9, ..Default::default() });
    let mut optimizer = Optimizer::new(rule, Schedule::constant(0.1)?)?;
    let parameters: Vec<_> = [("encoder", encoder), ("head", head)]
        .into_iter()
        .flat_map(|(owner, module)| {
            module.parameters().into_iter().map(move |(name, parameter)| (format!("{owner}.{name}"), parameter))
        })
        .collect();
    let mut found = Vec::new();
    for step in 0..STEPS {
        let images = noise(&format!("images {step}"), &[6, 3, 16, 16], device)?;
        let features = match frozen {
            Frozen::NoGrad => no_grad(|| encoder.forward(&images))?,
            _ => encoder.forward(&images)?,
        };
        let loss = cross_entropy(&head.forward(&features)?, &ints("labels", &[6], [0, 4], device)?)?;
        found.push(Output::forward(format!("loss at step {}", number(step)), loss.floats()?));
        optimizer.step(&parameters, &mut Gradients::of(&loss)?, Now::new(step + 1, STEPS))?;
    }
    // With momentum the trace holds every gradient that there was.
    for (name, trace) in optimizer.state().tensors() {
        found.push(Output::backward(name, trace.floats()?));
    }
    for (name, parameter) in head.parameters() {
        found.push(Output::backward(format!("head.{name}"), parameter.value()?.floats()?));
    }
    Ok(found)
}
