//! A state that a new session takes over while a script's `setup` names its components: what fits by name and shape
//! goes on, all else starts anew, and both are reported.

use std::collections::{BTreeMap, BTreeSet};

use super::{Component, ComponentState, Components, Configuration, SetUp, State, Takeover};
use crate::{Device, Result, Tensor};

/// A state on its way into a session.
#[derive(Clone)]
pub(super) struct Heritage {
    state: State,
    /// Components that have taken over what was theirs.
    claimed: BTreeSet<String>,
    /// What came of each.
    takeovers: BTreeMap<String, Takeover>,
}

impl Heritage {
    pub(super) fn new(mut state: State) -> Self {
        // A live state has the functions of the script that it comes from. They count as equal to any others, and this
        // session's script has its own.
        state.components.iter_mut().for_each(|(_, saved)| saved.configuration.forget_functions());
        state.set_up.components.values_mut().for_each(Configuration::forget_functions);
        Self { state, claimed: BTreeSet::new(), takeovers: BTreeMap::new() }
    }

    /// The state, as it was.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// What became of it so far, by component that has asked for it.
    pub(super) fn takeovers(&self) -> &BTreeMap<String, Takeover> {
        &self.takeovers
    }

    /// What a component of this name takes over. In `setup` each assignment to the name takes over, since the last one
    /// holds. Later only the first assignment does, and only to a name that `setup` did not give.
    fn due(&self, name: &str, in_setup: bool) -> Option<&ComponentState> {
        let saved = self.state.components.iter().find(|(known, _)| known == name).map(|(_, saved)| saved);
        saved.filter(|_| in_setup || !self.claimed.contains(name))
    }

    /// The value that goes on in the place of a new tensor's: the inherited one if it has its kind and shape.
    pub(super) fn tensor(&self, name: &str, new: &Tensor, in_setup: bool) -> Option<&Tensor> {
        let old = self.due(name, in_setup)?.tensor()?;
        (old.dtype() == new.dtype() && old.shape() == new.shape()).then_some(old)
    }

    /// Gives a component what the old one of its name had, and realises it meanwhile.
    ///
    /// # Errors
    /// Those of realising it; a device failed.
    pub(super) fn hand_over(
        &mut self,
        name: &str,
        component: &Component,
        in_setup: bool,
        device: &Device,
        realise: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let Some(saved) = self.due(name, in_setup).cloned() else { return realise() };
        let mut found = saved.hand_over(component, device)?;
        realise()?;
        if let (Component::ImageSet(images), Some(cursor)) = (component, saved.cursor) {
            images.seek(cursor)?;
            found.notes.extend(saved.other_images(component));
        }
        if let (Component::Dataset(set), Some(cursor)) = (component, saved.cursor) {
            set.seek(cursor)?;
            found.notes.extend(saved.other_images(component));
        }
        if !in_setup {
            component.configure(&saved.configuration)?;
        }
        self.claim(name, found);
        Ok(())
    }

    fn claim(&mut self, name: &str, found: Takeover) {
        self.claimed.insert(name.to_owned());
        self.takeovers.insert(name.to_owned(), found);
    }

    /// Keeps what `setup` made of the components as the old one did, and what the old loop made besides.
    ///
    /// # Errors
    /// A device failed.
    pub(super) fn carry_on(&mut self, made: &SetUp, components: &mut Components, device: &Device) -> Result<()> {
        let before = &self.state.set_up.components;
        for (name, component) in components.iter() {
            let of_old = self.state.components.iter().find(|(known, _)| known == name);
            if let Some((_, of_old)) = of_old
                && before.get(name) == made.components.get(name)
            {
                component.configure(&of_old.configuration)?;
            }
        }
        // Now, since the first step gives a parameter of another shape a new state under the old path.
        let parameters = components.parameters();
        for (name, optimizer) in components.optimizers() {
            if let Some(found) = self.takeovers.get_mut(name) {
                found.drop_kept(optimizer.borrow_mut().drop_misfits(&parameters, false));
            }
        }
        // A tensor that the loop made is complete as it was saved. A network of the loop waits for its name.
        for (name, saved) in self.state.components.clone() {
            let is_of_the_loop = ![&self.state.set_up, made].iter().any(|set_up| set_up.components.contains_key(&name));
            if let (true, Some(tensor)) = (is_of_the_loop, saved.tensor()) {
                components.put(&name, Component::Tensor(tensor.to_device(device)?));
                self.claim(&name, Takeover { kept: 1, ..Takeover::default() });
            }
        }
        Ok(())
    }

    /// Components that the loop of the script has not asked for yet. What only `setup` made is not among them: an edit
    /// has removed it.
    pub(super) fn unclaimed(&self, components: &Components) -> Vec<(String, ComponentState)> {
        let is_waiting = |name: &String| {
            !self.claimed.contains(name)
                && !self.state.set_up.components.contains_key(name)
                && components.get(name).is_none()
        };
        let waiting = self.state.components.iter().filter(|(name, _)| is_waiting(name));
        waiting.map(|(name, saved)| (name.clone(), ComponentState { living: None, ..saved.clone() })).collect()
    }

    /// What became of it in the end, by component. What none of these has asked for is dropped.
    pub(super) fn settle(self, components: &Components) -> BTreeMap<String, Takeover> {
        let parameters = components.parameters();
        let mut takeovers = self.takeovers;
        for (name, component) in components.iter() {
            let is_new = !takeovers.contains_key(name);
            let found = takeovers.entry(name.to_owned()).or_default();
            if is_new {
                found.initialised.push(String::new());
            }
            if let Component::Optimizer(optimizer) = component {
                found.drop_kept(optimizer.borrow_mut().drop_misfits(&parameters, true));
                // What another rule does not keep is gone since the first step.
                let of_old = self.state.components.iter().find(|(known, _)| known == name);
                let now: BTreeSet<String> =
                    optimizer.borrow().state().tensors().into_iter().map(|(name, _)| name).collect();
                let gone = of_old.iter().flat_map(|(_, saved)| saved.optimizer.tensors());
                let gone = gone.filter(|(name, _)| !now.contains(name));
                found.drop_kept(gone.map(|(name, tensor)| (name, tensor.shape().to_vec())).collect());
            }
        }
        for (name, saved) in self.state.components {
            if components.get(&name).is_none() {
                let found = takeovers.entry(name).or_default();
                *found = Takeover { dropped: vec![String::new(); saved.named().count().max(1)], ..Takeover::default() };
            }
        }
        takeovers
    }
}
