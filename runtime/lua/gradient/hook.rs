//! The class Hook: a function that sees a tensor's gradient pass by.

use crate::{
    Tensor,
    lua::{api::Api, object::object},
    tape::HookHandle,
};

/// A hook of a tensor.
#[derive(Clone)]
pub struct Hook(pub HookHandle<Tensor>);

object!(Hook, "Hook", "a hook");

/// Declares the class.
pub fn declare(api: &mut Api) {
    api.class::<Hook>("Hook", "A function that is called with a tensor's gradient.", |class, docs| {
        class.method(docs, "remove", "", "Takes the hook away: no later pass calls it.", |hook: Hook| {
            hook.0.remove();
            Ok(())
        });
    });
}
