//! One update: the backward pass from a loss, then the optimizer's step. All or nothing.

use std::{cell::RefCell, rc::Rc};

use super::{
    Counters, LossScale, Purpose, Session,
    begun::{Begun, Outcome, Stepped},
    optimizers::{self, Named, Shared},
    sharp,
};
use crate::{
    Error, Result, Tensor,
    optim::{Moved, Now},
    tape,
};

/// What an update was like.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The loss before it; none of gradients that were added up.
    pub loss: Option<f64>,
    /// The Euclidean norm of all gradients together, before they are clipped; none where the update was skipped.
    pub gradient_norm: Option<f64>,
    /// The learning rate, of the first optimizer.
    pub lr: f64,
    /// Whether no parameter was moved, as in float16 the loss or a gradient was not finite.
    pub skipped: bool,
}

impl Session {
    /// Differentiates a scalar loss and steps the optimizer, or several, each of which says what it moves: all of them
    /// or none. Logs `loss` and `lr`.
    ///
    /// In float16 the loss is scaled ([`LossScale`]), and gradients are divided by the scale before anything is done
    /// with them. Where the loss or a gradient is not finite the step is skipped: parameters, running statistics and
    /// the optimizer stay as they are, and the scale is halved. Logs `loss_scale`, the scale of this step, and
    /// `skipped`, how many steps of the training were skipped so far.
    ///
    /// # Errors
    /// No optimizer, or several that would move the same; a parameter with a gradient that none of them moves; a loss
    /// that is no scalar or depends on no parameter; a loss or a gradient that is not finite, in float16 only where 24
    /// steps in a row have been skipped, or the loss in an edit's trial step. Parameters, running statistics and the
    /// optimizer are then as they were before the step.
    pub fn update(&mut self, loss: &Tensor) -> Result<Update> {
        refuse_within_a_pass()?;
        let stepped = self.begin_update(Some(loss), None).and_then(|begun| begun.stepped(Some(loss)));
        self.end_update(stepped)
    }

    /// As [`Session::update`] of a session that others hold, who may use it during the backward pass and the step: a
    /// hook, an operation or an optimizer of a script. Gradients that [`Tensor::backward`] has added up at parameters are
    /// part of the update. Without a loss there are no others, and no loss is logged. With `only` that optimizer alone
    /// makes a step, with the gradients of what it moves; all others are left out.
    ///
    /// # Errors
    /// As [`Session::update`]; neither a loss nor gradients that were added up; a backward pass that is on its way, or a
    /// function that is computed again by one; an optimizer that is not the session's, or needs the loss as a function.
    pub fn update_shared(session: &RefCell<Self>, loss: Option<&Tensor>, only: Option<&Shared>) -> Result<Update> {
        refuse_within_a_pass()?;
        // Nobody holds the session while functions of the script run.
        let begun = session.borrow().begin_update(loss, only);
        let stepped = begun.and_then(|begun| begun.stepped(loss));
        session.borrow_mut().end_update(stepped)
    }

    /// As [`Session::update_shared`] by a function that computes the loss. It is called twice where an optimizer takes
    /// its gradients elsewhere, with the same draws and the same batches of the session's data sets; these, and running
    /// statistics, move once. Gradients that were added up at parameters of such an optimizer are gone where the update
    /// fails.
    ///
    /// # Errors
    /// As [`Session::update_shared`], and the function's.
    pub fn update_by(
        session: &RefCell<Self>,
        loss: &mut dyn FnMut() -> Result<Tensor>,
        only: Option<&Shared>,
    ) -> Result<Update> {
        refuse_within_a_pass()?;
        let before = session.borrow().place();
        let first = loss()?;
        let begun = session.borrow().begin_update(Some(&first), only);
        let stepped = begun.and_then(|begun| {
            let gradients =
                begun.differentiate(Some(&first)).and_then(|gradients| begun.past_leaves.check_of(gradients))?;
            let gradients = sharp::ascended(session, begun.moving(), &begun.parameters, gradients, || {
                let after = session.borrow_mut().go_to(before)?;
                let second = loss();
                let back = session.borrow_mut().go_to(after);
                let second = second?;
                back.and_then(|_| begun.differentiate(Some(&second)))
            })?;
            let stepped = begun.step(gradients)?;
            Ok((begun, stepped))
        });
        session.borrow_mut().end_update(stepped)
    }

    /// Whether an update needs its loss as a function ([`Session::update_by`]).
    pub fn needs_function(&self) -> bool {
        self.components.optimizers().any(|(_, optimizer)| optimizer.borrow().scheme().sharpness.is_some())
    }

    /// Forgets the gradients that backward passes have added up at what one optimizer moves.
    ///
    /// # Errors
    /// It is none of the session's.
    pub fn zero_grad_of(&self, only: &Shared) -> Result<()> {
        let optimizers = self.own_optimizers();
        let position = optimizers::position(&optimizers, only)?;
        let moved = optimizers::moved_by(&optimizers, position, self.components.parameters())?;
        moved.iter().for_each(|(_, parameter)| parameter.zero_grad());
        Ok(())
    }

