//! A session's state at the boundary between two steps, as a value: what a checkpoint writes, a reload hands over, a
//! rewind goes back to. Tensors never change, so a state shares them with the living session and costs no copy.

use std::{collections::BTreeMap, mem::discriminant};

use super::{Component, Configuration, Counters, Plain, Session, heritage::Heritage};
use crate::{Result, Tensor, data::Cursor};

/// Everything of a session that lasts, between two steps.
#[derive(Clone)]
pub struct State {
    /// How far it had come.
    pub counters: Counters,
    /// The components by name, in the order of their naming.
    pub components: Vec<(String, Saved)>,
    /// `session.state`.
    pub plain: Plain,
    /// What `setup` made of the session, before anything was learnt.
    pub set_up: SetUp,
}

/// A session's state, with what the state that it began with still holds.
pub struct Snapshot {
    state: State,
    heritage: Option<Heritage>,
}

/// A component's state.
#[derive(Clone)]
pub struct Saved {
    /// How it was set up at that time.
    pub configuration: Configuration,
    /// Parameters and running statistics; velocities; the tensor itself under the empty name.
    pub tensors: Vec<(String, Tensor)>,
    /// Where a data set's walk stood.
    pub cursor: Option<Cursor>,
    /// The component itself, while its session lives.
    pub living: Option<Component>,
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
    /// Every tensor, with what it is called in a file: `encoder.conv1.weight`, `optimizer.encoder.conv1.weight`.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let named = |name: &str, own: &str| if own.is_empty() { name.to_owned() } else { format!("{name}.{own}") };
        let of = |(name, saved): &(String, Saved)| {
            saved.tensors.iter().map(|(own, tensor)| (named(name, own), tensor.clone())).collect::<Vec<_>>()
        };
        self.components.iter().flat_map(of).collect()
    }

    /// The same state, which hands the decoded images of these components' data sets on.
    pub fn sharing(mut self, components: &[(String, Component)]) -> Self {
        for (name, saved) in &mut self.components {
            if let Some((_, component @ Component::Images(_))) = components.iter().find(|(known, _)| known == name) {
                saved.living = Some(component.clone());
            }
        }
        self
    }

    /// The same state for components that live, which it was not read from; none where it is not one of all of these.
    pub fn of_living(mut self, components: &[(String, Component)]) -> Option<Self> {
        for (name, saved) in &mut self.components {
            let (_, component) = components.iter().find(|(known, _)| known == name)?;
            let is_of_kind = discriminant(&component.configuration()) == discriminant(&saved.configuration);
            saved.living = match component {
                _ if !is_of_kind => return None,
                // It is its own value.
                Component::Tensor(_) => Some(Component::Tensor(saved.tensors.first()?.1.clone())),
                other => Some(other.clone()),
            };
        }
        (self.components.len() == components.len()).then_some(self)
    }

    /// The bytes of its tensors, which an older state shares only with itself once the training has moved on.
    pub fn bytes(&self) -> usize {
        let mut tensors = self.tensors();
        self.plain.to_json("", &mut tensors);
        tensors.iter().map(|(_, tensor)| tensor.len() * 4).sum()
    }
}

impl Saved {
    fn of(component: &Component) -> Self {
        let (tensors, cursor) = match component {
            Component::Module(module) => (module.state(), None),
            Component::Optimizer(optimizer) => (optimizer.borrow().state(), None),
            Component::Images(images) => (Vec::new(), Some(images.cursor())),
            Component::Tensor(tensor) => (vec![(String::new(), tensor.clone())], None),
        };
        Self { configuration: component.configuration(), tensors, cursor, living: Some(component.clone()) }
    }

    /// Gives the component that it was taken from its state back.
    fn give_back(&self) -> Result<Option<Component>> {
        let Some(component) = self.living.clone() else { return Ok(None) };
        match &component {
            Component::Module(module) => {
                module.load(&self.tensors.iter().cloned().collect())?;
            }
            Component::Optimizer(optimizer) => optimizer.borrow_mut().set_velocities(self.tensors.iter().cloned()),
            Component::Images(images) => images.seek(self.cursor.unwrap_or_default())?,
            Component::Tensor(_) => {}
        }
        component.configure(&self.configuration)?;
        Ok(Some(component))
    }
}

impl Session {
    /// The state between two steps. What the session began with and its first step may still ask for is part of it.
    pub fn state(&self) -> State {
        let own = self.components.iter().map(|(name, component)| (name.clone(), Saved::of(component)));
        State {
            counters: self.counters.clone(),
            components: own.chain(self.unclaimed()).collect(),
            plain: self.plain.clone(),
            set_up: self.set_up.clone(),
        }
    }

    /// Goes back to a state that was taken from this session. What was logged after it is for the caller to forget.
    ///
    /// # Errors
    /// A device failed.
    pub fn restore(&mut self, state: &State) -> Result<()> {
        let mut components = Vec::with_capacity(state.components.len());
        for (name, saved) in &state.components {
            components.extend(saved.give_back()?.map(|component| (name.clone(), component)));
        }
        self.components = components;
        self.counters = state.counters.clone();
        self.plain = state.plain.clone();
        self.draws.go_back();
        self.pending.clear();
        self.views = 0;
        (self.before_first, self.is_in_step) = (true, false);
        self.before_step.clear();
        Ok(())
    }

    /// What [`Session::go_back`] needs to take everything back that is done from now on.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { state: self.state(), heritage: self.heritage.clone() }
    }

    /// Takes everything back that was done since the snapshot.
    ///
    /// # Errors
    /// A device failed.
    pub fn go_back(&mut self, before: Snapshot) -> Result<()> {
        self.restore(&before.state)?;
        self.heritage = before.heritage;
        Ok(())
    }

    /// Begins a step that shows nothing and will be taken back.
    pub fn begin_trial(&mut self) {
        self.trial = true;
    }
}
