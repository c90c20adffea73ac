//! What an optimizer keeps, as the text of a checkpoint names it: its tensors lie in the file of tensors.

use std::{collections::BTreeMap, rc::Rc};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result, Tensor,
    optim::{Kept, Link, OptimizerState, Slot, key, of_key, shared_name},
};

/// What is kept for one parameter, or for all together.
#[derive(Default, Serialize, Deserialize)]
struct KeptDocument {
    /// Tensors: `trace`, `scale_by_adam/mu`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tensors: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    counters: BTreeMap<String, u64>,
}

/// An optimizer's state by name.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct OptimizerDocument {
    /// By the parameter's path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    state: BTreeMap<String, KeptDocument>,
    /// By the group's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    shared: BTreeMap<String, KeptDocument>,
}

impl OptimizerDocument {
    pub(super) fn of(state: &OptimizerState) -> Self {
        let of = |(name, kept): (&String, &Kept)| (name.clone(), document(kept));
        Self {
            state: state.parameters.iter().map(|(path, kept)| of((path, kept))).collect(),
            shared: state.shared.iter().map(of).collect(),
        }
    }

    /// The state, where each of its tensors is found by its name.
    ///
    /// # Errors
    /// A tensor is not found; a name that no transform has.
    pub(super) fn read(
        &self,
        find: impl Fn(String) -> Result<Tensor>,
        wrong: impl Fn(String) -> Error,
    ) -> Result<OptimizerState> {
        let of_path = |(path, document): (&String, &KeptDocument)| {
            Ok((path.clone(), Rc::new(read(document, path, &find, &wrong)?)))
        };
        let of_group = |(group, document): (&String, &KeptDocument)| {
            Ok((group.clone(), read(document, &shared_name(group), &find, &wrong)?))
        };
        Ok(OptimizerState {
            parameters: self.state.iter().map(of_path).collect::<Result<_>>()?,
            shared: self.shared.iter().map(of_group).collect::<Result<_>>()?,
        })
    }
}

fn document(kept: &Kept) -> KeptDocument {
    let mut document = KeptDocument::default();
    for (link, slots) in kept {
        let moved = slots.tensors.iter().filter(|(_, slot)| slot.tensor().is_some());
        document.tensors.extend(moved.map(|(own, _)| key(link, own)));
        document.counters.extend(slots.counters.iter().map(|(own, count)| (key(link, own), *count)));
    }
    document
}

fn read(
    document: &KeptDocument,
    owner: &str,
    find: impl Fn(String) -> Result<Tensor>,
    wrong: impl Fn(String) -> Error,
) -> Result<Kept> {
    let mut kept = Kept::new();
    for name in document.tensors.iter().chain(document.counters.keys()) {
        if !Link::is_name(of_key(name).0) {
            return Err(wrong(format!("{owner} has '{name}', which no optimizer of this version keeps")));
        }
    }
    for name in &document.tensors {
        let (link, own) = of_key(name);
        let tensor = Slot::Tensor(Box::new(find(format!("{owner}/{name}"))?));
        kept.entry(link.to_owned()).or_default().tensors.insert(own.to_owned(), tensor);
    }
    for (name, count) in &document.counters {
        let (link, own) = of_key(name);
        kept.entry(link.to_owned()).or_default().counters.insert(own.to_owned(), *count);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests;
