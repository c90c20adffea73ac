//! An update rule, its schedule, and the velocity of every parameter by path. A step computes everything first and
//! changes parameters and velocities at its very end, so that a step that fails changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Lars, Schedule, Sgd, finite};
use crate::{
    Error, Result, Tensor,
    nn::{LoadReport, Parameter, Role},
    tensor::{Gradients, Kind, no_grad},
};

/// How a gradient moves a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Layer-wise adaptive rate scaling.
    Lars(Lars),
    /// Stochastic gradient descent.
    Sgd(Sgd),
}

/// What a rule computed.
pub struct Update {
    /// The parameter's next value.
    pub parameter: Tensor,
    /// Its next velocity, where the rule keeps one.
    pub velocity: Option<Tensor>,
}

impl Rule {
    /// The next value of a parameter and of its velocity: a pure function.
    pub fn update(
        &self,
        parameter: &Tensor,
        gradient: &Tensor,
        velocity: Option<&Tensor>,
        role: Role,
        lr: f64,
    ) -> Result<Update> {
        match self {
            Self::Lars(lars) => lars.update(parameter, gradient, velocity, role, lr),
            Self::Sgd(sgd) => sgd.update(parameter, gradient, velocity, lr),
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::Lars(lars) => lars.check(),
            Self::Sgd(sgd) => sgd.check(),
        }
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// The Euclidean norm of all gradients together, before decay.
    pub gradient_norm: f64,
    /// The Euclidean norm of all updated parameters together, after the step.
    pub parameter_norm: f64,
    /// How many parameters had a gradient.
    pub updated: usize,
}

/// What came of a step that may meet gradients which are not finite.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// It was done.
    Done(StepReport),
    /// The gradient of the named parameter is not finite. Nothing has changed.
    Overflow(String),
}

/// Moves named parameters against their gradients.
pub struct Optimizer {
    rule: Rule,
    schedule: Schedule,
    velocities: BTreeMap<String, Tensor>,
}

impl Optimizer {
    /// An optimizer without velocities yet.
    ///
    /// # Errors
    /// Hyperparameters that make no sense.
    pub fn new(rule: Rule, schedule: Schedule) -> Result<Self> {
        rule.check()?;
        Ok(Self { rule, schedule, velocities: BTreeMap::new() })
    }

    /// How it moves a parameter.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Its learning rate for every step.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Changes rule and schedule and keeps the velocities. Errors as [`Optimizer::new`], and changes nothing then.
    pub fn configure(&mut self, rule: Rule, schedule: Schedule) -> Result<()> {
        rule.check()?;
        (self.rule, self.schedule) = (rule, schedule);
        Ok(())
    }

    /// Moves every parameter that has a gradient; a parameter without one, and its velocity, stay. One read from
    /// the device for all parameters together.
    ///
    /// # Errors
    /// A learning rate that is negative or not finite; a gradient or an updated parameter that is not finite, of
    /// which the first is named. Nothing has changed then.
    pub fn step(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        step: u64,
        lr: f64,
    ) -> Result<StepReport> {
        match self.attempt(parameters, gradients, step, lr)? {
            Attempt::Done(report) => Ok(report),
            Attempt::Overflow(name) => {
                let what = format!("the gradient of {name}");
                Err(Error::NotFinite { op: "step", what, step: Some(step) })
            }
        }
    }

    /// As [`Optimizer::step`], but a gradient that is not finite is no error.
    ///
    /// # Errors
    /// A learning rate that is negative or not finite; an updated parameter that is not finite.
    pub fn attempt(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        step: u64,
        lr: f64,
    ) -> Result<Attempt> {
        if !(lr.is_finite() && lr >= 0.0) {
            return Err(Error::argument("step", "lr", "a number of at least 0", lr));
        }
        no_grad(|| self.step_untracked(parameters, gradients, step, lr))
    }

