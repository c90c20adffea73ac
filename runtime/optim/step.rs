//! A step of an optimizer: everything is computed first, and parameters and velocities change at its very end, so that a
//! step that fails changes nothing.

use super::{Optimizer, finite};
use crate::{
    Error, Result,
    nn::Parameter,
    tensor::{Gradients, no_grad},
};

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

impl Optimizer {
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
        match self.try_step(parameters, gradients, step, lr, finite::first_not_finite)? {
            Attempt::Done(report) => Ok(report),
            Attempt::Overflow(name) => {
                let what = format!("the gradient of {name}");
                Err(Error::NotFinite { op: "step", what, step: Some(step) })
            }
        }
    }

    /// As [`Optimizer::step`], but a gradient that is not finite is no error. It is told by its sum of squares, with
    /// nothing more read from the device: one whose norm is over 1.8e19, where that overflows, counts as not finite.
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
        self.try_step(parameters, gradients, step, lr, finite::first_overflow)
    }

    fn try_step(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        step: u64,
        lr: f64,
        find: finite::Find,
    ) -> Result<Attempt> {
        if !(lr.is_finite() && lr >= 0.0) {
            return Err(Error::argument("step", "lr", "a number of at least 0", lr));
        }
        no_grad(|| self.step_untracked(parameters, gradients, step, lr, find))
    }

    fn step_untracked(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        step: u64,
        lr: f64,
        find: finite::Find,
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
        let mut squares = finite::squares(&found)?;
        let (of_gradients, of_updates) = squares.split_at_mut(count);
        if let Some(bad) = find(&found[..count], of_gradients)? {
            return Ok(Attempt::Overflow(moved[bad].0.clone()));
        }
        if let Some(bad) = finite::first_not_finite(&found[count..], of_updates)? {
            let what = format!("the update of {}", moved[bad].0);
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::fixture::{gradients, model, optimizer, values};

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
    fn an_attempt_goes_by_the_sums_alone_and_a_step_by_the_elements() {
        let (model, mut optimizer) = (model(), optimizer());
        let before = values(&model.state());
        let parameters = model.parameters();
        // Finite, and their squares are not.
        let attempt = optimizer.attempt(&parameters, &mut gradients(&model, 1e25), 0, 1e-26).unwrap();
        assert_eq!((attempt, values(&model.state())), (Attempt::Overflow("0.weight".into()), before));
        let report = optimizer.step(&parameters, &mut gradients(&model, 1e25), 0, 1e-26).unwrap();
        assert!(report.updated == 3 && report.gradient_norm > 1e19 && report.gradient_norm.is_finite(), "{report:?}");
        let attempt = optimizer.attempt(&parameters, &mut gradients(&model, f64::NAN), 1, 1e-26).unwrap();
        assert_eq!(attempt, Attempt::Overflow("0.weight".into()));
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
}
