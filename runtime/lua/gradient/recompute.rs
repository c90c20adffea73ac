//! `mb.recompute`: a function's gradients at the price of running it twice, without what they need in between.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use mlua::{Lua, MultiValue, ObjectLike, Value};

use super::saved::tensor_in;
use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Api, Interpreter, Rest, mismatch},
        context::Context,
        order::objects,
        vm,
    },
    nn::{Touched, touching},
    tape,
    tensor::Scopes,
};

/// Declares the function.
pub fn declare(api: &mut Api) {
    api.function(
        "recompute",
        "body, arguments",
        "Calls a function, or a module, with the arguments and returns what it returns. What its operations would keep for \
         their gradients is forgotten, and computed again by a second call when a backward pass comes to it: less memory \
         for about a third more time. The function must do the same each time; its draws, those of math.random among \
         them, and the buffers of modules are the same, running statistics move once, and t:backward in it adds up once. A backward pass of a later \
         step cannot draw again.",
        |lua: Interpreter, cx: Context, body: Value, arguments: Rest<Value>| -> Result<MultiValue> {
            recompute(lua.0, cx, body, arguments.0)
        },
    )
    .example(
        r"local x = mb.ones(2, 3):requires_grad()
local y = mb.recompute(function(t) return (t * t):tanh():sum() end, x)
print(mb.grad(y, { x })[1].shape[2]) --> 3",
    );
}

fn recompute(lua: Lua, cx: Context, body: Value, arguments: Vec<Value>) -> Result<MultiValue> {
    let is_callable = match &body {
        Value::Function(_) => true,
        Value::UserData(object) => !objects::is::<Tensor>(object),
        Value::Table(table) => table.metatable().is_some(),
        _ => false,
    };
    if !is_callable {
        return Err(mismatch("recompute", "body", "a function or a module", &body));
    }
    let key = cx.next_draw("recompute");
    let draws = cx.session.borrow().drawn();
    let stage = cx.draw_stage();
    let updates = cx.session.borrow().counters().updates;
    let has_drawn = Rc::new(Cell::new(false));
    let scopes = Scopes::now();
    let buffers: Rc<RefCell<Touched>> = Rc::default();
    let call = {
        let cx = cx.clone();
        move |lua: &Lua, nth: u64, arguments: MultiValue| -> Result<MultiValue> {
            // Nobody can read where math.random stands, so it begins anew, before the call and after it.
            let random = |nth: u64| vm::key_random_of_recomputation(lua, cx.seed, key, nth).map_err(Error::callback);
            random(0)?;
            let returned = match &body {
                Value::UserData(body) => body.call::<MultiValue>(arguments),
                Value::Table(body) => body.call(arguments),
                Value::Function(body) => body.call(arguments),
                _ => Ok(MultiValue::new()),
            };
            random(nth)?;
            returned.map_err(Error::callback)
        }
    };
    let again = {
        // Only the VM itself may keep it alive.
        let (weak, cx, call) = (lua.weak(), cx.clone(), call.clone());
        let (given, draws, has_drawn) = (Given::of(&arguments), draws.clone(), has_drawn.clone());
        let buffers = buffers.clone();
        move || -> Result<()> {
            let Some(lua) = weak.try_upgrade() else {
                return Err(Error::State { op: "recompute", reason: "its script is gone".into() });
            };
            if cx.session.borrow().counters().updates != updates {
                let reason = "parameters have moved since its function was first run; differentiate before the update";
                return Err(Error::State { op: "recompute", reason: reason.into() });
            }
            if has_drawn.get() && cx.draw_stage() != stage {
                let reason = format!(
                    "its function draws random numbers of step {}, which a backward pass in step {} cannot draw again; \
                     differentiate in the same step",
                    stage.step,
                    cx.draw_stage().step
                );
                return Err(Error::State { op: "recompute", reason });
            }
            let now = cx.session.borrow_mut().draw_again(draws.clone());
            let buffers = buffers.borrow().clone();
            let run = |given| buffers.again(|| scopes.within(|| call(&lua, 2, given)));
            let returned = Given::values(&given, &lua).and_then(run);
            cx.session.borrow_mut().draw_again(now);
            returned.map(drop)
        }
    };
    let first = || tape::recompute::<Tensor, _>(|| call(&lua, 1, MultiValue::from_vec(arguments)), again);
    let (returned, touched) = touching(first);
    buffers.replace(touched);
    has_drawn.set(cx.session.borrow().drawn() != draws);
    returned
}

/// An argument for the second run. A tensor is held as such: one in an object of Lua would free those that it was computed
/// from a collection later.
enum Given {
    Tensor(Tensor),
    Other(Value),
}

impl Given {
    fn of(values: &[Value]) -> Vec<Self> {
        let given = |value: &Value| match tensor_in(value) {
            Some(tensor) => Self::Tensor(tensor),
            None => Self::Other(value.clone()),
        };
        values.iter().map(given).collect()
    }

    fn values(given: &[Self], lua: &Lua) -> Result<MultiValue> {
        let value = |given: &Self| match given {
            Self::Tensor(tensor) => objects::create(lua, tensor.clone()).map(Value::UserData),
            Self::Other(value) => Ok(value.clone()),
        };
        given.iter().map(value).collect::<mlua::Result<_>>().map_err(Error::callback)
    }
}
