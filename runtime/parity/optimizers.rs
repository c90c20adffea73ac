//! Every update rule: a few steps from given gradients, and a step of the optimizer that finds the gradients itself.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    Case, Group, Output,
    derivative::{realised, weighted_sum},
    noise::noise,
    tolerance::{LAYER, SUM},
};
use crate::{
    Result, Tensor,
    nn::{BatchNormOptions, Role, batch_norm, linear, sequential},
    optim::{
        Adagrad, Adam, AdamW, ClipByGlobalNorm, ClipByValue, Custom, Functions, Kept, Lamb, Lars, Lion, Lookahead, Now,
        Optimizer, ParameterGroup, RmsProp, Rule, Schedule, Scheme, Selection, Sgd, Sharpness, Slots, UpdateTarget,
        key,
    },
    tensor::Gradients,
};

/// Steps of each rule.
const STEPS: usize = 5;

pub(super) fn cases() -> Vec<Case> {
    let sgd = Sgd { momentum: 0.9, weight_decay: 1e-2, ..Default::default() };
    let lars = Lars { weight_decay: 1e-2, trust_coefficient: 0.02, ..Default::default() };
    vec![
        rule("sgd", Rule::Sgd(Sgd::default()), Role::Weight),
        rule("sgd with momentum and decay", Rule::Sgd(sgd), Role::Weight),
        rule("sgd, nesterov", Rule::Sgd(Sgd { nesterov: true, ..sgd }), Role::Weight),
        rule("lars of a weight", Rule::Lars(lars), Role::Weight),
        rule("lars of a bias", Rule::Lars(lars), Role::Bias),
        rule("adam", Rule::Adam(Adam { weight_decay: 1e-2, ..Default::default() }), Role::Weight),
        rule("adamw", Rule::AdamW(AdamW::default()), Role::Weight),
        rule("rmsprop", Rule::RmsProp(RmsProp::default()), Role::Weight),
        rule(
            "rmsprop, centred",
            Rule::RmsProp(RmsProp { momentum: 0.9, centered: true, ..Default::default() }),
            Role::Weight,
        ),
        rule("adagrad", Rule::Adagrad(Adagrad::default()), Role::Weight),
        rule("lamb", Rule::Lamb(Lamb::default()), Role::Weight),
        rule("lion", Rule::Lion(Lion::default()), Role::Weight),
        rule(
            "of a script: the sign of a mean",
            Rule::Custom(Custom::new(Rc::new(SignOfMean), BTreeMap::new())),
            Role::Weight,
        ),
        optimizer("sgd, optimizer's steps", scheme(Rule::Sgd(sgd))),
        optimizer(
            "sgd, clipped, with groups, optimizer's steps",
            Scheme {
                before: vec![ClipByValue { max_value: 0.5 }.into(), ClipByGlobalNorm { max_norm: 0.25 }.into()],
                groups: vec![ParameterGroup {
                    name: "plain".into(),
                    of: Selection::of([Role::Bias, Role::Norm]),
                    rule: Rule::Sgd(Sgd { weight_decay: 0.0, ..sgd }),
                    schedule: Schedule::Constant(0.2),
                    scheduled: BTreeMap::new(),
                }],
                ..scheme(Rule::Sgd(sgd))
            },
        ),
        optimizer("lars, optimizer's steps", scheme(Rule::Lars(lars))),
        optimizer("adamw, optimizer's steps", scheme(Rule::AdamW(AdamW::default()))),
        optimizer(
            "lookahead, optimizer's steps",
            Scheme { after: vec![Lookahead { steps: 2, alpha: 0.7 }.into()], ..scheme(Rule::Sgd(sgd)) },
        ),
        sam(false),
        sam(true),
    ]
}

fn scheme(rule: Rule) -> Scheme {
    Scheme::new(rule, Schedule::Constant(0.1))
}

/// A transform as a script would write one.
struct SignOfMean;

impl Functions for SignOfMean {
    fn init(&self, parameter: &Tensor) -> Result<Slots> {
        Ok(Slots::default().tensor("mean", parameter.mul_scalar(0.0)?))
    }

    fn update(
        &self,
        update: Tensor,
        kept: Slots,
        _: &UpdateTarget,
        _: &BTreeMap<String, f64>,
    ) -> Result<(Tensor, Slots)> {
        let before = kept.get("mean").expect("init has made it");
        let mean = before.mul_scalar(0.75)?.add(&update.mul_scalar(0.25)?)?;
        // Smooth, as what is rounded otherwise must not come out with another sign.
        Ok((mean.mul_scalar(8.0)?.tanh()?, kept.tensor("mean", mean)))
    }
}

/// Where sharpness-aware minimisation takes its gradients.
fn sam(adaptive: bool) -> Case {
    let name = if adaptive { "sam, adaptive" } else { "sam" };
    Case::new(Group::Optimizer, name, SUM, move |device| {
        let model = realised(linear(67, 31, true), device)?;
        let moving = model.parameters().into_iter().map(|(path, parameter)| {
            let gradient = noise(&path, parameter.shape(), device)?;
            Ok((parameter, gradient))
        });
        let there = Sharpness { rho: 0.5, adaptive }.ascend(&moving.collect::<Result<Vec<_>>>()?)?;
        let there = there.expect("the gradients are not 0").into_iter();
        there.map(|tensor| Ok(Output::forward("there", tensor.floats()?))).collect()
    })
}

fn rule(name: &str, rule: Rule, role: Role) -> Case {
    Case::new(Group::Optimizer, name, SUM, move |device| {
        let shape = [67, 131];
        let (mut parameter, mut kept) = (noise("parameter", &shape, device)?, Kept::new());
        for step in 0..STEPS {
            let gradient = noise(&format!("gradient {step}"), &shape, device)?;
            let target = UpdateTarget { parameter, role, lr: 0.3, step: step as u64 + 1 };
            let update = rule.update(target, &gradient, &kept)?;
            (parameter, kept) = (update.parameter, update.kept);
        }
        let mut found = vec![Output::backward("parameter", parameter.floats()?)];
        for (link, slots) in kept {
            for (own, slot) in slots.tensors {
                if let Some(tensor) = slot.tensor() {
                    found.push(Output::backward(key(&link, &own), tensor.floats()?));
                }
            }
        }
        Ok(found)
    })
}

fn optimizer(name: &str, scheme: Scheme) -> Case {
    Case::new(Group::Optimizer, name, LAYER, move |device| {
        // No bias in front of the norm: its gradient is rounding about 0, of which Adam makes steps of full length.
        let norm = batch_norm(21, BatchNormOptions::default());
        let model = sequential(vec![linear(33, 21, false), norm, linear(21, 9, true)]);
        let model = realised(model, device)?;
        let mut optimizer = Optimizer::with(scheme.clone())?;
        let parameters = model.parameters();
        let mut norms = Vec::new();
        for step in 1..=STEPS as u64 {
            let loss = weighted_sum(&model.forward(&noise(&format!("input {step}"), &[37, 33], device)?)?)?;
            let mut gradients = Gradients::of(&loss)?;
            let report = optimizer.step(&parameters, &mut gradients, Now::new(step, STEPS as u64))?;
            norms.extend([report.gradient_norm as f32, report.parameter_norm as f32]);
        }
        let mut found = vec![Output::backward("norms of gradients and parameters", norms)];
        for (name, parameter) in parameters {
            found.push(Output::backward(name, parameter.value()?.floats()?));
        }
        Ok(found)
    })
}
