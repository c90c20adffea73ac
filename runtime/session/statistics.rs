//! Running statistics, which a forward pass moves before anybody knows whether its step will be done.

use super::Components;
use crate::{Result, Tensor, nn::Buffer};

/// Running statistics with the values that they had at one time.
#[derive(Default)]
pub(super) struct Statistics(Vec<(Buffer, Tensor)>);

impl Statistics {
    /// Those of all networks as they are.
    pub(super) fn of(components: &Components) -> Self {
        let buffers = components.modules().flat_map(|(_, module)| module.buffers());
        Self(buffers.filter_map(|(_, buffer)| Some((buffer.clone(), buffer.value().ok()?))).collect())
    }

    /// Gives them their values back.
    ///
    /// # Errors
    /// None in practice: the values were there before, so they fit.
    pub(super) fn give_back(&self) -> Result<()> {
        self.0.iter().try_for_each(|(buffer, value)| buffer.set(value.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::{
        Device,
        nn::{BatchNormOptions, batch_norm},
        optim::{Optimizer, Rule, Schedule, Sgd},
        session::{Component, Session},
        tensor::Precision,
    };

    #[test]
    fn a_skipped_step_takes_running_statistics_back() {
        let mut session = Session::silent(Device::cpu(), 0);
        session.plan(100);
        let norm = batch_norm(2, BatchNormOptions::default());
        session.set("model", Component::Module(norm.clone())).unwrap();
        let optimizer = Optimizer::new(Rule::Sgd(Sgd::default()), Schedule::constant(0.1).unwrap()).unwrap();
        session.set("optimizer", Component::Optimizer(Rc::new(optimizer.into()))).unwrap();
        session.set_precision(Precision::Float16).unwrap();
        let statistics =
            || norm.buffers().iter().map(|(_, buffer)| buffer.value().unwrap().floats().unwrap()).collect();
        let mut step = |scale: f64| {
            session.next_step().unwrap();
            let input = Tensor::from_floats(vec![1.0, 2.0, 3.0, 5.0], &[2, 2], &Device::cpu()).unwrap();
            let output = norm.forward(&input.mul_scalar(scale).unwrap()).unwrap();
            session.update(&output.mul(&output).unwrap().sum(None, false).unwrap()).unwrap().skipped
        };
        assert!(!step(1.0));
        let before: Vec<Vec<f32>> = statistics();
        assert!(step(f64::INFINITY));
        assert_eq!(statistics(), before);
        assert!(!step(1.0));
        assert!(statistics() != before && statistics().concat().iter().all(|value| value.is_finite()));
    }
}
