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
    static FIRST: Cell<usize> = const { Cell::new(0) };
    static AGAIN: Cell<usize> = const { Cell::new(0) };
}

/// Whether something is being computed again, so that what it did besides must not happen twice.
pub fn is_again() -> bool {
    AGAIN.get() > 0
}

/// Whether what is done now is, or will be, done once more.
pub fn is_recomputed() -> bool {
    is_again() || FIRST.get() > 0
}

/// Counts a run, until it is dropped.
struct Running(&'static std::thread::LocalKey<Cell<usize>>);

impl Running {
    fn begin(count: &'static std::thread::LocalKey<Cell<usize>>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Leaves a scope, when it is dropped, if nobody has left it.
struct Left<V: Value>(usize, std::marker::PhantomData<V>);

impl<V: Value> Drop for Left<V> {
    fn drop(&mut self) {
        let left = V::scopes().with_borrow_mut(|scopes| scopes.split_off(self.0.min(scopes.len())));
        for scope in left {
            if let Scope::Forget(recomputation) = scope {
                recomputation.forget();
            }
        }
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
    let recomputation = Recomputation {
        again: Box::new(again),
        outlines: RefCell::default(),
        is_first: Cell::new(true),
        values: RefCell::default(),
    };
    let _running = Running::begin(&FIRST);
    let _left = enter::<V>(Scope::Forget(Rc::new(recomputation)));
    first()
}

/// Notes a value that an operation keeps. Where it is to be forgotten: by whom, and its number there.
pub(super) fn keep<V: Value>(value: &V) -> Option<(Rc<Recomputation<V>>, usize)> {
    V::scopes().with_borrow_mut(|scopes| match scopes.last_mut()? {
        Scope::Forget(recomputation) => {
            let mut outlines = recomputation.outlines.borrow_mut();
            outlines.push(value.outline());
            recomputation.values.borrow_mut().push(Some(value.clone()));
            Some((Rc::clone(recomputation), outlines.len() - 1))
        }
        Scope::Collect(values) => {
            // Its place on the tape is that of the first run.
            values.push(value.clone().on(None));
            None
        }
    })
}

impl<V: Value> Recomputation<V> {
    /// Whether the function runs for the first time.
    pub(super) fn is_first(&self) -> bool {
        self.is_first.get()
    }

    fn forget(&self) {
        self.is_first.set(false);
        // Dropped here, not while they are borrowed: they may hold the last handle to this.
        let values = self.values.take();
        drop(values);
    }

    /// One of the values that were forgotten.
    ///
    /// # Errors
    /// The function fails, or does something else than before.
    pub(super) fn value(&self, number: usize) -> Result<V> {
        let known = self.values.borrow_mut().get_mut(number).and_then(|value| match self.is_first() {
            true => value.clone(),
            false => value.take(),
        });
        if let Some(value) = known {
            return Ok(value);
        }
        let values = self.run()?;
        self.check(&values)?;
        let mut values: Vec<_> = values.into_iter().map(Some).collect();
        let value = values[number].take();
        self.values.replace(values);
        value.ok_or_else(|| Error::State { op: "recompute", reason: "it has no such value".into() })
    }

    fn check(&self, values: &[V]) -> Result<()> {
        let outlines = self.outlines.borrow();
        let first = |what: String, then: String| {
            let reason = format!(
                "the function kept {what} for its gradients when it was first run, and {then} when it was run again; \
                 it must do the same each time"
            );
            Err(Error::State { op: "recompute", reason })
        };
        let other = values.iter().zip(&*outlines).position(|(value, outline)| value.outline() != *outline);
        match other {
            _ if values.len() != outlines.len() => {
                first(format!("{} values", outlines.len()), values.len().to_string())
            }
            Some(number) => first(outlines[number].clone(), values[number].outline()),
            None => Ok(()),
        }
    }

    fn run(&self) -> Result<Vec<V>> {
        let _running = Running::begin(&AGAIN);
        let left = enter::<V>(Scope::Collect(Vec::new()));
        recording(true, || (self.again)())?;
        let scope = V::scopes().with_borrow_mut(|scopes| scopes.drain(left.0..).next());
        match scope {
            Some(Scope::Collect(values)) => Ok(values),
            _ => Ok(Vec::new()),
        }
    }
}
