//! Gradients: `mb.grad`, scopes without them, operations of a script's own, and computing again.

mod hook;
mod one_or_many;
mod operation;
mod options;
mod recompute;
mod saved;

use mlua::{Function, MultiValue};

use super::{
    api::{Api, Interpreter},
    tensor::Tensors,
};
use crate::{Error, Result, tensor};
pub use hook::Hook;
use one_or_many::OneOrMany;
pub use options::BackwardOptions;
use options::GradOptions;

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "grad",
        "outputs, inputs, options",
        "The gradient of a scalar loss, or of several outputs, with respect to each input: a list or a table by name of \
         tensors on the tape, leaves or not; zeros where nothing depends on one. Returns a table with the same keys. Uses \
         up the tape, unless retain_graph is set.",
        |lua: Interpreter, outputs: OneOrMany, inputs: Tensors, options: GradOptions| {
            let pass = options.pass();
            let given = options.of_outputs(&outputs.0)?;
            inputs.mapped(&lua.0, |inputs| tensor::grad(&outputs.0, &given, inputs, pass))
        },
    )
    .example(
        r#"local x = mb.tensor({ 1, 2, 3 }, "float32"):requires_grad()
local first = mb.grad((x ^ 3):sum(), { x }, { create_graph = true })[1]
local second = mb.grad(first:sum(), { x })[1]
print(second)
--> tensor [3] float32 on cpu
--> [6.0000, 12.0000, 18.0000]"#,
    );
    api.function(
        "no_grad",
        "body",
        "Calls a function without recording gradients and returns what it returns.",
        |_lua: Interpreter, body: Function| -> Result<MultiValue> {
            tensor::no_grad(|| body.call::<MultiValue>(())).map_err(Error::callback)
        },
    )
    .example(
        r#"local encoder = mb.nn.linear(3, 2):realise("encoder")
local features = mb.no_grad(function() return encoder(mb.ones(4, 3)) end)
local goes_back = pcall(function() features:sum():backward() end)
print(goes_back) --> false"#,
    );
    recompute::declare(api);
    operation::declare(api);
    hook::declare(api);
}
