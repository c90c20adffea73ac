//! What happens to what operations keep while a function runs that forgets it, or computes it again.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crate::Result;

/// What a function has forgotten.
pub struct Recomputation<V> {
    pub(super) again: Box<dyn Fn() -> Result<()>>,
    /// How many values its operations keep.
    pub(super) count: Cell<usize>,
    /// What was computed again, until it is asked for.
    pub(super) values: RefCell<Vec<Option<V>>>,
}

/// What happens to what operations keep.
pub enum Scope<V> {
    /// It is forgotten.
    Forget(Rc<Recomputation<V>>),
    /// It is computed again: it is kept, and collected.
    Collect(Vec<V>),
}