    fn step_untracked(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        step: u64,
        lr: f64,
    ) -> Result<Attempt> {
        let mut moved = Vec::new();
        let (mut found, mut updates) = (Vec::new(), Vec::new());
        for (name, parameter) in parameters {
            let Some(gradient) = parameter.used_leaf().and_then(|leaf| gradients.take(&leaf)) else { continue };
            let velocity = self.velocities.get(name).filter(|velocity| velocity.shape() == parameter.shape());
            updates.push(self.rule.update(&parameter.value()?, &gradient, velocity, parameter.role(), lr)?);
            found.push(gradient);
            moved.push((name, parameter));
        }
        let count = moved.len();
        found.extend(updates.iter().map(|update| update.parameter.clone()));
        let (squares, bad) = finite::squares(&found)?;
        if let Some(bad) = bad {
            if bad < count {
                return Ok(Attempt::Overflow(moved[bad].0.clone()));
            }
            let what = format!("the update of {}", moved[bad - count].0);
            return Err(Error::NotFinite { op: "step", what, step: Some(step) });
        }
        for ((name, parameter), update) in moved.into_iter().zip(updates) {
            parameter.set(update.parameter)?;
            match update.velocity {
                Some(velocity) => self.velocities.insert(name.clone(), velocity),
                None => self.velocities.remove(name),
            };
        }
        let norm = |squares: &[f64]| squares.iter().sum::<f64>().sqrt();
        Ok(Attempt::Done(StepReport {
            gradient_norm: norm(&squares[..count]),
            parameter_norm: norm(&squares[count..]),
            updated: count,
        }))
    }

