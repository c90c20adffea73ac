//! The class Hook: a function that sees a tensor's gradient pass by, or what a module gives.

use crate::{
    Tensor,
    lua::{api::Api, object::object},
    nn, tape,
};

/// A hook.
#[derive(Clone)]
pub enum Hook {
    /// Of a tensor.
    Gradient(tape::HookHandle<Tensor>),
    /// Of a module.
    Module(nn::HookHandle),
}

object!(Hook, "Hook", "a hook");

/// Declares the class.
pub fn declare(api: &mut Api) {
    api.class::<Hook>(
        "Hook",
        "A function that is called with a tensor's gradient, or after a module's forward pass.",
        |class, docs| {
            class.example(
                r"local x = mb.tensor({ 1.0, 5.0 }):requires_grad()
x:hook(function(g) return g:clamp(-1, 1) end)
print(mb.grad((x ^ 2):sum(), { x })[1])
--> tensor [2] float32 on cpu
--> [1.0000, 1.0000]",
            );
            class
                .method(docs, "remove", "", "Takes the hook away: no later pass calls it.", |hook: Hook| {
                    match hook {
                        Hook::Gradient(handle) => handle.remove(),
                        Hook::Module(handle) => handle.remove(),
                    }
                    Ok(())
                })
                .example(
                    r"local x = mb.tensor({ 1.0 }):requires_grad()
local hook = x:hook(function(g) return 10 * g end)
print(mb.grad(x:sum(), { x })[1]:item()) --> 10.0
hook:remove()
print(mb.grad(x:sum(), { x })[1]:item()) --> 1.0",
                );
        },
    );
}
