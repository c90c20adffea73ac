//! One update: the backward pass from a loss, then every optimizer's step. All or nothing.

use std::rc::Rc;

use super::{Component, Session};
use crate::{Error, Result, Tensor, nn::Parameter, tensor::Gradients};

/// What an update was like.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The loss before it.
    pub loss: f64,
    /// The learning rate of the first optimizer.
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

    /// Differentiates a scalar loss and steps every optimizer of the session. Logs `loss` and `lr`.
    ///
    /// # Errors
    /// No optimizer; a loss that is no scalar or depends on no parameter; a loss or a gradient that is not finite.
    /// Parameters and optimizers are then as they were.
    pub fn update(&mut self, loss: &Tensor) -> Result<Update> {
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
            return Err(Error::NotFinite { op: "update", what: format!("the loss ({value})"), step: self.step });
        }
        let parameters = self.parameters();
        let mut gradients = Gradients::of(loss)?;
        let total = self.total.max(self.step);
        // The schedule counts from 0.
        let lr = optimizer.borrow().schedule().at(self.step.saturating_sub(1), total);
        optimizer.borrow_mut().step(&parameters, &mut gradients, self.step, lr)?;
        self.updates += 1;
        self.log("loss", value);
        self.log("lr", lr);
        Ok(Update { loss: value, lr })
    }
}
