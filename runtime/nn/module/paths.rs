//! The parts of a module by name and by path.

use super::{Module, join};
use crate::{
    Error, Result, Tensor,
    nn::{Buffer, Parameter},
    position,
};

impl Module {
    /// The module at a dotted path, such as `layer1.0`.
    ///
    /// # Errors
    /// There is none.
    pub fn child(&self, path: &str) -> Result<&Self> {
        path.split('.').try_fold(self, |module, name| {
            let children = &module.0.children;
            let found = children.iter().find(|(child, _)| child == name);
            found
                .map(|(_, child)| child)
                .ok_or_else(|| Error::unknown(module.kind(), "child", name, children.iter().map(|(child, _)| child)))
        })
    }

    /// Every module with its dotted path, the module itself first, under the empty one; in the order of construction.
    pub fn named_modules(&self) -> Vec<(String, Self)> {
        let mut found = Vec::new();
        self.visit("", &mut |path, module| found.push((path.to_owned(), module.clone())));
        found
    }

    /// The module at a path, the empty one being its own. `op` is for the message, which tells near paths.
    ///
    /// # Errors
    /// There is none.
    pub fn part_at(&self, op: &str, path: &str) -> Result<Self> {
        let parts = self.named_modules();
        if let Some((_, part)) = parts.iter().find(|(known, _)| known == path) {
            return Ok(part.clone());
        }
        let known = parts.iter().map(|(known, _)| known).filter(|known| !known.is_empty());
        self.located(Err(Error::unknown(op, "part", path, known)))
    }

    /// The child at a position of a list, counted from 1, or from the end by −1, −2, ….
    ///
    /// # Errors
    /// There is none; the module's parts have names.
    pub fn child_at(&self, number: i64) -> Result<&Self> {
        if !self.0.layer.is_list() {
            let want = match self.children() {
                [] => "a name: it has no parts".to_owned(),
                [(name, _), ..] => format!("a name, such as '{name}'"),
            };
            return Err(Error::argument(self.kind(), "a key", want, number));
        }
        let position = position::resolve("index", "position", number, self.0.children.len())?;
        Ok(&self.0.children[position].1)
    }

    /// How many parts it has.
    pub fn len(&self) -> usize {
        self.0.children.len()
    }

    /// Whether it has no parts.
    pub fn is_empty(&self) -> bool {
        self.0.children.is_empty()
    }

    /// Whether its parts are numbered.
    pub fn is_list(&self) -> bool {
        self.0.layer.is_list()
    }

    /// The module's own parameter or buffer as an operand, or what the layer computes in the place of one.
    ///
    /// # Errors
    /// There is none of this name; it has no value yet.
    pub fn own(&self, name: &str) -> Result<Tensor> {
        if let Some(found) = self.find_own(name)? {
            return Ok(found);
        }
        let parameters = self.0.parameters.iter().map(|(own, _)| own);
        let known = parameters.chain(self.0.buffers.iter().map(|(own, _)| own));
        Err(Error::unknown(self.kind(), "parameter", name, known))
    }

    /// As [`Module::own`]; none where there is nothing of this name.
    pub fn find_own(&self, name: &str) -> Result<Option<Tensor>> {
        if let Some((_, parameter)) = self.0.parameters.iter().find(|(own, _)| own == name) {
            return parameter.leaf().map(Some);
        }
        match self.own_buffer(name) {
            Some(buffer) => buffer.value().map(Some),
            None => self.0.layer.computed(name),
        }
    }

    /// Its own parameters, those of its parts not included.
    pub fn own_parameters(&self) -> &[(String, Parameter)] {
        &self.0.parameters
    }

    /// Its own buffer of a name.
    pub fn own_buffer(&self, name: &str) -> Option<&Buffer> {
        self.0.buffers.iter().find(|(own, _)| own == name).map(|(_, buffer)| buffer)
    }

    /// What whoever made the layer has attached to it.
    pub fn attached(&self) -> Option<&dyn std::any::Any> {
        self.0.layer.attached()
    }

    /// The full path of something of its own.
    pub fn path_of(&self, own: &str) -> String {
        join(&self.name().unwrap_or_default(), own)
    }
}
