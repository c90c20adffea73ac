//! Hooks: what sees the gradient of a node's output pass by. No pass.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::{Rc, Weak},
};

use crate::Result;

/// What is called with a gradient, and may put another one in its place.
pub(super) struct Hook<V> {
    pub(super) output: u32,
    pub(super) call: Rc<See<V>>,
}

/// Sees a gradient; what it gives takes its place.
type See<V> = dyn Fn(&V) -> Result<Option<V>>;

impl<V> Clone for Hook<V> {
    fn clone(&self) -> Self {
        Self { output: self.output, call: Rc::clone(&self.call) }
    }
}

/// Hooks by their numbers, which are in the order that they are called in.
type List<V> = RefCell<BTreeMap<u64, Hook<V>>>;

/// The hooks of a leaf, for the leaf that takes its place.
pub struct Hooks<V>(Rc<List<V>>);

impl<V> Clone for Hooks<V> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

/// A hook, to be taken away. It keeps no value.
pub struct HookHandle<V> {
    list: Weak<List<V>>,
    number: u64,
}

impl<V> Clone for HookHandle<V> {
    fn clone(&self) -> Self {
        Self { list: Weak::clone(&self.list), number: self.number }
    }
}

impl<V> HookHandle<V> {
    /// No later pass calls it.
    pub fn remove(&self) {
        if let Some(list) = self.list.upgrade() {
            let removed = list.borrow_mut().remove(&self.number);
            // It may hold what has hooks itself.
            drop(removed);
        }
    }
}

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// The hooks of a node. Few nodes have any.
pub(super) struct NodeHooks<V>(RefCell<Option<Hooks<V>>>);

impl<V> Default for NodeHooks<V> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<V> NodeHooks<V> {
    pub(super) fn add(&self, output: u32, call: impl Fn(&V) -> Result<Option<V>> + 'static) -> HookHandle<V> {
        let number = NEXT.replace(NEXT.get() + 1);
        let list = Rc::clone(&self.0.borrow_mut().get_or_insert_with(|| Hooks(Rc::default())).0);
        list.borrow_mut().insert(number, Hook { output, call: Rc::new(call) });
        HookHandle { list: Rc::downgrade(&list), number }
    }

    /// Those of now: one that is called may add others, and take some away.
    pub(super) fn all(&self) -> Vec<Hook<V>> {
        self.0.borrow().as_ref().map(|hooks| hooks.0.borrow().values().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn shared(&self) -> Option<Hooks<V>> {
        self.0.borrow().clone()
    }

    pub(super) fn share(&self, hooks: Hooks<V>) {
        self.0.replace(Some(hooks));
    }

    /// A hook often holds the tensor that it is a hook of, so that each would keep the other.
    pub(super) fn clear(&self) {
        self.0.take();
    }
}
