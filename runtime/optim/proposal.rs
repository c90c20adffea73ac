//! What a step of one optimizer would make of its parameters and of what it keeps: computed, and not done yet.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    Kept, Optimizer, Setting, UpdateTarget,
    chain::{Chain, Item},
};
use crate::{Result, Tensor, nn::Parameter};

/// A parameter that has a gradient.
#[derive(Clone, Copy)]
pub(super) struct Moving<'a> {
    pub(super) path: &'a str,
    pub(super) parameter: &'a Parameter,
}

/// What would be, parameters in the order of the gradients.
pub(super) struct Proposal {
    pub(super) parameters: Vec<Tensor>,
    pub(super) kept: Vec<Kept>,
    pub(super) shared: BTreeMap<String, Kept>,
}

impl Optimizer {
    pub(super) fn propose(
        &self,
        moving: &[Moving<'_>],
        gradients: Vec<Tensor>,
        step: u64,
        settings: &[Setting],
    ) -> Result<Proposal> {
        let chains: Vec<Chain> = settings.iter().map(|setting| self.scheme.chain(&setting.rule)).collect();
        let groups: Vec<usize> = moving.iter().map(|it| self.scheme.group_of(it.path, it.parameter.role())).collect();
        let mut items = Vec::with_capacity(moving.len());
        for ((it, group), gradient) in moving.iter().zip(&groups).zip(gradients) {
            let (parameter, role) = (it.parameter.value()?, it.parameter.role());
            let target = UpdateTarget { parameter, role, lr: settings[*group].lr, step };
            items.push(Item::new(target, gradient, self.kept(it.path)));
        }
        let mut shared = self.shared_of(&chains);
        if !items.is_empty() {
            let mut all: Vec<&mut Item<'_>> = items.iter_mut().collect();
            chains[0].begin(&mut all, shared.entry(String::new()).or_default())?;
        }
        for (position, ((name, ..), chain)) in self.scheme.parts().zip(&chains).enumerate() {
            let mut own: Vec<_> =
                items.iter_mut().zip(&groups).filter(|(_, group)| **group == position).map(|(item, _)| item).collect();
            if !own.is_empty() {
                chain.finish(&mut own, shared.entry(name.to_owned()).or_default())?;
            }
        }
        let (parameters, kept) = items.into_iter().map(Item::end).unzip();
        Ok(Proposal { parameters, kept, shared })
    }

    /// What is kept for all parameters together, without what no chain asks for.
    fn shared_of(&self, chains: &[Chain]) -> BTreeMap<String, Kept> {
        let mut shared = BTreeMap::new();
        for ((name, ..), chain) in self.scheme.parts().zip(chains) {
            let Some(kept) = self.state.shared.get(name) else { continue };
            let start = chain.init_shared();
            let known = kept.iter().filter(|(link, _)| start.contains_key(*link));
            shared.insert(name.to_owned(), known.map(|(link, slots)| (link.clone(), slots.clone())).collect());
        }
        shared
    }

    /// Becomes what was proposed, but for the parameters.
    pub(super) fn accept(&mut self, paths: &[&str], kept: Vec<Kept>, shared: BTreeMap<String, Kept>) {
        for (path, kept) in paths.iter().zip(kept) {
            if kept.is_empty() {
                self.state.parameters.remove(*path);
            } else if let Some(old) = self.state.parameters.get_mut(*path) {
                *old = Rc::new(kept);
            } else {
                self.state.parameters.insert((*path).to_owned(), Rc::new(kept));
            }
        }
        self.state.shared = shared;
        self.state.shared.values_mut().for_each(|kept| kept.retain(|_, slots| !slots.is_empty()));
        self.state.shared.retain(|_, kept| !kept.is_empty());
    }
}
