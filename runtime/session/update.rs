//! One update: the backward pass from a loss, then the optimizer's step. All or nothing.

use std::rc::Rc;

use super::{Component, Session};
use crate::{
    Error, Result, Tensor,
    nn::{Buffer, Parameter},
    tensor::Gradients,
};

/// What an update was like.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The loss before it.
    pub loss: f64,
    /// The learning rate.
    pub lr: f64,
}

impl Session {
    /// The parameters of every module, by path (`encoder.conv1.weight`).
    pub fn parameters(&self) -> Vec<(String, Parameter)> {
        let modules = self.components.iter().filter_map(|(name, component)| match component {
            Component::Module(module) => Some((name, module)),
            _ => None,
        });
        modules
            .flat_map(|(name, module)| {
                module.parameters().into_iter().map(move |(path, parameter)| (format!("{name}.{path}"), parameter))
            })
            .collect()
    }

    /// Differentiates a scalar loss and steps the optimizer. Logs `loss` and `lr`.
    ///
    /// # Errors
    /// Not exactly one optimizer; a loss that is no scalar or depends on no parameter; a loss or a gradient that is
    /// not finite. Parameters, running statistics and the optimizer are then as they were before the step.
    pub fn update(&mut self, loss: &Tensor) -> Result<Update> {
        let update = self.try_update(loss);
        match update {
            Ok(_) => self.before_step = self.running_statistics(),
            Err(_) => self.undo_step()?,
        }
        update
    }

    /// Gives the running statistics back the values that they had before the running step, if it has not been
    /// completed by an update.
    ///
    /// # Errors
    /// None that a value which was there before could cause.
    pub fn undo_step(&mut self) -> Result<()> {
        self.before_step.iter().try_for_each(|(buffer, value)| buffer.set(value.clone()))
    }

    pub(super) fn running_statistics(&self) -> Vec<(Buffer, Tensor)> {
        let modules = self.components.iter().filter_map(|(_, component)| match component {
            Component::Module(module) => Some(module),
            _ => None,
        });
        let buffers = modules.flat_map(|module| module.buffers());
        buffers.filter_map(|(_, buffer)| Some((buffer.clone(), buffer.value().ok()?))).collect()
    }

    fn try_update(&mut self, loss: &Tensor) -> Result<Update> {
        let optimizers: Vec<_> = self
            .components
            .iter()
            .filter_map(|(_, component)| match component {
                Component::Optimizer(optimizer) => Some(Rc::clone(optimizer)),
                _ => None,
            })
            .collect();
        let [optimizer] = optimizers.as_slice() else {
            let reason = format!(
                "a session updates with one optimizer, this one has {}: session.optimizer = mb.optim.…",
                optimizers.len()
            );
            return Err(Error::State { op: "update", reason });
        };
        if loss.len() != 1 {
            return Err(Error::Shape {
                op: "update".into(),
                want: "the loss must be a scalar".into(),
                got: loss.shape().to_vec(),
            });
        }
        let value = loss.item()?;
        if !value.is_finite() {
            return Err(Error::NotFinite { op: "update", what: format!("the loss ({value})"), step: Some(self.step) });
        }
        let parameters = self.parameters();
        let mut gradients = Gradients::of(loss)?;
        let total = self.total.max(self.step);
        // The schedule counts from 0.
        let lr = self.lr_scale * optimizer.borrow().schedule().at(self.step.saturating_sub(1), total);
        let report = optimizer.borrow_mut().step(&parameters, &mut gradients, self.step, lr)?;
        if report.updated == 0 {
            let reason = "the loss depends on no parameter of the session's modules".into();
            return Err(Error::State { op: "update", reason });
        }
        self.updates += 1;
        self.log("loss", value);
        self.log("lr", lr);
        Ok(Update { loss: value, lr })
    }
}
