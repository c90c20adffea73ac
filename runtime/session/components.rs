//! The components of a session by name. What a name means for a component's values is not known here.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use super::{Component, ComponentState, Configuration};
use crate::{
    Result, Tensor,
    nn::{Module, Parameter},
    optim::Optimizer,
    tensor::Kind,
};

/// Components by name, in the order in which the script named them. Cloning shares them.
#[derive(Clone, Default)]
pub struct Components(Vec<(String, Component)>);

impl Components {
    /// The component of a name.
    pub fn get(&self, name: &str) -> Option<&Component> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, component)| component)
    }

    /// Each with its name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Component)> {
        self.0.iter().map(|(name, component)| (name.as_str(), component))
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// The networks with their names.
    pub fn modules(&self) -> impl Iterator<Item = (&str, &Module)> {
        self.iter().filter_map(|(name, component)| match component {
            Component::Module(module) => Some((name, module)),
            _ => None,
        })
    }

    /// The optimizers with their names.
    pub fn optimizers(&self) -> impl Iterator<Item = (&str, &Rc<RefCell<Optimizer>>)> {
        self.iter().filter_map(|(name, component)| match component {
            Component::Optimizer(optimizer) => Some((name, optimizer)),
            _ => None,
        })
    }

    /// The parameters of every module, by path (`encoder.conv1.weight`).
    pub fn parameters(&self) -> Vec<(String, Parameter)> {
        let of = |(name, module): (&str, &Module)| -> Vec<_> {
            module.parameters().into_iter().map(|(path, parameter)| (format!("{name}.{path}"), parameter)).collect()
        };
        self.modules().flat_map(of).collect()
    }

    /// The state of every module, and every float tensor, by path.
    pub fn weights(&self) -> Vec<(String, Tensor)> {
        let mut state = Vec::new();
        for (name, component) in self.iter() {
            match component {
                Component::Module(module) => {
                    state.extend(module.state().into_iter().map(|(path, tensor)| (format!("{name}.{path}"), tensor)));
                }
                Component::Tensor(tensor) if tensor.kind() == Kind::Float => {
                    state.push((name.to_owned(), tensor.clone()));
                }
                _ => {}
            }
        }
        state
    }

    /// Puts a component under a name, in the place of one that was there.
    pub(super) fn put(&mut self, name: &str, component: Component) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = component,
            None => self.0.push((name.to_owned(), component)),
        }
    }

    /// How each is set up now.
    pub(super) fn configurations(&self) -> BTreeMap<String, Configuration> {
        self.iter().map(|(name, component)| (name.to_owned(), component.configuration())).collect()
    }

    /// The state of each.
    pub(super) fn state(&self) -> Vec<(String, ComponentState)> {
        self.iter().map(|(name, component)| (name.to_owned(), ComponentState::of(component))).collect()
    }

    /// Becomes those that a state was taken from, as they were then.
    ///
    /// # Errors
    /// A device failed. They are as they were, but for values of components that came before.
    pub(super) fn restore(&mut self, state: &[(String, ComponentState)]) -> Result<()> {
        let mut components = Vec::with_capacity(state.len());
        for (name, saved) in state {
            components.extend(saved.give_back()?.map(|component| (name.clone(), component)));
        }
        self.0 = components;
        Ok(())
    }
}
