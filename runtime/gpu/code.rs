//! What a device compiles of a kernel: its text, the values of its overrides, and whether the text is trusted.

use std::{
    cell::Cell,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::constants::Constant;
use crate::scoped;

thread_local! {
    static CHECKING: Cell<bool> = const { Cell::new(false) };
}

/// Runs something with the runtime's own kernels in their checked form: every access is kept inside its buffer, every
/// loop is bounded, workgroup memory begins as zeros, and each launch is submitted on its own. A test compares both forms.
pub fn checked<T>(run: impl FnOnce() -> T) -> T {
    scoped::within(&CHECKING, true, run)
}

/// Whether the thread is within [`checked`].
pub(super) fn is_checking() -> bool {
    CHECKING.get()
}

/// The key of a pipeline. Its hash is computed once, since a text is long.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub text: Arc<str>,
    pub constants: Arc<[Constant]>,
    pub is_trusted: bool,
    hash: u64,
}

impl Code {
    pub fn new(text: &str, constants: &[Constant]) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        for constant in constants {
            (&constant.key, constant.value.to_bits()).hash(&mut hasher);
        }
        Self { text: text.into(), constants: constants.into(), is_trusted: false, hash: hasher.finish() }
    }

    /// The same, compiled without what wgpu adds to a text that may do anything, or with it.
    pub fn trusted(&self, is_trusted: bool) -> Self {
        Self { is_trusted, ..self.clone() }
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        let is_of_text = Arc::ptr_eq(&self.text, &other.text) || self.text == other.text;
        // No value is NaN, which no override can have.
        self.is_trusted == other.is_trusted
            && self.hash == other.hash
            && is_of_text
            && self.constants == other.constants
    }
}

impl Eq for Code {}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash ^ u64::from(self.is_trusted));
    }
}
