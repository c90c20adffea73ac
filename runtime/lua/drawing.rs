//! The place of the next random tensor.

use super::context::Context;
use crate::{nn::drawing_by, rng::Stream, tensor::Source};

/// That in the stream of a name, which no other random tensor of the step has.
pub(super) fn source<'a>(cx: &'a Context, name: &str) -> Source<'a> {
    Source { stream: Stream::new(cx.seed, name), key: cx.next_draw("random tensor"), device: &cx.device }
}

impl Context {
    /// Runs forward passes, in which layers draw by the session's step.
    pub(super) fn drawing<T>(&self, body: impl FnOnce() -> T) -> T {
        drawing_by(self.session.clone(), body)
    }
}
