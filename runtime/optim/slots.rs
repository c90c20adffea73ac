//! What a transform keeps from one step to the next: tensors and counters, each by a name of the transform's own.

use std::collections::BTreeMap;

use crate::{Result, Tensor, tensor::Kind};

/// A tensor that is kept.
#[derive(Clone)]
pub enum Slot {
    /// Zeros of a shape that no step has moved yet. They take no memory.
    Zeros(Vec<usize>),
    /// A value.
    Tensor(Box<Tensor>),
}

impl Slot {
    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::Zeros(shape) => shape,
            Self::Tensor(tensor) => tensor.shape(),
        }
    }

    /// Its value, if a step has moved it.
    pub fn tensor(&self) -> Option<&Tensor> {
        match self {
            Self::Zeros(_) => None,
            Self::Tensor(tensor) => Some(tensor),
        }
    }

    /// Whether another one can stand in its place.
    fn takes(&self, other: &Self) -> bool {
        self.shape() == other.shape() && other.tensor().is_none_or(|tensor| tensor.kind() == Kind::Float)
    }
}

/// What one transform keeps, for a parameter or for all of an optimizer's together.
#[derive(Clone, Default)]
pub struct Slots {
    /// The tensors.
    pub tensors: BTreeMap<String, Slot>,
    /// The counters.
    pub counters: BTreeMap<String, u64>,
}

impl Slots {
    /// These and zeros of a shape.
    #[must_use]
    pub fn zeros(mut self, name: &str, shape: &[usize]) -> Self {
        self.tensors.insert(name.to_owned(), Slot::Zeros(shape.to_vec()));
        self
    }

    /// These and a value.
    #[must_use]
    pub fn tensor(mut self, name: &str, value: Tensor) -> Self {
        match self.tensors.get_mut(name) {
            Some(slot) => *slot = Slot::Tensor(Box::new(kept(value))),
            None => drop(self.tensors.insert(name.to_owned(), Slot::Tensor(Box::new(kept(value))))),
        }
        self
    }

    /// These and a counter.
    #[must_use]
    pub fn counter(mut self, name: &str, count: u64) -> Self {
        self.counters.insert(name.to_owned(), count);
        self
    }

    /// The tensor of a name, if a step has moved it.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name).and_then(Slot::tensor)
    }

    /// The counter of a name; 0 where there is none.
    pub fn count(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or(0)
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty() && self.counters.is_empty()
    }

    /// These, as they are in the beginning, with what fits of others by name, shape and kind. What counts the steps of
    /// tensors goes on with all of them or not at all: moments that begin anew have a count that does.
    #[must_use]
    pub(super) fn taking_over(mut self, others: &Self) -> Self {
        if !self.counters.is_empty() && !self.misfits(others).is_empty() {
            return self;
        }
        for (name, slot) in &mut self.tensors {
            if let Some(other) = others.tensors.get(name).filter(|other| slot.takes(other)) {
                *slot = other.clone();
            }
        }
        for (name, count) in &mut self.counters {
            *count = others.counters.get(name).copied().unwrap_or(*count);
        }
        self
    }

    /// These, and in the place of what others have as well, as far as a step has moved it, what they have.
    #[must_use]
    pub(super) fn with_those_of(mut self, others: Self) -> Self {
        let moved = others.tensors.into_iter().filter(|(_, slot)| slot.tensor().is_some());
        self.tensors.extend(moved);
        self.counters.extend(others.counters);
        self
    }

    /// The names of others' tensors which these have as well, and cannot take.
    fn misfits(&self, others: &Self) -> Vec<String> {
        let is_misfit = |(name, slot): &(&String, &Slot)| others.tensors.get(*name).is_some_and(|it| !slot.takes(it));
        self.tensors.iter().filter(is_misfit).map(|(name, _)| name.clone()).collect()
    }

    /// Leaves out of others what these do not go on with, and with `strays` what they have no name for.
    pub(super) fn prune(&self, others: &mut Self, strays: bool) {
        let misfits = self.misfits(others);
        if !(misfits.is_empty() || self.counters.is_empty()) {
            *others = Self::default();
        }
        others.tensors.retain(|name, _| !misfits.contains(name) && (!strays || self.tensors.contains_key(name)));
        others.counters.retain(|name, _| !strays || self.counters.contains_key(name));
    }

    /// The same with other tensors.
    pub(super) fn map(&self, change: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let mut changed = self.clone();
        for slot in changed.tensors.values_mut() {
            if let Slot::Tensor(tensor) = slot {
                **tensor = change(tensor)?;
            }
        }
        Ok(changed)
    }
}

/// As a checkpoint would give it back, unless a gradient is to come through it.
fn kept(value: Tensor) -> Tensor {
    if value.is_tracked() { value } else { value.to_be_kept() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    fn ones(shape: &[usize]) -> Tensor {
        Tensor::ones(shape, &Device::cpu()).unwrap()
    }

    #[test]
    fn each_tensor_goes_on_by_its_name_shape_and_kind() {
        let start = Slots::default().zeros("one", &[2]).zeros("two", &[3]).zeros("three", &[1]);
        let ints = Tensor::from_ints(vec![1], &[1], &Device::cpu()).unwrap();
        let old = Slots::default().tensor("one", ones(&[2])).tensor("two", ones(&[2])).tensor("three", ints);
        let old = old.tensor("four", ones(&[2])).counter("count", 5);
        let taken = start.clone().taking_over(&old);
        assert!(taken.get("one").is_some() && taken.get("two").is_none() && taken.get("three").is_none());
        assert!(!taken.tensors.contains_key("four") && taken.counters.is_empty());
        let (mut pruned, mut all) = (old.clone(), old);
        start.prune(&mut pruned, false);
        start.prune(&mut all, true);
        let names = |slots: &Slots| slots.tensors.keys().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!((names(&pruned), pruned.count("count")), ("four one".into(), 5));
        assert_eq!((names(&all), all.count("count")), ("one".into(), 0));
    }

    #[test]
    fn a_count_does_not_go_on_beside_tensors_that_begin_anew() {
        let start = Slots::default().zeros("mean", &[2]).zeros("row", &[3]).counter("count", 0);
        let fits = Slots::default().tensor("mean", ones(&[2])).counter("count", 5);
        assert_eq!(start.clone().taking_over(&fits).count("count"), 5);
        let old = fits.tensor("row", ones(&[4]));
        let taken = start.clone().taking_over(&old);
        assert_eq!((taken.count("count"), taken.get("mean").is_none()), (0, true));
        let mut pruned = old;
        start.prune(&mut pruned, false);
        assert!(pruned.is_empty());
    }
}