    /// The velocity of every parameter that has one, under the parameter's path.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        self.velocities.iter().map(|(name, velocity)| (name.clone(), velocity.clone())).collect()
    }

    /// Replaces all velocities, whatever parameters there are: those that belong to none are not used.
    pub fn set_velocities(&mut self, velocities: impl IntoIterator<Item = (String, Tensor)>) {
        self.velocities = velocities.into_iter().collect();
    }

    /// Drops the velocities of another shape than the parameter of their path has, and with `strays` those whose path no
    /// parameter has. Returns the paths and shapes of the dropped ones.
    pub fn drop_misfits(&mut self, parameters: &[(String, Parameter)], strays: bool) -> Vec<(String, Vec<usize>)> {
        let shapes: BTreeMap<&str, &[usize]> =
            parameters.iter().map(|(name, parameter)| (name.as_str(), parameter.shape())).collect();
        let fits = |name: &String, velocity: &Tensor| match shapes.get(name.as_str()) {
            Some(shape) => *shape == velocity.shape(),
            None => !strays,
        };
        let (kept, dropped): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.velocities).into_iter().partition(|(name, velocity)| fits(name, velocity));
        self.velocities = kept;
        dropped.into_iter().map(|(name, velocity)| (name, velocity.shape().to_vec())).collect()
    }

    /// Takes the velocities that fit the parameters by path and shape, drops its own, and reports all others.
    ///
    /// # Errors
    /// A device failed; nothing has changed then.
    pub fn load(&mut self, state: &BTreeMap<String, Tensor>, parameters: &[(String, Parameter)]) -> Result<LoadReport> {
        let mut report = LoadReport::default();
        let mut velocities = BTreeMap::new();
        for (name, parameter) in parameters {
            match state.get(name) {
                None => report.missing.push(name.clone()),
                Some(velocity) if velocity.shape() == parameter.shape() && velocity.kind() == Kind::Float => {
                    let device = parameter.value()?.device().clone();
                    velocities.insert(name.clone(), velocity.to_device(&device)?.detach());
                    report.kept.push(name.clone());
                }
                Some(_) => report.misfits.push(name.clone()),
            }
        }
        let known: BTreeSet<&String> = parameters.iter().map(|(name, _)| name).collect();
        report.unexpected = state.keys().filter(|name| !known.contains(name)).cloned().collect();
        self.velocities = velocities;
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{Module, linear, sequential},
    };

    fn model() -> Module {
        let model = sequential(vec![linear(2, 2, true), linear(2, 1, false)]);
        model.realise("model", 3, &Device::cpu()).unwrap();
        model
    }

    fn optimizer() -> Optimizer {
        let rule = Rule::Sgd(Sgd { momentum: 0.9, ..Default::default() });
        Optimizer::new(rule, Schedule::constant(0.1).unwrap()).unwrap()
    }

    fn gradients(model: &Module, scale: f64) -> Gradients {
        let input = Tensor::ones(&[3, 2], &Device::cpu()).unwrap();
        let output = model.forward(&input).unwrap();
        Gradients::of(&output.mul(&output).unwrap().mean(None, false).unwrap().mul_scalar(scale).unwrap()).unwrap()
    }

    fn values(tensors: &[(String, Tensor)]) -> Vec<Vec<f32>> {
        tensors.iter().map(|(_, tensor)| tensor.floats().unwrap()).collect()
    }

    #[test]
    fn steps_lower_the_loss_and_report_the_norm() {
        let (model, mut optimizer) = (model(), optimizer());
        let mut norms = Vec::new();
        for step in 0..40 {
            let mut gradients = gradients(&model, 1.0);
            norms.push(optimizer.step(&model.parameters(), &mut gradients, step, 0.1).unwrap().gradient_norm);
        }
        assert!(norms[39] < 0.2 * norms[0], "{norms:?}");
    }

    #[test]
    fn a_gradient_that_is_not_finite_is_named_and_changes_nothing() {
        let (model, mut optimizer) = (model(), optimizer());
        optimizer.step(&model.parameters(), &mut gradients(&model, 1.0), 0, 0.1).unwrap();
        let before = (values(&model.state()), values(&optimizer.state()));
        let error = optimizer.step(&model.parameters(), &mut gradients(&model, f64::INFINITY), 7, 0.1).unwrap_err();
        assert_eq!(error.to_string(), "step: the gradient of 0.weight is not finite at step 7");
        assert_eq!((values(&model.state()), values(&optimizer.state())), before);
        assert!(optimizer.step(&model.parameters(), &mut gradients(&model, 1.0), 9, f64::NAN).is_err());
    }

    #[test]
    fn an_update_that_overflows_is_named_and_changes_nothing() {
        let (model, mut optimizer) = (model(), optimizer());
        let before = values(&model.state());
        let error = optimizer.step(&model.parameters(), &mut gradients(&model, 1e20), 2, 1e30).unwrap_err();
        assert_eq!(error.to_string(), "step: the update of 0.weight is not finite at step 2");
        assert_eq!((values(&model.state()), optimizer.state().len()), (before, 0));
    }

    #[test]
    fn frozen_parameters_stay() {
        let (model, mut optimizer) = (model(), optimizer());
        model.child("0").unwrap().freeze();
        let before = values(&model.state());
        let report = optimizer.step(&model.parameters(), &mut gradients(&model, 1.0), 0, 0.1).unwrap();
        let after = values(&model.state());
        assert_eq!(report.updated, 1);
        assert_eq!(after[..2], before[..2]);
        assert_ne!(after[2], before[2]);
    }

    #[test]
    fn a_saved_optimizer_goes_on_as_if_it_had_never_stopped() {
        let (one, two) = (model(), model());
        let (mut first, mut second) = (optimizer(), optimizer());
        first.step(&one.parameters(), &mut gradients(&one, 1.0), 0, 0.1).unwrap();
        two.load(&one.state().into_iter().collect()).unwrap();
        let report = second.load(&first.state().into_iter().collect(), &two.parameters()).unwrap();
        assert_eq!((report.kept.len(), report.missing.len()), (3, 0));
        for (model, optimizer) in [(&one, &mut first), (&two, &mut second)] {
            optimizer.step(&model.parameters(), &mut gradients(model, 1.0), 1, 0.1).unwrap();
        }
        assert_eq!(values(&one.state()), values(&two.state()));
    }
}