    /// What one optimizer does to each parameter that it moves, in the running step.
    ///
    /// # Errors
    /// It is none of the session's; a selection that leads nowhere; those of a schedule.
    pub fn moved_by(session: &RefCell<Self>, only: &Shared) -> Result<Vec<Moved>> {
        let (optimizers, parameters, now) = {
            let session = session.borrow();
            let Counters { step, total, lr_scale, .. } = session.counters;
            let now = Now { step, total: total.max(step), lr_scale };
            (session.own_optimizers(), session.components.parameters(), now)
        };
        let position = optimizers::position(&optimizers, only)?;
        let parameters = optimizers::moved_by(&optimizers, position, parameters)?;
        // Nobody holds the session while functions of the script run.
        let settings = optimizers::settings(&optimizers[position..=position], now)?;
        Ok(optimizers::opened(only)?.scheme().moved(&parameters, &settings[0]))
    }

    /// What losses are multiplied by before they are differentiated: 1 unless the precision wants more.
    pub fn loss_scale(&self) -> f64 {
        self.scale_in_use().map_or(1.0, |scale| scale.scale)
    }

    fn scale_in_use(&self) -> Option<LossScale> {
        self.precision.needs_loss_scaling().then_some(self.counters.loss_scale)
    }

    /// Checks what is known before a gradient is.
    fn begin_update(&self, loss: Option<&Tensor>, only: Option<&Shared>) -> Result<Begun> {
        let optimizers = self.own_optimizers();
        let only = only.map(|only| optimizers::position(&optimizers, only)).transpose()?;
        optimizers::check(&optimizers)?;
        let scale = self.scale_in_use();
        self.running.past_leaves.check_added_up()?;
        if let Some(loss) = loss.filter(|loss| loss.len() != 1) {
            let want = "the loss must be a scalar".into();
            return Err(Error::Shape { op: "update".into(), want, got: loss.shape().to_vec() });
        }
        let mut parameters = self.components.parameters();
        if let Some(position) = only {
            parameters = optimizers::moved_by(&optimizers, position, parameters)?;
        }
        let Counters { step, total, lr_scale, .. } = self.counters;
        Ok(Begun {
            loss: loss.map(Tensor::item).transpose()?,
            scale,
            optimizers,
            only,
            parameters,
            now: Now { step, total: total.max(step), lr_scale },
            past_leaves: self.running.past_leaves.clone(),
        })
    }

    fn end_update(&mut self, stepped: Result<(Begun, Stepped)>) -> Result<Update> {
        let update = stepped.and_then(|(begun, stepped)| self.note_update(&begun, stepped));
        match &update {
            Ok(done) if !done.skipped => self.running.complete(&self.components),
            // What has made the loss or a gradient not finite may be in the running statistics as well.
            _ => self.running.undo()?,
        }
        update
    }

    fn own_optimizers(&self) -> Vec<Named> {
        self.components.optimizers().map(|(name, optimizer)| (name.to_owned(), Rc::clone(optimizer))).collect()
    }

    fn note_update(&mut self, begun: &Begun, Stepped { outcome, used, settings }: Stepped) -> Result<Update> {
        let leaves: Vec<Tensor> = used.iter().map(|(_, _, leaf)| leaf.clone()).collect();
        let gradient_norm = match &outcome {
            Outcome::Done(report) => Some(report.gradient_norm),
            Outcome::NotFinite(_) => None,
        };
        let skipped = match outcome {
            Outcome::Done(report) => {
                self.running.past_leaves.note(report, used)?;
                self.counters.updates += 1;
                match begun.scale {
                    Some(scale) => self.counters.loss_scale = scale.after_update(),
                    // An edit may have taken the precision away after a skipped step.
                    None => self.counters.loss_scale.skipped_in_a_row = 0,
                }
                false
            }
            Outcome::NotFinite(what) => {
                // A trial step goes on after a gradient that is too large, and not after such a loss.
                let is_of_the_loss = begun.loss.is_some_and(|value| !value.is_finite());
                let scaled = begun.scale.filter(|_| !(is_of_the_loss && self.purpose == Purpose::Trial));
                self.counters.loss_scale = self.skip(scaled, what)?;
                true
            }
        };
        leaves.iter().try_for_each(Tensor::zero_grad)?;
        let first = begun.only.unwrap_or(0);
        if let Some(value) = begun.loss {
            self.log(&optimizers::logged_as("loss", first, &begun.moving()[0].0), value);
        }
        for (name, value) in optimizers::logged(begun.moving(), first, &settings) {
            self.log(&name, value);
        }
        if let Some(used) = begun.scale {
            self.log("loss_scale", used.scale);
            self.log("skipped", self.counters.loss_scale.skipped as f64);
        }
        Ok(Update { loss: begun.loss, gradient_norm, lr: settings[0][0].lr, skipped })
    }

    /// The next scale after what is not finite; an error where there is no scale, or none can help.
    fn skip(&self, scaled: Option<LossScale>, what: String) -> Result<LossScale> {
        let next = scaled.and_then(LossScale::after_overflow);
        next.ok_or_else(|| {
            let what = match scaled {
                Some(used) => format!("{what}, after {} skipped steps in a row,", used.skipped_in_a_row),
                None => what,
            };
            Error::NotFinite { op: "update", what, step: Some(self.counters.step) }
        })
    }
}

/// An update moves what a pass, or a second run, has still to go through.
fn refuse_within_a_pass() -> Result<()> {
    let reason = match (tape::is_recomputed(), tape::is_passing()) {
        (true, _) => "a function under recompute is run again, and an update happens once; update after it",
        (_, true) => {
            "a hook, or an operation's backward, cannot update: the backward pass that calls it is on its way; update \
             after it"
        }
        _ => return Ok(()),
    };
    Err(Error::State { op: "update", reason: reason.into() })
}

#[cfg(test)]
mod tests;
