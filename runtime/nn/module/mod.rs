//! A module: a layer, its place in a tree and its name. Cloning a handle shares the module.

mod beginning;
mod features;
mod forward;
mod hooks;
mod initialise;
mod layer;
mod modes;
mod paths;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    rc::Rc,
};

pub use beginning::Beginning;
pub use hooks::HookHandle;
pub(super) use layer::single;
pub use layer::{Hook, Layer, Module};
pub use modes::Modes;

use layer::Node;

use super::{Buffer, Parameter};
use crate::{Device, Error, Result, tensor::size};

/// How deep modules may stand in one another: each calls the next one, and the stack ends.
const MOST_DEEP: usize = 200;

/// The most modules in one. A few modules, each of which holds the next one twice, would unfold to any number.
const MOST: usize = 100_000;

impl Module {
    /// A module in training mode, without parameter values.
    pub fn new(layer: impl Layer + 'static) -> Self {
        Self::boxed(Box::new(layer))
    }

    fn boxed(layer: Box<dyn Layer>) -> Self {
        let (children, parameters, buffers) = (layer.children(), layer.parameters(), layer.buffers());
        let nodes = || children.iter().map(|(_, child)| &child.0);
        let depth = 1 + nodes().map(|child| child.depth).max().unwrap_or(0);
        let size = nodes().fold(1usize, |size, child| size.saturating_add(child.size));
        Self(Rc::new(Node {
            layer,
            children,
            parameters,
            buffers,
            depth,
            size,
            name: RefCell::default(),
            training: Cell::new(true),
            hooks: RefCell::default(),
        }))
    }

    /// A module of the same description, with parameters of its own that have no values yet.
    pub fn fresh(&self) -> Self {
        let fresh = Self::boxed(self.0.layer.fresh());
        // Its parts come with their own modes.
        fresh.0.training.set(self.is_training());
        // What parameters start from may have been changed since the layer was made.
        let own = fresh.parameters().into_iter().zip(self.parameters());
        own.for_each(|((_, own), (_, other))| own.set_start(other.start()));
        fresh
    }

    /// The layer's name in messages, such as `conv2d`.
    pub fn kind(&self) -> &str {
        self.0.layer.kind()
    }

    /// What distinguishes it from another module: `conv2d(3, 64, kernel = 3, stride = 1, padding = 1)`.
    pub fn describe(&self) -> String {
        self.0.layer.describe()
    }

    /// Gives every parameter its first value, a function of the seed and of the parameter's full path
    /// (`encoder.layer1.0.conv1.weight`) alone. Again under the same name does nothing.
    ///
    /// # Errors
    /// It, or a part of it, already has another name; nothing has changed then.
    pub fn realise(&self, name: &str, seed: u64, device: &Device) -> Result<()> {
        self.check_name(name)?;
        self.realise_checked(name, seed, device)
    }

    fn check_name(&self, name: &str) -> Result<()> {
        if let Some(held) = self.0.name.borrow().as_deref().filter(|held| *held != name) {
            let reason = format!(
                "{} already has parameters under the name '{held}', it cannot be '{name}' as well",
                self.kind()
            );
            return Err(Error::State { op: "realise", reason });
        }
        self.0.children.iter().try_for_each(|(child, module)| module.check_name(&join(name, child)))
    }

    fn realise_checked(&self, name: &str, seed: u64, device: &Device) -> Result<()> {
        if self.0.name.borrow().is_none() {
            self.realise_own(name, seed, device).map_err(|error| error.within(name))?;
        }
        self.0
            .children
            .iter()
            .try_for_each(|(child, module)| module.realise_checked(&join(name, child), seed, device))?;
        self.0.name.replace(Some(name.to_owned()));
        Ok(())
    }

    /// Whether its own parameters and buffers have values. Those of a copy have values before the copy has a name.
    fn has_values(&self) -> bool {
        self.0.parameters.iter().all(|(_, parameter)| parameter.is_usable())
            && self.0.buffers.iter().all(|(_, buffer)| buffer.value().is_ok())
    }

    /// Whether it has a name, and with it parameters of its own.
    pub fn is_realised(&self) -> bool {
        self.0.name.borrow().is_some()
    }

    /// The full path that it was realised under.
    pub fn name(&self) -> Option<String> {
        self.0.name.borrow().clone()
    }

    /// The modules that it is made of, with their names.
    pub fn children(&self) -> &[(String, Self)] {
        &self.0.children
    }

    /// Every parameter with its dotted name, PyTorch's where there is one; in the order of construction.
    pub fn parameters(&self) -> Vec<(String, Parameter)> {
        let mut found = Vec::new();
        self.visit("", &mut |path, module| found.extend(prefixed(path, &module.0.parameters)));
        found
    }

    /// Every buffer with its dotted name, in the order of construction.
    pub fn buffers(&self) -> Vec<(String, Buffer)> {
        let mut found = Vec::new();
        self.visit("", &mut |path, module| found.extend(prefixed(path, &module.0.buffers)));
        found
    }

    pub(super) fn visit(&self, path: &str, visitor: &mut impl FnMut(&str, &Self)) {
        visitor(path, self);
        self.0.children.iter().for_each(|(name, child)| child.visit(&join(path, name), visitor));
    }

    /// The number of values that training moves.
    pub fn count(&self) -> usize {
        self.parameters().iter().map(|(_, parameter)| parameter.shape().iter().product::<usize>()).sum()
    }

