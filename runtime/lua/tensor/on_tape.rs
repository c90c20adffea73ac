//! Tensors on the tape: leaves, constants, gradients that add up, hooks.

use mlua::{Function, Value};

use crate::{
    Error, Tensor,
    lua::{
        api::{Argument, Class, Docs, Interpreter, mismatch},
        context::Context,
        gradient::{BackwardOptions, Hook},
        order::objects,
    },
};

/// What concerns gradients.
pub(super) fn on_tape(class: &mut Class<Tensor>, docs: &mut Docs) {
    class.method(docs, "detach", "", "The same values as a constant.", |t: Tensor| Ok(t.detach())).example(
        r"local x = mb.tensor({ 3.0 }):requires_grad()
print(mb.grad((x * x:detach()):sum(), { x })[1]:item()) --> 3.0",
    );
    class
        .method(
            docs,
            "requires_grad",
            "",
            "The same values as a leaf, with respect to which mb.grad differentiates.",
            |t: Tensor| t.requires_grad(),
        )
        .example(
            r"local x = mb.tensor({ 2.0 }):requires_grad()
print(mb.grad((x ^ 3):sum(), { x })[1]:item()) --> 12.0",
        );
    class
        .method(
            docs,
            "backward",
            "options",
            "Adds the gradients of a scalar, or of any tensor with a gradient by it, to those of all leaves that it depends \
             on: see grad. session:update() moves parameters by them. Under the option precision = \"float16\" it scales \
             as session:update does.",
            |cx: Context, t: Tensor, options: BackwardOptions| {
                let scale = cx.session.borrow().loss_scale();
                t.backward(options.gradient.as_ref(), scale, options.pass())
            },
        )
        .example(
            r#"local w = mb.tensor({ 1, 2 }, "float32"):requires_grad()
for _ = 1, 3 do (w * w):sum():backward() end
print(w:grad())
--> tensor [2] float32 on cpu
--> [6.0000, 12.0000]"#,
        );
    class
        .method(
            docs,
            "grad",
            "",
            "The gradient that backward has added up for a leaf: what requires_grad made, or a module's parameter. \
             None where none has come yet.",
            |t: Tensor| t.gradient(),
        )
        .example(
            r"local w = mb.tensor({ 2.0 }):requires_grad()
print(w:grad()) --> nil
local loss = (w * w):sum()
loss:backward()
print(w:grad():item()) --> 4.0",
        );
    class.method(docs, "zero_grad", "", "Forgets the gradient that was added up.", |t: Tensor| t.zero_grad()).example(
        r"local w = mb.tensor({ 2.0 }):requires_grad()
for _ = 1, 3 do
  w:zero_grad()
  local loss = (w * w):sum()
  loss:backward()
end
print(w:grad():item()) --> 4.0",
    );
    class
        .method(
            docs,
            "hook",
            "watch",
            "Calls a function with the gradient by this tensor in every backward pass that comes to it, all parts of it \
             added up. A tensor that it returns takes the gradient's place. hook:remove() ends it. A parameter's hooks \
             outlast updates; those of a computed tensor end when a pass uses up its tape.",
            |lua: Interpreter, t: Tensor, watch: Function| {
                let weak = lua.0.weak();
                let call = move |gradient: &Tensor| {
                    let Some(lua) = weak.try_upgrade() else { return Ok(None) };
                    let gradient = objects::create(&lua, gradient.clone()).map_err(Error::callback)?;
                    match watch.call::<Value>(gradient).map_err(Error::callback)? {
                        Value::Nil => Ok(None),
                        value @ Value::UserData(_) => {
                            Tensor::from_value(value, &lua, "hook", "what the function returns").map(Some)
                        }
                        other => Err(mismatch("hook", "what the function returns", "a tensor or nil", &other)),
                    }
                };
                t.hook(call).map(Hook::Gradient)
            },
        )
        .example(
            r#"local x = mb.tensor({ 3 }, "float32"):requires_grad()
local y = x * x
y:hook(function(g) print(g:item()) end)
local loss = (2 * y):sum()
loss:backward() --> 2.0
print(x:grad():item()) --> 12.0"#,
        );
}
