//! `mb.recompute`: a function's gradients at the price of running it twice, without what they need in between.

use mlua::{Function, Lua, MultiValue, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Api, Interpreter, Rest},
        context::Context,
        vm,
    },
    tape,
    tensor::Scopes,
};

/// Declares the function.
pub fn declare(api: &mut Api) {
    api.function(
        "recompute",
        "body, arguments",
        "Calls a function with the arguments and returns what it returns. What its operations would keep for their \
         gradients is forgotten, and computed again by a second call when a backward pass comes to it: less memory for \
         about a third more time. The function must do the same each time; its draws, those of math.random among them, are \
         the same, and running statistics move once.",
        |lua: Interpreter, cx: Context, body: Function, arguments: Rest<Value>| -> Result<MultiValue> {
            recompute(lua.0, cx, body, arguments.0)
        },
    )
    .example(
        r"local x = mb.ones(2, 3):requires_grad()
local y = mb.recompute(function(t) return (t * t):tanh():sum() end, x)
print(mb.grad(y, { x })[1].shape[2]) --> 3",
    );
}

fn recompute(lua: Lua, cx: Context, body: Function, arguments: Vec<Value>) -> Result<MultiValue> {
    let key = cx.next_draw("recompute");
    let draws = cx.session.borrow().drawn();
    let scopes = Scopes::now();
    let call = {
        let (cx, body) = (cx.clone(), body.clone());
        move |lua: &Lua, nth: u64| -> Result<MultiValue> {
            // Nobody can read where math.random stands, so it begins anew, before the call and after it.
            let random = |nth: u64| vm::key_random_of_recomputation(lua, cx.seed, key, nth).map_err(Error::callback);
            random(0)?;
            let returned = body.call::<MultiValue>(MultiValue::from_iter(arguments.iter().cloned()));
            random(nth)?;
            returned.map_err(Error::callback)
        }
    };
    let again = {
        // Only the VM itself may keep it alive.
        let (weak, cx, call) = (lua.weak(), cx.clone(), call.clone());
        move || -> Result<()> {
            let Some(lua) = weak.try_upgrade() else {
                return Err(Error::State { op: "recompute", reason: "its script is gone".into() });
            };
            let now = cx.session.borrow_mut().draw_again(draws.clone());
            let returned = scopes.within(|| call(&lua, 2));
            cx.session.borrow_mut().draw_again(now);
            returned.map(drop)
        }
    };
    tape::recompute::<Tensor, _>(|| call(&lua, 1), again)
}
