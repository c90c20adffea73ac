//! One update: the backward pass from a loss, then the optimizer's step. All or nothing.

use std::{cell::RefCell, rc::Rc};

use super::{Counters, LossScale, Purpose, Session, leaves::used_leaves, optimizers};
use crate::{
    Error, Result, Tensor,
    nn::Parameter,
    optim::{Attempt, Now, StepReport},
    tape,
    tensor::Gradients,
};

/// What an update was like.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The loss before it; none of gradients that were added up.
    pub loss: Option<f64>,
    /// The learning rate, of the first optimizer.
    pub lr: f64,
    /// Whether no parameter was moved, as in float16 the loss or a gradient was not finite.
    pub skipped: bool,
}

/// An update before its gradients: its loss, and what that is multiplied by.
struct Begun {
    loss: Option<f64>,
    scale: Option<LossScale>,
}

impl Begun {
    /// The gradients of the loss, unless nothing can come of them.
    fn differentiate(&self, loss: Option<&Tensor>) -> Result<Gradients> {
        match (loss, self.loss) {
            (Some(loss), Some(value)) if value.is_finite() => {
                Gradients::of_scaled(loss, self.scale.map_or(1.0, |scale| scale.scale))
            }
            _ => Ok(Gradients::default()),
        }
    }
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
        let begun = self.begin_update(Some(loss));
        let gradients = begun.as_ref().map_or(Ok(Gradients::default()), |begun| begun.differentiate(Some(loss)));
        self.end_update(begun, gradients)
    }

    /// As [`Session::update`] of a session that others hold, who may use it during the backward pass: a hook, or an
    /// operation of a script. Gradients that [`Tensor::backward`] has added up at parameters are part of the update.
    /// Without a loss there are no others, and no loss is logged.
    ///
    /// # Errors
    /// As [`Session::update`]; neither a loss nor gradients that were added up; a backward pass that is on its way, or a
    /// function that is computed again by one.
    pub fn update_shared(session: &RefCell<Self>, loss: Option<&Tensor>) -> Result<Update> {
        refuse_within_a_pass()?;
        let begun = session.borrow().begin_update(loss);
        let gradients = begun.as_ref().map_or(Ok(Gradients::default()), |begun| begun.differentiate(loss));
        session.borrow_mut().end_update(begun, gradients)
    }

    /// What losses are multiplied by before they are differentiated: 1 unless the precision wants more.
    pub fn loss_scale(&self) -> f64 {
        self.scale_in_use().map_or(1.0, |scale| scale.scale)
    }

    fn scale_in_use(&self) -> Option<LossScale> {
        self.precision.needs_loss_scaling().then_some(self.counters.loss_scale)
    }

    /// Checks what is known before a gradient is.
    fn begin_update(&self, loss: Option<&Tensor>) -> Result<Begun> {
        optimizers::check(&self.own_optimizers())?;
        let scale = self.scale_in_use();
        self.running.past_leaves.check_added_up()?;
        let Some(loss) = loss else {
            return Ok(Begun { loss: None, scale });
        };
        if loss.len() != 1 {
            return Err(Error::Shape {
                op: "update".into(),
                want: "the loss must be a scalar".into(),
                got: loss.shape().to_vec(),
            });
        }
        Ok(Begun { loss: Some(loss.item()?), scale })
    }

    fn end_update(&mut self, begun: Result<Begun>, gradients: Result<Gradients>) -> Result<Update> {
        let update = begun.and_then(|begun| self.try_update(&begun, gradients));
        match &update {
            Ok(done) if !done.skipped => self.running.complete(&self.components),
            // What has made the loss or a gradient not finite may be in the running statistics as well.
            _ => self.running.undo()?,
        }
        update
    }

    fn own_optimizers(&self) -> Vec<optimizers::Named> {
        self.components.optimizers().map(|(name, optimizer)| (name.to_owned(), Rc::clone(optimizer))).collect()
    }

    fn try_update(&mut self, begun: &Begun, gradients: Result<Gradients>) -> Result<Update> {
        let own = self.own_optimizers();
        let Counters { step, total, lr_scale, .. } = self.counters;
        let now = Now { step, total: total.max(step), lr_scale };
        let rates = optimizers::rates(&own, now);
        let parameters = self.components.parameters();
        let used = used_leaves(&parameters);
        let leaves: Vec<Tensor> = used.iter().map(|(_, _, leaf)| leaf.clone()).collect();
        let added_up = Gradients::added_up(leaves.iter());
        let skipped = match (begun.scale, begun.loss) {
            (scaled, Some(value)) if !value.is_finite() => {
                self.counters.loss_scale =
                    self.skip(scaled.filter(|_| self.purpose != Purpose::Trial), format!("the loss ({value})"))?;
                true
            }
            (scaled, loss) => {
                let mut gradients = gradients?;
                self.running.past_leaves.check(&mut gradients)?;
                gradients.add(added_up)?;
                if loss.is_none() && gradients.is_empty() {
                    let reason =
                        "no gradient has been added up since the last update: call loss:backward() before, or \
                                  session:update(loss)"
                            .into();
                    return Err(Error::State { op: "update", reason });
                }
                match scaled {
                    None => {
                        let report = optimizers::together(&own, |all| all.step(&parameters, &mut gradients, now))?;
                        self.count(report, used)?;
                        // An edit may have taken the precision away after a skipped step.
                        self.counters.loss_scale.skipped_in_a_row = 0;
                        false
                    }
                    Some(scale) => {
                        match optimizers::together(&own, |all| all.attempt(&parameters, &mut gradients, now))? {
                            Attempt::Done(report) => {
                                self.count(report, used)?;
                                self.counters.loss_scale = scale.after_update();
                                false
                            }
                            Attempt::Overflow(name) => {
                                self.counters.loss_scale = self.skip(scaled, format!("the gradient of {name}"))?;
                                true
                            }
                        }
                    }
                }
            }
        };
        leaves.iter().try_for_each(Tensor::zero_grad)?;
        begun.loss.iter().for_each(|value| self.log("loss", *value));
        for (name, lr) in &rates {
            self.log(name, *lr);
        }
        if let Some(used) = begun.scale {
            self.log("loss_scale", used.scale);
            self.log("skipped", self.counters.loss_scale.skipped as f64);
        }
        Ok(Update { loss: begun.loss, lr: rates[0].1, skipped })
    }

    fn count(&mut self, report: StepReport, used: Vec<(String, Parameter, Tensor)>) -> Result<()> {
        self.running.past_leaves.note(report, used)?;
        self.counters.updates += 1;
        Ok(())
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
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::linear,
        optim::{Optimizer, Rule, Schedule, Sgd},
        session::Component,
        tensor::{Precision, autocast_modules},
    };

    /// A session that trains a single weight, without momentum's influence on the first update.
    fn session(precision: Precision) -> Session {
        let mut session = Session::silent(Device::cpu(), 0);
        session.plan(100);
        session.set("model", Component::Module(linear(1, 1, false))).unwrap();
        let rule = Rule::Sgd(Sgd { momentum: 0.9, ..Sgd::default() });
        let optimizer = Optimizer::new(rule, Schedule::constant(1.0).unwrap()).unwrap();
        session.set("optimizer", Component::Optimizer(Rc::new(optimizer.into()))).unwrap();
        session.set_precision(precision).unwrap();
        session
    }

    /// One step with the loss `factor · model(1)`, whose gradient is the factor.
    fn step(session: &mut Session, factor: f64) -> Result<Update> {
        session.next_step()?;
        let Some(Component::Module(model)) = session.get("model") else { panic!("there is a model") };
        let input = Tensor::ones(&[1, 1], &Device::cpu())?;
        let output = autocast_modules(session.precision(), || model.forward(&input))?;
        let loss = output.mul_scalar(factor)?.sum(None, false)?;
        session.update(&loss)
    }

    fn weight(session: &Session) -> f64 {
        session.components.parameters()[0].1.value().unwrap().item().unwrap()
    }

    /// How far one step with a gradient moves the weight.
    fn moved(session: &mut Session, factor: f64) -> f64 {
        let before = weight(session);
        step(session, factor).unwrap();
        before - weight(session)
    }

    #[test]
    fn a_gradient_that_float16_cannot_hold_arrives_by_scaling() {
        let small = 2f64.powi(-12) * 1e-4;
        let mut lost = session(Precision::Float16);
        lost.counters.loss_scale = LossScale { scale: 1.0, ..LossScale::default() };
        // The velocity shows a gradient too small to move the weight.
        let velocity = |session: &Session| match session.get("optimizer") {
            Some(Component::Optimizer(optimizer)) => optimizer.borrow().state().tensors()[0].1.item().unwrap(),
            _ => panic!("there is an optimizer"),
        };
        step(&mut lost, small).unwrap();
        assert_eq!(velocity(&lost), 0.0);
        let mut scaled = session(Precision::Float16);
        step(&mut scaled, small).unwrap();
        assert!((velocity(&scaled) / small - 1.0).abs() < 1e-3, "{} of {small}", velocity(&scaled));
    }

    #[test]
    fn an_overflow_skips_the_update_and_halves_the_scale_until_it_fits() {
        let mut session = session(Precision::Float16);
        let before = weight(&session);
        for (skipped, scale) in [65536.0, 32768.0, 16384.0, 8192.0].into_iter().enumerate() {
            assert_eq!(session.counters.loss_scale.scale, scale);
            assert!(step(&mut session, 10.0).unwrap().skipped);
            assert_eq!((weight(&session), session.counters.updates), (before, 0));
            assert_eq!(session.counters.loss_scale.skipped, skipped as u64 + 1);
        }
        let Some(Component::Optimizer(optimizer)) = session.get("optimizer") else { panic!("there is an optimizer") };
        assert!(optimizer.borrow().state().tensors().is_empty());
        assert!((moved(&mut session, 10.0) - 10.0).abs() < 1e-5);
        assert_eq!((session.counters.updates, session.counters.loss_scale.good_steps), (1, 1));
        session.end_step().unwrap();
        let logged =
            |name: &str| session.output.metrics().series(name).iter().map(|(_, value)| *value).collect::<Vec<_>>();
        assert_eq!(logged("loss_scale"), [65536.0, 32768.0, 16384.0, 8192.0, 4096.0]);
        assert_eq!(logged("skipped"), [1.0, 2.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn a_gradient_too_large_for_every_scale_is_an_error_after_24_skipped_steps() {
        let mut session = session(Precision::Float16);
        // The scale falls under 1 where that helps.
        for _ in 0..20 {
            assert!(step(&mut session, 1e6).unwrap().skipped);
        }
        assert!(!step(&mut session, 1e6).unwrap().skipped);
        let mut session = self::session(Precision::Float16);
        for _ in 0..24 {
            assert!(step(&mut session, 1e30).unwrap().skipped);
        }
        let before = weight(&session);
        let message = step(&mut session, 1e30).unwrap_err().to_string();
        let want = "update: the gradient of model.weight, after 24 skipped steps in a row, is not finite at step 25";
        assert_eq!((message.as_str(), weight(&session)), (want, before));
    }

    #[test]
    fn a_loss_that_is_not_finite_is_a_skipped_step_in_float16_and_an_error_after_24() {
        let mut session = session(Precision::Float16);
        assert!(!step(&mut session, 1e-3).unwrap().skipped);
        let before = weight(&session);
        let skipped = step(&mut session, f64::NAN).unwrap();
        assert!(skipped.skipped && skipped.loss.is_some_and(f64::is_nan) && session.counters.loss_scale.has_skipped());
        assert_eq!(
            (weight(&session), session.counters.updates, session.counters.loss_scale.scale),
            (before, 1, 32768.0)
        );
        assert!(!step(&mut session, 1e-3).unwrap().skipped);
        for _ in 0..24 {
            assert!(step(&mut session, f64::NAN).unwrap().skipped);
        }
        let message = step(&mut session, f64::NAN).unwrap_err().to_string();
        assert_eq!(message, "update: the loss (NaN), after 24 skipped steps in a row, is not finite at step 28");
        session.begin_trial();
        session.counters.loss_scale = LossScale::default();
        let message = step(&mut session, f64::NAN).unwrap_err().to_string();
        assert_eq!(message, "update: the loss (NaN) is not finite at step 29");
    }

    #[test]
    fn float32_and_bfloat16_scale_nothing_and_skip_nothing() {
        for precision in [Precision::Float32, Precision::BFloat16] {
            let mut session = session(precision);
            assert!((moved(&mut session, 10.0) - 10.0).abs() < 1e-5);
            session.end_step().unwrap();
            assert_eq!(session.counters.loss_scale, LossScale::default());
            assert!(session.output.metrics().series("loss_scale").is_empty());
            let message = step(&mut session, 1e39).unwrap_err().to_string();
            assert!(message.contains("is not finite at step 2"), "{message}");
        }
    }

    #[test]
    fn going_back_to_a_state_brings_its_loss_scale_back() {
        let mut session = session(Precision::Float16);
        step(&mut session, 1.0).unwrap();
        session.end_step().unwrap();
        let (state, scale) = (session.state(), session.counters.loss_scale);
        step(&mut session, 1e6).unwrap();
        assert_ne!(session.counters.loss_scale, scale);
        session.restore(&state).unwrap();
        assert_eq!(session.counters.loss_scale, scale);
    }

    /// The loss `factor · model(1)` of a session with a running step.
    fn loss(session: &Session, factor: f64) -> Tensor {
        let Some(Component::Module(model)) = session.get("model") else { panic!("there is a model") };
        let output = model.forward(&Tensor::ones(&[1, 1], &Device::cpu()).unwrap()).unwrap();
        output.mul_scalar(factor).unwrap().sum(None, false).unwrap()
    }

    fn backward(loss: &Tensor, session: &Session) {
        loss.backward(None, session.loss_scale(), crate::tensor::Pass::default()).unwrap();
    }

    #[test]
    fn what_was_added_up_outlives_an_update_that_fails_and_goes_with_one_that_does_not() {
        let session = RefCell::new(session(Precision::Float32));
        session.borrow_mut().next_step().unwrap();
        for _ in 0..3 {
            backward(&loss(&session.borrow(), 0.5), &session.borrow());
        }
        let bad = loss(&session.borrow(), f64::NAN);
        assert!(Session::update_shared(&session, Some(&bad)).is_err());
        let before = weight(&session.borrow());
        Session::update_shared(&session, None).unwrap();
        assert!((before - weight(&session.borrow()) - 1.5).abs() < 1e-6);
        assert!(Session::update_shared(&session, None).is_err());
        session.borrow_mut().check_tape().unwrap();
    }

    #[test]
    fn gradients_of_a_loss_from_before_the_last_update_are_refused_however_they_arrive() {
        let session = RefCell::new(session(Precision::Float32));
        session.borrow_mut().next_step().unwrap();
        let (old, first) = (loss(&session.borrow(), 1.0), loss(&session.borrow(), 1.0));
        Session::update_shared(&session, Some(&first)).unwrap();
        backward(&old, &session.borrow());
        let new = loss(&session.borrow(), 1.0);
        let error = Session::update_shared(&session, Some(&new)).unwrap_err().to_string();
        assert!(error.starts_with("update: the loss was computed before the last update, which has moved "), "{error}");
    }
}
