//! Forgetting what gradients need, and computing it again when a pass comes to it (Chen et al. 2016, Training Deep Nets
//! with Sublinear Memory Cost). The nodes stay; what they keep is filled in by running the function once more.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use super::{
    is_recording,
    node::Value,
    recording,
    scope::{Recomputation, Scope},
};
use crate::{Error, Result};

thread_local! {
    static AGAIN: Cell<usize> = const { Cell::new(0) };
}

/// Whether something is being computed again, so that what it did besides must not happen twice.
pub fn is_again() -> bool {
    AGAIN.get() > 0
}

/// Leaves a scope, when it is dropped, if nobody has left it.
struct Left<V: Value>(usize, std::marker::PhantomData<V>);

impl<V: Value> Drop for Left<V> {
    fn drop(&mut self) {
        V::scopes().with_borrow_mut(|scopes| scopes.truncate(self.0));
    }
}

fn enter<V: Value>(scope: Scope<V>) -> Left<V> {
    V::scopes().with_borrow_mut(|scopes| {
        scopes.push(scope);
        Left(scopes.len() - 1, std::marker::PhantomData)
    })
}

/// Runs `first` and forgets what its gradients need; `again` must do the same once more. Where nothing is recorded it
/// only runs it.
///
/// # Errors
/// What `first` fails with.
pub fn recompute<V: Value, T>(
    first: impl FnOnce() -> Result<T>,
    again: impl Fn() -> Result<()> + 'static,
) -> Result<T> {
    if !is_recording() {
        return first();
    }
    let recomputation = Recomputation { again: Box::new(again), count: Cell::new(0), values: RefCell::default() };
    let _left = enter::<V>(Scope::Forget(Rc::new(recomputation)));
    first()
}

/// Notes a value that an operation keeps. Where it is to be forgotten: by whom, and its number there.
pub(super) fn keep<V: Value>(value: &V) -> Option<(Rc<Recomputation<V>>, usize)> {
    V::scopes().with_borrow_mut(|scopes| match scopes.last_mut()? {
        Scope::Forget(recomputation) => {
            let number = recomputation.count.get();
            recomputation.count.set(number + 1);
            Some((Rc::clone(recomputation), number))
        }
        Scope::Collect(values) => {
            values.push(value.clone());
            None
        }
    })
}

impl<V: Value> Recomputation<V> {
    /// One of the values that were forgotten.
    ///
    /// # Errors
    /// The function fails, or does something else than before.
    pub(super) fn value(&self, number: usize) -> Result<V> {
        if let Some(value) = self.values.borrow_mut().get_mut(number).and_then(Option::take) {
            return Ok(value);
        }
        let values = self.run()?;
        if values.len() != self.count.get() {
            let reason = format!(
                "the function kept {} values for its gradients when it was first run, and {} when it was run again; it \
                 must do the same each time",
                self.count.get(),
                values.len()
            );
            return Err(Error::State { op: "recompute", reason });
        }
        let mut values: Vec<_> = values.into_iter().map(Some).collect();
        let value = values[number].take();
        self.values.replace(values);
        value.ok_or_else(|| Error::State { op: "recompute", reason: "it has no such value".into() })
    }

    fn run(&self) -> Result<Vec<V>> {
        struct Once;
        impl Drop for Once {
            fn drop(&mut self) {
                AGAIN.set(AGAIN.get() - 1);
            }
        }
        AGAIN.set(AGAIN.get() + 1);
        let _once = Once;
        let left = enter::<V>(Scope::Collect(Vec::new()));
        recording(true, || (self.again)())?;
        let scope = V::scopes().with_borrow_mut(|scopes| scopes.drain(left.0..).next());
        match scope {
            Some(Scope::Collect(values)) => Ok(values),
            _ => Ok(Vec::new()),
        }
    }
}
