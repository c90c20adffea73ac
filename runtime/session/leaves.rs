//! The leaves that losses were computed from. An update sets new ones, so that a loss from before it would leave
//! gradients out in silence: it is refused.

use crate::{Error, Result, Tensor, nn::Parameter, optim::StepReport, tensor::Gradients};

/// The leaves, by path, that forward passes of the running step used before its last update. By these a loss from
/// before the update is told apart from a loss that depends on nothing.
#[derive(Clone, Default)]
pub(super) struct PastLeaves(Vec<(String, Tensor)>);

impl PastLeaves {
    /// Checks the gradients of a loss.
    ///
    /// # Errors
    /// The loss is from before the step's last update: its gradients belong to former values, and would be left out.
    pub(super) fn check(&self, gradients: &mut Gradients) -> Result<()> {
        match self.0.iter().find(|(_, leaf)| gradients.take(leaf).is_some()) {
            Some((name, _)) => Err(stale(&format!(", which has moved {name}"))),
            None => Ok(()),
        }
    }

    /// The same gradients, checked. Errors as [`PastLeaves::check`].
    pub(super) fn check_of(&self, mut gradients: Gradients) -> Result<Gradients> {
        self.check(&mut gradients).map(|()| gradients)
    }

    /// Checks what backward passes have added up. Errors as [`PastLeaves::check`].
    pub(super) fn check_added_up(&self) -> Result<()> {
        let leaves = || self.0.iter().map(|(_, leaf)| leaf);
        let checked = self.check(&mut Gradients::added_up(leaves()));
        // Told once, and of no use after that.
        leaves().try_for_each(Tensor::zero_grad).and(checked)
    }

    /// Notes an update. `used` are the leaves that there were before it.
    ///
    /// # Errors
    /// No parameter has moved, so it was no update.
    pub(super) fn note(&mut self, report: StepReport, used: Vec<(String, Parameter, Tensor)>) -> Result<()> {
        if report.updated == 0 && !self.0.is_empty() {
            return Err(stale(""));
        }
        if report.updated == 0 {
            let reason = "the loss depends on no parameter of the session's modules".into();
            return Err(Error::State { op: "update", reason });
        }
        for (name, _, leaf) in used.into_iter().filter(|(_, parameter, _)| parameter.used_leaf().is_none()) {
            // Without the former value, which is as large as the parameter.
            self.0.push((name, leaf.only_leaf()?));
        }
        Ok(())
    }
}

/// The parameters that forward passes have used, with their leaves.
pub(super) fn used_leaves(parameters: &[(String, Parameter)]) -> Vec<(String, Parameter, Tensor)> {
    let used =
        |(name, parameter): &(String, Parameter)| Some((name.clone(), parameter.clone(), parameter.used_leaf()?));
    parameters.iter().filter_map(used).collect()
}

fn stale(what: &str) -> Error {
    let reason = format!(
        "the loss was computed before the last update{what}; compute it anew, or add the losses and update once"
    );
    Error::State { op: "update", reason }
}
