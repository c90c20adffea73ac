//! What an optimizer keeps, beside how it moves what.

use super::{Kept, OptimizerState, Rule, Schedule, Scheme};
use crate::Result;

/// Moves named parameters against their gradients.
pub struct Optimizer {
    pub(super) scheme: Scheme,
    pub(super) state: OptimizerState,
}

impl Optimizer {
    /// An optimizer of all parameters by one rule, which keeps nothing yet.
    ///
    /// # Errors
    /// Hyperparameters that make no sense.
    pub fn new(rule: Rule, schedule: Schedule) -> Result<Self> {
        Self::with(Scheme::new(rule, schedule))
    }

    /// An optimizer that keeps nothing yet. Errors as [`Optimizer::new`], and for a group's name.
    pub fn with(scheme: Scheme) -> Result<Self> {
        scheme.check()?;
        Ok(Self { scheme, state: OptimizerState::default() })
    }

    /// How it moves what.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Its learning rate for every step, but for groups with one of their own.
    pub fn schedule(&self) -> &Schedule {
        &self.scheme.schedule
    }

    /// Moves what it moves in another way and keeps what it keeps. Errors as [`Optimizer::with`], and changes nothing
    /// then.
    pub fn configure(&mut self, scheme: Scheme) -> Result<()> {
        scheme.check()?;
        let old = std::mem::replace(&mut self.scheme, scheme);
        // One that a state remembers has no functions.
        self.scheme.find_functions(&old);
        Ok(())
    }

    /// What it keeps.
    pub fn state(&self) -> &OptimizerState {
        &self.state
    }

    /// What it keeps for a parameter.
    pub fn kept(&self, path: &str) -> Option<&Kept> {
        self.state.parameters.get(path).map(|kept| &**kept)
    }

    /// Replaces what it keeps, whatever parameters there are: what belongs to none is not used.
    pub fn set_state(&mut self, state: OptimizerState) {
        self.state = state;
    }
}

#[cfg(test)]
mod tests {
    use crate::optim::{
        Now,
        fixture::{gradients, model, optimizer, values},
    };

    #[test]
    fn a_saved_optimizer_goes_on_as_if_it_had_never_stopped() {
        let (one, two) = (model(), model());
        let (mut first, mut second) = (optimizer(), optimizer());
        first.step(&one.parameters(), &mut gradients(&one, 1.0), Now::new(1, 9)).unwrap();
        two.load(&one.state().into_iter().collect()).unwrap();
        second.set_state(first.state().clone());
        assert_eq!(second.state().tensors().len(), 3);
        for (model, optimizer) in [(&one, &mut first), (&two, &mut second)] {
            optimizer.step(&model.parameters(), &mut gradients(model, 1.0), Now::new(2, 9)).unwrap();
        }
        assert_eq!(values(&one.state()), values(&two.state()));
    }
}
