//! What keys the draws of layers: a scope that whoever runs a forward pass opens around it. A layer that draws, such as
//! dropout, asks for its next place there. Nothing here knows of sessions or scripts.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use super::Module;
use crate::{
    Error, Result,
    rng::{DrawKey, Stream},
};

/// Gives each draw of a forward pass its place.
pub trait DrawKeys {
    /// The stream of a name, and the place of its next draw.
    ///
    /// # Errors
    /// There is none to be had now.
    fn next(&self, stream: &str) -> Result<(Stream, DrawKey)>;
}

thread_local! {
    static KEYS: RefCell<Option<Rc<dyn DrawKeys>>> = const { RefCell::new(None) };
}

/// Runs `body`, whose forward passes draw by these keys. Scopes nest, and a panic restores the outer one.
pub fn drawing_by<T>(keys: Rc<dyn DrawKeys>, body: impl FnOnce() -> T) -> T {
    struct Restore(Option<Rc<dyn DrawKeys>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            KEYS.replace(self.0.take());
        }
    }
    let _restore = Restore(KEYS.replace(Some(keys)));
    body()
}

/// The place of a module's next draw, in a stream that its kind and its path name: a layer that is added elsewhere
/// changes no draw of this one.
///
/// # Errors
/// No scope is open.
pub(super) fn next_draw(op: &'static str, module: &Module) -> Result<(Stream, DrawKey)> {
    let keys = KEYS.with_borrow(Option::clone).ok_or_else(|| {
        let reason = "in training mode it draws, and nothing keys its draws: run the forward pass within \
                      nn::drawing_by, or in evaluation mode";
        Error::State { op, reason: reason.into() }
    })?;
    match module.name() {
        Some(name) => keys.next(&format!("{op} {name}")),
        None => keys.next(op),
    }
}

/// Keys of the steps of a program that trains without a session: a step's draws are counted from its beginning.
pub struct StepKeys {
    seed: u64,
    step: Cell<u64>,
    counts: RefCell<BTreeMap<String, u64>>,
}

impl StepKeys {
    /// Keys under a seed, from a step on.
    pub fn new(seed: u64, step: u64) -> Self {
        Self { seed, step: Cell::new(step), counts: RefCell::default() }
    }

    /// Begins a step, which may be one that has been before.
    pub fn begin(&self, step: u64) {
        self.step.set(step);
        self.counts.borrow_mut().clear();
    }
}

impl DrawKeys for StepKeys {
    fn next(&self, stream: &str) -> Result<(Stream, DrawKey)> {
        let mut counts = self.counts.borrow_mut();
        let count = counts.entry(stream.to_owned()).or_default();
        let key = DrawKey { step: self.step.get(), call: *count };
        *count += 1;
        Ok((Stream::new(self.seed, stream), key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::identity;

    fn key(step: u64, call: u64) -> DrawKey {
        DrawKey { step, call }
    }

    #[test]
    fn draws_are_keyed_by_the_innermost_scope_and_by_the_modules_path() {
        let module = identity();
        assert!(next_draw("dropout", &module).unwrap_err().to_string().starts_with("dropout: in training mode"));
        let keys = Rc::new(StepKeys::new(7, 3));
        let found = drawing_by(keys.clone(), || {
            let first = next_draw("dropout", &module).unwrap();
            let inner = drawing_by(Rc::new(StepKeys::new(7, 9)), || next_draw("dropout", &module).unwrap());
            let caught = std::panic::catch_unwind(|| drawing_by(Rc::new(StepKeys::new(0, 0)), || panic!("no cheese")));
            assert!(caught.is_err());
            module.realise("encoder.drop", 0, &crate::Device::cpu()).unwrap();
            [first, inner, next_draw("dropout", &module).unwrap()]
        });
        let stream = |name| Stream::new(7, name);
        let unnamed = stream("dropout");
        assert_eq!(found, [(unnamed, key(3, 0)), (unnamed, key(9, 0)), (stream("dropout encoder.drop"), key(3, 0))]);
        assert!(next_draw("dropout", &module).is_err());
        keys.begin(3);
        assert_eq!(keys.next("dropout").unwrap().1, key(3, 0));
    }
}
