//! What an operation keeps for its gradient.

use std::{cell::RefCell, rc::Rc};

use super::{
    counts,
    node::{Edge, Step, Value},
    recompute,
    scope::Recomputation,
};
use crate::Result;

/// A value that an operation keeps for its gradient: an input, something computed from them, or an output.
pub struct Kept<V: Value> {
    slot: RefCell<Slot<V>>,
    /// Which output it is, if it is one. That is kept without its node, which would hold itself.
    output: Option<u32>,
}

enum Slot<V: Value> {
    Here(V),
    /// To be computed again: the number among all that a recomputation keeps, and the place that it had on the tape.
    Forgotten(Rc<Recomputation<V>>, usize, Option<Edge<V>>),
}

impl<V: Value> Kept<V> {
    pub(super) fn new(value: &V, output: Option<u32>) -> Self {
        let value = if output.is_some() { value.clone().on(None) } else { value.clone() };
        let slot = match recompute::keep(&value) {
            Some((recomputation, number)) => Slot::Forgotten(recomputation, number, value.edge().cloned()),
            None => here(value),
        };
        Self { slot: RefCell::new(slot), output }
    }

    /// The value, on the tape as it was.
    ///
    /// # Errors
    /// It is to be computed again, and that fails.
    pub fn get(&self, step: &Step<'_, V>) -> Result<V> {
        let (recomputation, number, edge) = match &*self.slot.borrow() {
            Slot::Here(value) => return Ok(self.placed(value.clone(), step)),
            Slot::Forgotten(recomputation, number, edge) => (Rc::clone(recomputation), *number, edge.clone()),
        };
        let value = recomputation.value(number)?.on(edge);
        if !recomputation.is_first() {
            self.slot.replace(here(value.clone()));
        }
        Ok(self.placed(value, step))
    }

    fn placed(&self, value: V, step: &Step<'_, V>) -> V {
        match self.output {
            Some(output) => step.as_output(value, output),
            None => value,
        }
    }
}

fn here<V: Value>(value: V) -> Slot<V> {
    let bytes = value.keep();
    counts::update(|counts| counts.bytes += bytes);
    Slot::Here(value)
}

impl<V: Value> Drop for Kept<V> {
    fn drop(&mut self) {
        if let Slot::Here(value) = &*self.slot.borrow() {
            let bytes = value.let_go();
            counts::update(|counts| counts.bytes -= bytes);
        }
    }
}
