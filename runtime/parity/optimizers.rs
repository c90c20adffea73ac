//! Every update rule: a few steps from given gradients, and a step of the optimizer that finds the gradients itself.

use super::{
    Case, Group, Output,
    derivative::{realised, weighted_sum},
    noise::noise,
    tolerance::{LAYER, SUM},
};
use crate::{
    nn::{BatchNormOptions, Role, batch_norm, linear, sequential},
    optim::{Lars, Optimizer, Rule, Schedule, Sgd},
    tensor::Gradients,
};

/// Steps of each rule.
const STEPS: usize = 5;

pub(super) fn cases() -> Vec<Case> {
    let sgd = Sgd { momentum: 0.9, nesterov: false, weight_decay: 1e-2 };
    let lars = Lars { weight_decay: 1e-2, trust_coefficient: 0.02, ..Default::default() };
    vec![
        rule("sgd", Rule::Sgd(Sgd::default()), Role::Weight),
        rule("sgd with momentum and decay", Rule::Sgd(sgd), Role::Weight),
        rule("sgd, nesterov", Rule::Sgd(Sgd { nesterov: true, ..sgd }), Role::Weight),
        rule("lars of a weight", Rule::Lars(lars), Role::Weight),
        rule("lars of a bias", Rule::Lars(lars), Role::Bias),
        optimizer("sgd, optimizer's steps", Rule::Sgd(sgd)),
        optimizer("lars, optimizer's steps", Rule::Lars(lars)),
    ]
}

fn rule(name: &str, rule: Rule, role: Role) -> Case {
    Case::new(Group::Optimizer, name, SUM, move |device| {
        let shape = [67, 131];
        let (mut parameter, mut velocity) = (noise("parameter", &shape, device)?, None);
        for step in 0..STEPS {
            let gradient = noise(&format!("gradient {step}"), &shape, device)?;
            let update = rule.update(&parameter, &gradient, velocity.as_ref(), role, 0.3)?;
            (parameter, velocity) = (update.parameter, update.velocity);
        }
        let mut found = vec![Output::backward("parameter", parameter.floats()?)];
        if let Some(velocity) = velocity {
            found.push(Output::backward("velocity", velocity.floats()?));
        }
        Ok(found)
    })
}

fn optimizer(name: &str, rule: Rule) -> Case {
    Case::new(Group::Optimizer, name, LAYER, move |device| {
        let model = sequential(vec![linear(33, 21, true), batch_norm(21, BatchNormOptions::default())]);
        let model = realised(model, device)?;
        let mut optimizer = Optimizer::new(rule, Schedule::constant(0.1)?)?;
        let parameters = model.parameters();
        let mut norms = Vec::new();
        for step in 0..STEPS as u64 {
            let loss = weighted_sum(&model.forward(&noise(&format!("input {step}"), &[37, 33], device)?)?)?;
            let mut gradients = Gradients::of(&loss)?;
            let report =
                optimizer.step(&parameters, &mut gradients, step, optimizer.schedule().at(step, STEPS as u64))?;
            norms.extend([report.gradient_norm as f32, report.parameter_norm as f32]);
        }
        let mut found = vec![Output::backward("norms of gradients and parameters", norms)];
        for (name, parameter) in parameters {
            found.push(Output::backward(name, parameter.value()?.floats()?));
        }
        Ok(found)
    })
}
