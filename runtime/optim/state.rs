//! What an optimizer keeps, as a tree: by a parameter's path and by transform, named tensors and counters; and the same
//! for all parameters together.

use std::{collections::BTreeMap, rc::Rc};

use super::{Slots, Trace};
use crate::{Result, Tensor};

/// What the transforms of a chain keep, by what each is called in it.
pub type Kept = BTreeMap<String, Slots>;

/// The whole of it.
#[derive(Clone, Default)]
pub struct OptimizerState {
    /// Of each parameter, by its path. A state that is taken at a boundary shares it.
    pub parameters: BTreeMap<String, Rc<Kept>>,
    /// Of all parameters together, by the group's name; the empty name is that of what belongs to no group.
    pub shared: BTreeMap<String, Kept>,
}

impl OptimizerState {
    /// A velocity for each path: all that there was to keep in checkpoints of the first format.
    pub fn of_velocities(velocities: impl IntoIterator<Item = (String, Tensor)>) -> Self {
        let kept = |velocity| Kept::from([(Trace::NAME.to_owned(), Slots::default().tensor(Trace::NAME, velocity))]);
        let parameters = velocities.into_iter().map(|(path, velocity)| (path, Rc::new(kept(velocity))));
        Self { parameters: parameters.collect(), shared: BTreeMap::new() }
    }

    /// Every tensor under its name: `encoder.conv1.weight/trace`.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let of = |slots: &Slots| {
            let moved = slots.tensors.iter().filter_map(|(own, slot)| Some((own.clone(), slot.tensor()?.clone())));
            moved.collect::<Vec<_>>()
        };
        self.named(of)
    }

    /// Every counter under its name.
    pub fn counters(&self) -> Vec<(String, u64)> {
        self.named(|slots| slots.counters.iter().map(|(own, count)| (own.clone(), *count)).collect())
    }

    fn named<T>(&self, of: impl Fn(&Slots) -> Vec<(String, T)>) -> Vec<(String, T)> {
        let mut named = Vec::new();
        let shared = self.shared.iter().map(|(group, kept)| (shared_name(group), kept));
        for (owner, kept) in self.parameters.iter().map(|(path, kept)| (path.clone(), &**kept)).chain(shared) {
            for (link, slots) in kept {
                named.extend(of(slots).into_iter().map(|(own, value)| (format!("{owner}/{}", key(link, &own)), value)));
            }
        }
        named
    }

    /// The same on another device.
    ///
    /// # Errors
    /// A device failed.
    pub fn map(&self, change: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let mut changed = self.clone();
        for kept in changed.parameters.values_mut().map(Rc::make_mut).chain(changed.shared.values_mut()) {
            for slots in kept.values_mut() {
                *slots = slots.map(&change)?;
            }
        }
        Ok(changed)
    }

    /// Leaves out what is empty.
    pub(super) fn tidy(&mut self) {
        let all = self.parameters.values_mut().map(Rc::make_mut).chain(self.shared.values_mut());
        all.for_each(|kept| kept.retain(|_, slots| !slots.is_empty()));
        self.parameters.retain(|_, kept| !kept.is_empty());
        self.shared.retain(|_, kept| !kept.is_empty());
    }
}

/// What is kept for all parameters together stands where a path would: no path of a session is a single word, or begins
/// with this one and has no slash.
pub fn shared_name(group: &str) -> String {
    if group.is_empty() { "shared".to_owned() } else { format!("shared.{group}") }
}

/// A tensor or counter of a transform: `scale_by_adam/mu`, or `trace` where the two names are one.
pub fn key(link: &str, own: &str) -> String {
    if link == own { link.to_owned() } else { format!("{link}/{own}") }
}

/// The two names of a key.
pub fn of_key(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or((key, key))
}