    /// The module, if each of its parameters is of a size that a tensor can have, and it can be walked through.
    ///
    /// # Errors
    /// A parameter is too large, and is named; modules are nested too deeply, or are too many.
    pub fn checked(self) -> Result<Self> {
        let limits = [("the depth of modules", self.0.depth, MOST_DEEP), ("the number of modules", self.0.size, MOST)];
        if let Some((what, got, most)) = limits.into_iter().find(|(_, got, most)| got > most) {
            return Err(Error::argument(self.kind(), what, format!("at most {most}"), got));
        }
        for (name, parameter) in self.parameters() {
            size::product(self.kind(), &format!("the size of {name}"), parameter.shape())?;
        }
        self.check_places()?;
        Ok(self)
    }
}

impl Module {
    /// An error where one module with values, or one parameter, stands in two places: each value has one path.
    fn check_places(&self) -> Result<()> {
        let (mut seen, mut twice) = (BTreeMap::new(), None);
        let mut note = |id: usize, kind: &str, path: String| {
            if let Some(before) = seen.insert(id, path.clone()) {
                twice.get_or_insert((kind.to_owned(), before, path));
            }
        };
        self.visit("", &mut |path, module| {
            if !module.0.parameters.is_empty() || !module.0.buffers.is_empty() {
                note(Rc::as_ptr(&module.0).addr(), module.kind(), path.to_owned());
            }
            let own = &module.0.parameters;
            own.iter().for_each(|(name, parameter)| note(parameter.id(), "parameter", join(path, name)));
        });
        let Some((kind, first, second)) = twice else { return Ok(()) };
        let want = "in one place, and used from there as often as it is wanted";
        Err(Error::argument(self.kind(), format!("a {kind}"), want, format!("the same at '{first}' and at '{second}'")))
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn prefixed<T: Clone>(path: &str, own: &[(String, T)]) -> Vec<(String, T)> {
    own.iter().map(|(name, value)| (join(path, name), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Tensor,
        nn::{linear, relu, sequential},
    };

    fn two_layers() -> Module {
        sequential(vec![linear(3, 4, true), relu(), linear(4, 2, false)])
    }

    #[test]
    fn names_follow_the_position_in_a_sequence() {
        let names: Vec<String> = two_layers().parameters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["0.weight", "0.bias", "2.weight"]);
        assert_eq!(two_layers().count(), 12 + 4 + 8);
    }

    #[test]
    fn modules_that_are_too_deep_or_too_many_are_refused() {
        let within = |mut module: Module, times: usize, copies: usize| {
            for _ in 0..times {
                module = sequential(vec![module; copies]).checked()?;
            }
            Ok::<Module, Error>(module)
        };
        assert!(within(relu(), 199, 1).is_ok());
        let error = within(relu(), 20_000, 1).unwrap_err().to_string();
        assert_eq!(error, "sequential: the depth of modules must be at most 200, got 201");
        let error = within(relu(), 40, 2).unwrap_err().to_string();
        assert_eq!(error, "sequential: the number of modules must be at most 100000, got 131071");
    }

    #[test]
    fn a_module_without_values_says_so() {
        let input = Tensor::zeros(&[1, 3], &Device::cpu()).unwrap();
        let error = two_layers().forward(&input).unwrap_err().to_string();
        assert!(error.starts_with("forward: linear has no parameters yet"), "{error}");
    }

    #[test]
    fn a_shape_error_names_the_layers_full_path() {
        let module = two_layers();
        module.realise("encoder", 1, &Device::cpu()).unwrap();
        let error = module.forward(&Tensor::zeros(&[8, 5], &Device::cpu()).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "encoder.0: linear: wants [..., 3], got shape [8, 5]");
    }

    #[test]
    fn first_values_depend_on_the_path_and_not_on_the_order_of_construction() {
        let (alone, whole) = (linear(3, 4, true), two_layers());
        whole.realise("encoder", 7, &Device::cpu()).unwrap();
        alone.realise("encoder.0", 7, &Device::cpu()).unwrap();
        let weight = |module: &Module, name: &str| {
            module.parameters().into_iter().find(|(own, _)| own == name).unwrap().1.value().unwrap().floats().unwrap()
        };
        assert_eq!(weight(&alone, "weight"), weight(&whole, "0.weight"));
        let other = linear(3, 4, true);
        other.realise("encoder.1", 7, &Device::cpu()).unwrap();
        assert_ne!(weight(&alone, "weight"), weight(&other, "weight"));
        assert!(weight(&alone, "weight").iter().all(|value| value.abs() <= 1.0 / 3f32.sqrt()));
    }

    #[test]
    fn a_second_name_is_refused_and_changes_nothing() {
        let shared = linear(3, 3, false);
        shared.realise("head", 0, &Device::cpu()).unwrap();
        let both = sequential(vec![linear(3, 3, false), shared.clone()]);
        let error = both.realise("model", 0, &Device::cpu()).unwrap_err().to_string();
        assert_eq!(
            error,
            "realise: linear already has parameters under the name 'head', it cannot be 'model.1' as well"
        );
        assert!(!both.is_realised() && !both.children()[0].1.is_realised());
        shared.realise("head", 0, &Device::cpu()).unwrap();
    }

    #[test]
    fn gradients_of_two_forward_passes_meet_in_one_leaf_and_a_frozen_parameter_gets_none() {
        let device = Device::cpu();
        let module = linear(2, 1, true);
        module.realise("head", 0, &device).unwrap();
        let input = Tensor::ones(&[1, 2], &device).unwrap();
        let loss =
            || module.forward(&input).unwrap().add(&module.forward(&input).unwrap()).unwrap().sum(None, false).unwrap();
        let weight = module.parameters()[0].1.clone();
        let mut gradients = crate::tensor::Gradients::of(&loss()).unwrap();
        assert_eq!(gradients.take(&weight.used_leaf().unwrap()).unwrap().floats().unwrap(), [2.0, 2.0]);
        module.freeze();
        assert!(!loss().is_tracked());
        module.unfreeze();
        assert!(loss().is_tracked());
    }
}
