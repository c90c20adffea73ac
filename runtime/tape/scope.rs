//! What happens to what operations keep while a function runs that forgets it, or computes it again.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crate::Result;

/// What a function has forgotten.
pub struct Recomputation<V> {
    pub(super) again: Box<dyn Fn() -> Result<()>>,
    /// What its operations keep is like: one text for each value.
    pub(super) outlines: RefCell<Vec<String>>,
    /// Whether the function runs for the first time. Until it is through, its values are there: it may ask for gradients.
    pub(super) is_first: Cell<bool>,
    /// What was computed, until it is asked for. Constants, once the function is through.
    pub(super) values: RefCell<Vec<Option<V>>>,
}

/// What happens to what operations keep.
pub enum Scope<V> {
    /// It is forgotten.
    Forget(Rc<Recomputation<V>>),
    /// It is computed again: it is kept, and collected.
    Collect(Vec<V>),
}
