//! A step of optimizers: everything is computed first, and parameters and what is kept for them change at its very end,
//! so that a step that fails changes nothing.

use super::{Now, Optimizer, Setting, finite, ownership::owners, proposal::Moving};
use crate::{
    Error, Result, Tensor,
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

/// The optimizers of a training, which make a step together: all of them or none.
pub struct Together<'a>(Vec<(&'a str, &'a mut Optimizer, Option<Vec<Setting>>)>);

impl<'a> Together<'a> {
    /// Optimizers by name.
    pub fn new(optimizers: impl IntoIterator<Item = (&'a str, &'a mut Optimizer)>) -> Self {
        Self(optimizers.into_iter().map(|(name, optimizer)| (name, optimizer, None)).collect())
    }

    /// Optimizers by name, and what each goes by in the step: [`super::Scheme::settings`], which may have called
    /// functions that look at whatever holds the optimizers.
    pub fn by(optimizers: impl IntoIterator<Item = (&'a str, &'a mut Optimizer, Vec<Setting>)>) -> Self {
        let by = |(name, optimizer, settings)| (name, optimizer, Some(settings));
        Self(optimizers.into_iter().map(by).collect())
    }

    /// Moves every parameter that has a gradient; a parameter without one, and what is kept for it, stay. One read from
    /// the device for all parameters of all optimizers together.
    ///
    /// # Errors
    /// A learning rate that is negative or not finite; a gradient or an updated parameter that is not finite, of
    /// which the first is named; a parameter that two optimizers move, or that has a gradient and no optimizer moves; a
    /// path of a selection that leads to no parameter. Nothing has changed then.
    pub fn step(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        now: Now,
    ) -> Result<StepReport> {
        match no_grad(|| self.try_step(parameters, gradients, now, finite::first_not_finite))? {
            Attempt::Done(report) => Ok(report),
            Attempt::Overflow(name) => {
                let what = format!("the gradient of {name}");
                Err(Error::NotFinite { op: "step", what, step: Some(now.step) })
            }
        }
    }

    /// As [`Together::step`], but a gradient that is not finite is no error. It is recognised by its sum of squares,
    /// with nothing more read from the device: a gradient whose norm is over 1.8e19, where the sum overflows, counts as
    /// not finite.
    ///
    /// # Errors
    /// Those of [`Together::step`] but for gradients.
    pub fn attempt(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        now: Now,
    ) -> Result<Attempt> {
        no_grad(|| self.try_step(parameters, gradients, now, finite::first_overflow))
    }

    fn try_step(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        now: Now,
        find: finite::Find,
    ) -> Result<Attempt> {
        let shown: Vec<(&str, &Optimizer)> = self.0.iter().map(|(name, optimizer, _)| (*name, &**optimizer)).collect();
        // Whether or not a rate is used in this step.
        let settings = self.0.iter().map(|(_, optimizer, given)| match given {
            Some(given) => Ok(given.clone()),
            None => optimizer.scheme.settings(now),
        });
        let settings = settings.collect::<Result<Vec<_>>>()?;
        let mut parts: Vec<(Vec<Moving<'_>>, Vec<Tensor>)> = shown.iter().map(|_| Default::default()).collect();
        // For each gradient its optimizer, and its place among that one's.
        let (mut places, mut found, mut paths) = (Vec::new(), Vec::new(), Vec::new());
        for ((path, parameter), owner) in parameters.iter().zip(owners(&shown, parameters)?) {
            let Some(gradient) = parameter.used_leaf().and_then(|leaf| gradients.take(&leaf)) else { continue };
            let owner = owner.ok_or_else(|| ownerless(path))?;
            places.push((owner, parts[owner].0.len()));
            found.push(gradient.clone());
            paths.push(path);
            parts[owner].0.push(Moving { path, parameter });
            parts[owner].1.push(gradient);
        }
        let mut proposals = Vec::with_capacity(shown.len());
        for (((_, optimizer), settings), (moving, gradients)) in shown.iter().zip(&settings).zip(parts) {
            proposals.push((optimizer.propose(&moving, gradients, now.step, settings)?, moving));
        }
        let count = found.len();
        found.extend(places.iter().map(|(owner, place)| proposals[*owner].0.parameters[*place].clone()));
        let mut squares = finite::squares(&found)?;
        let (of_gradients, of_updates) = squares.split_at_mut(count);
        if let Some(bad) = find(&found[..count], of_gradients)? {
            return Ok(Attempt::Overflow(paths[bad].clone()));
        }
        if let Some(bad) = finite::first_not_finite(&found[count..], of_updates)? {
            let what = format!("the update of {}", paths[bad]);
            return Err(Error::NotFinite { op: "step", what, step: Some(now.step) });
        }
        for ((_, optimizer, _), (proposal, moving)) in self.0.iter_mut().zip(proposals) {
            if moving.is_empty() {
                continue;
            }
            for (it, moved) in moving.iter().zip(proposal.parameters) {
                it.parameter.set(moved)?;
            }
            let paths: Vec<&str> = moving.iter().map(|it| it.path).collect();
            optimizer.accept(&paths, proposal.kept, proposal.shared);
        }
        let norm = |squares: &[f64]| squares.iter().sum::<f64>().sqrt();
        Ok(Attempt::Done(StepReport {
            gradient_norm: norm(&squares[..count]),
            parameter_norm: norm(&squares[count..]),
            updated: count,
        }))
    }
}

fn ownerless(path: &str) -> Error {
    let reason = format!("{path} has a gradient, and no optimizer moves it; freeze it, or let one move it");
    Error::State { op: "update", reason }
}

impl Optimizer {
    /// [`Together::step`] of one alone.
    ///
    /// # Errors
    /// As [`Together::step`].
    pub fn step(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        now: Now,
    ) -> Result<StepReport> {
        Together::new([("optimizer", self)]).step(parameters, gradients, now)
    }

    /// [`Together::attempt`] of one alone.
    ///
    /// # Errors
    /// As [`Together::attempt`].
    pub fn attempt(
        &mut self,
        parameters: &[(String, Parameter)],
        gradients: &mut Gradients,
        now: Now,
    ) -> Result<Attempt> {
        Together::new([("optimizer", self)]).attempt(parameters, gradients, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{
        Rule, Schedule, Sgd,
        fixture::{gradients, model, moving_at, values},
    };

    #[test]
    fn steps_lower_the_loss_and_report_the_norm() {
        let (model, mut optimizer) = (model(), moving_at(0.1));
        let mut norms = Vec::new();
        for step in 1..=40 {
            let mut gradients = gradients(&model, 1.0);
            norms.push(optimizer.step(&model.parameters(), &mut gradients, Now::new(step, 40)).unwrap().gradient_norm);
        }
        assert!(norms[39] < 0.2 * norms[0], "{norms:?}");
    }

    #[test]
    fn a_gradient_that_is_not_finite_is_named_and_changes_nothing() {
        let (model, mut optimizer) = (model(), moving_at(0.1));
        optimizer.step(&model.parameters(), &mut gradients(&model, 1.0), Now::new(1, 9)).unwrap();
        let before = (values(&model.state()), values(&optimizer.state().tensors()));
        let error =
            optimizer.step(&model.parameters(), &mut gradients(&model, f64::INFINITY), Now::new(7, 9)).unwrap_err();
        assert_eq!(error.to_string(), "step: the gradient of 0.weight is not finite at step 7");
        assert_eq!((values(&model.state()), values(&optimizer.state().tensors())), before);
        let rates = [(-1.0, "-1"), (f64::NAN, "NaN")];
        for (lr, shown) in rates {
            let mut optimizer = Optimizer::new(Rule::Sgd(Sgd::default()), Schedule::Constant(lr)).unwrap();
            let error = optimizer.step(&model.parameters(), &mut gradients(&model, 1.0), Now::new(9, 9)).unwrap_err();
            assert_eq!(error.to_string(), format!("step: lr must be a number of at least 0, got {shown}"));
        }
    }

    #[test]
    fn an_update_that_overflows_is_named_and_changes_nothing() {
        let (model, mut optimizer) = (model(), moving_at(1e30));
        let before = values(&model.state());
        let error = optimizer.step(&model.parameters(), &mut gradients(&model, 1e20), Now::new(2, 9)).unwrap_err();
        assert_eq!(error.to_string(), "step: the update of 0.weight is not finite at step 2");
        assert_eq!((values(&model.state()), optimizer.state().tensors().len()), (before, 0));
    }

    #[test]
    fn an_attempt_goes_by_the_sums_alone_and_a_step_by_the_elements() {
        let (model, mut optimizer) = (model(), moving_at(1e-26));
        let before = values(&model.state());
        let parameters = model.parameters();
        // Finite, and their squares are not.
        let attempt = optimizer.attempt(&parameters, &mut gradients(&model, 1e25), Now::new(1, 9)).unwrap();
        assert_eq!((attempt, values(&model.state())), (Attempt::Overflow("0.weight".into()), before));
        let report = optimizer.step(&parameters, &mut gradients(&model, 1e25), Now::new(1, 9)).unwrap();
        assert!(report.updated == 3 && report.gradient_norm > 1e19 && report.gradient_norm.is_finite(), "{report:?}");
        let attempt = optimizer.attempt(&parameters, &mut gradients(&model, f64::NAN), Now::new(2, 9)).unwrap();
        assert_eq!(attempt, Attempt::Overflow("0.weight".into()));
    }

    #[test]
    fn frozen_parameters_stay() {
        let (model, mut optimizer) = (model(), moving_at(0.1));
        model.child("0").unwrap().freeze();
        let before = values(&model.state());
        let report = optimizer.step(&model.parameters(), &mut gradients(&model, 1.0), Now::new(1, 9)).unwrap();
        let after = values(&model.state());
        assert_eq!(report.updated, 1);
        assert_eq!(after[..2], before[..2]);
        assert_ne!(after[2], before[2]);
    }
}
