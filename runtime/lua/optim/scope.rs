//! What every optimizer can be told, whatever its rule.

use std::{cell::RefCell, rc::Rc};

use super::{
    super::{parameter_groups::Groups, schedule::Rate},
    shared::Shared,
};
use crate::{
    Error, Result,
    optim::{ClipByGlobalNorm, ClipByValue, Link, Optimizer, ParameterGroup, Rule, Scheduled, Scheme, Selection},
    options::{options, over},
};

options! {
    /// What all optimizers can be told.
    pub struct OptimizerScope {
        /// Paths of the modules and parameters that it moves, { "encoder", "head.weight" }; all by default. A * stands
        /// for any part of a name, { "encoder.layer*.conv1" }, and ** for any names in a row, { "encoder.**.bn*" }.
        /// Several optimizers of a session must not move the same.
        pub parameters: Option<Vec<String>> = None;
        /// Parameters with hyperparameters of their own, each { name = "head", parameters = { "head" }, roles = { "bias",
        /// "norm" }, lr = 0.01, … }: those at the paths that have one of the roles ("weight", "bias", "norm"), any where
        /// one of them is left out. lr and hyperparameters that are left out are the optimizer's. A parameter belongs to
        /// the first group that has it; the rate is logged as lr.head.
        pub groups: Option<Groups> = None;
        /// Gradients are scaled down together where their norm is over this one.
        pub clip_norm: Option<f64> = None, in over(0.0);
        /// Values of gradients are brought between this one and its negative, before their norm is clipped.
        pub clip_value: Option<f64> = None, in over(0.0);
    }
}

/// An optimizer of one rule and groups with others.
pub(super) fn assembled(
    lr: Rate,
    scope: OptimizerScope,
    (rule, scheduled): (Rule, Scheduled),
    groups: Vec<ParameterGroup>,
) -> Result<Shared> {
    let by_value = scope.clip_value.map(|max_value| Link::from(ClipByValue { max_value }));
    let by_norm = scope.clip_norm.map(|max_norm| Link::from(ClipByGlobalNorm { max_norm }));
    let scheme = Scheme {
        moves: Selection::at(scope.parameters.unwrap_or_default()),
        groups,
        scheduled,
        before: by_value.into_iter().chain(by_norm).collect(),
        ..Scheme::new(rule, lr.0)
    };
    Ok(Rc::new(RefCell::new(Optimizer::with(scheme)?)))
}

impl OptimizerScope {
    /// The groups, and all else.
    ///
    /// # Errors
    /// A list of paths without any.
    pub(super) fn apart(mut self, op: &str) -> Result<(Groups, Self)> {
        if self.parameters.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::argument(op, "parameters", "at least one path, or left out for all", "none"));
        }
        Ok((self.groups.take().unwrap_or_default(), self))
    }
}
