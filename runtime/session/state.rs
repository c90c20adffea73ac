//! A session's state at the boundary between two steps, as a value: what a checkpoint writes, a reload hands over, a
//! rewind goes back to. Tensors never change, so a state shares them with the living session and costs no copy.

use std::{collections::BTreeMap, mem::discriminant};

use super::{Component, ComponentState, Components, Configuration, Counters, Plain};
use crate::Tensor;

/// Everything of a session that lasts, between two steps.
#[derive(Clone)]
pub struct State {
    /// How far it had come.
    pub counters: Counters,
    /// The components by name, in the order of their naming.
    pub components: Vec<(String, ComponentState)>,
    /// `session.state`.
    pub plain: Plain,
    /// What `setup` made of the session, before anything was learnt.
    pub set_up: SetUp,
}

/// What a script's `setup` makes of a session. A later difference was made by the loop; a difference to another
/// version's was made by an edit.
#[derive(Clone, Debug, Default)]
pub struct SetUp {
    /// The number of steps.
    pub total: u64,
    /// How each component was set up.
    pub components: BTreeMap<String, Configuration>,
    /// `session.state`.
    pub plain: Plain,
}

impl State {
    /// Every tensor, with what it is called in a file: `encoder.conv1.weight`, `optimizer.encoder.conv1.weight/trace`.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let named = |name: &str, own: &str| if own.is_empty() { name.to_owned() } else { format!("{name}.{own}") };
        let of = |(name, saved): &(String, ComponentState)| {
            saved.named().map(|(own, tensor)| (named(name, &own), tensor)).collect::<Vec<_>>()
        };
        self.components.iter().flat_map(of).collect()
    }

    /// Every counter of the optimizers, called alike.
    pub fn optimizer_counters(&self) -> BTreeMap<String, u64> {
        let of = |(name, saved): &(String, ComponentState)| {
            let counters = saved.optimizer.counters().into_iter();
            counters.map(|(own, count)| (format!("{name}.{own}"), count)).collect::<Vec<_>>()
        };
        self.components.iter().flat_map(of).collect()
    }

    /// The same state, which hands the decoded images of these components' data sets on.
    pub fn sharing(mut self, components: &Components) -> Self {
        for (name, saved) in &mut self.components {
            if let Some(component @ Component::ImageSet(_)) = components.get(name) {
                saved.living = Some(component.clone());
            }
        }
        self
    }

    /// The same state for components that live, which it was not read from; none where it is not one of all of these.
    pub fn of_living(mut self, components: &Components) -> Option<Self> {
        for (name, saved) in &mut self.components {
            let component = components.get(name)?;
            let is_of_kind = discriminant(&component.configuration()) == discriminant(&saved.configuration);
            saved.living = match component {
                _ if !is_of_kind => return None,
                // It is its own value.
                Component::Tensor(_) => Some(Component::Tensor(saved.tensors.first()?.1.clone())),
                other => Some(other.clone()),
            };
        }
        (self.components.len() == components.iter().len()).then_some(self)
    }

    /// The bytes of its tensors. Once the training has moved on, no other state shares them.
    pub fn bytes(&self) -> usize {
        let mut tensors = self.tensors();
        self.plain.to_json("", &mut tensors);
        tensors.iter().map(|(_, tensor)| tensor.len() * 4).sum()
    }
}
