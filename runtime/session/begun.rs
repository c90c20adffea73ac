//! An update on its way: what it needs of the session, which others may use meanwhile; its gradients; its step.

use super::{
    LossScale,
    leaves::{PastLeaves, used_leaves},
    optimizers::{self, Named},
};
use crate::{
    Error, Result, Tensor,
    nn::Parameter,
    optim::{Attempt, Now, Setting, StepReport},
    tensor::Gradients,
};

/// An update before its gradients: what it needs of the session, which others may use meanwhile.
pub(super) struct Begun {
    pub(super) loss: Option<f64>,
    pub(super) scale: Option<LossScale>,
    /// The optimizers of the session, and which of them alone makes a step.
    pub(super) optimizers: Vec<Named>,
    pub(super) only: Option<usize>,
    /// What these may move.
    pub(super) parameters: Vec<(String, Parameter)>,
    pub(super) now: Now,
    pub(super) past_leaves: PastLeaves,
}

/// What came of an update's gradients.
pub(super) struct Stepped {
    pub(super) outcome: Outcome,
    /// The leaves that the losses were computed from.
    pub(super) used: Vec<(String, Parameter, Tensor)>,
    pub(super) settings: Vec<Vec<Setting>>,
}

/// How it ended.
pub(super) enum Outcome {
    Done(StepReport),
    /// What is named is not finite. Nothing has changed.
    NotFinite(String),
}

impl Begun {
    /// The optimizers that make a step.
    pub(super) fn moving(&self) -> &[Named] {
        match self.only {
            Some(position) => &self.optimizers[position..=position],
            None => &self.optimizers,
        }
    }

    /// The gradients of the loss, unless nothing can come of them.
    pub(super) fn differentiate(&self, loss: Option<&Tensor>) -> Result<Gradients> {
        match (loss, self.loss) {
            (Some(loss), Some(value)) if value.is_finite() => {
                Gradients::of_scaled(loss, self.scale.map_or(1.0, |scale| scale.scale))
            }
            _ => Ok(Gradients::default()),
        }
    }

    /// Moves the parameters. The session is not held while functions of a script run, and no optimizer while those of
    /// schedules do. While a rule of the script's own computes, all that make the step are held.
    pub(super) fn step(&self, gradients: Gradients) -> Result<Stepped> {
        let settings = optimizers::settings(self.moving(), self.now)?;
        let used = used_leaves(&self.parameters);
        if let Some(value) = self.loss.filter(|value| !value.is_finite()) {
            return Ok(Stepped { outcome: Outcome::NotFinite(format!("the loss ({value})")), used, settings });
        }
        let mut gradients = gradients;
        self.past_leaves.check(&mut gradients)?;
        gradients.add(Gradients::added_up(used.iter().map(|(_, _, leaf)| leaf)))?;
        if self.loss.is_none() && gradients.is_empty() {
            let reason = "no gradient has been added up since the last update: call loss:backward() before, or \
                          session:update(loss)";
            return Err(Error::State { op: "update", reason: reason.into() });
        }
        let outcome = optimizers::together(self.moving(), &settings, |all| match self.scale {
            None => all.step(&self.parameters, &mut gradients, self.now).map(Outcome::Done),
            Some(_) => Ok(match all.attempt(&self.parameters, &mut gradients, self.now)? {
                Attempt::Done(report) => Outcome::Done(report),
                Attempt::Overflow(name) => Outcome::NotFinite(format!("the gradient of {name}")),
            }),
        })?;
        Ok(Stepped { outcome, used, settings })
    }

    /// What comes of the loss, or of what was added up alone. Errors as [`Session::update_shared`].
    ///
    /// [`Session::update_shared`]: super::Session::update_shared
    pub(super) fn stepped(self, loss: Option<&Tensor>) -> Result<(Self, Stepped)> {
        self.refuse_sharpness()?;
        let stepped = self.differentiate(loss).and_then(|gradients| self.step(gradients))?;
        Ok((self, stepped))
    }

    /// A loss that is there already cannot be computed elsewhere.
    fn refuse_sharpness(&self) -> Result<()> {
        for (name, optimizer) in self.moving() {
            if optimizers::opened(optimizer)?.scheme().sharpness.is_some() {
                let reason = format!(
                    "'{name}' takes its gradients elsewhere, so it needs the loss as a function: \
                     session:update(function() … return loss end)"
                );
                return Err(Error::State { op: "update", reason });
            }
        }
        Ok(())
    }
}
