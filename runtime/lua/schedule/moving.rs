//! What a script may write for a number that changes from step to step.

use std::rc::Rc;

use mlua::{Function, Lua, Value};

use crate::{
    Error, Result,
    lua::api::{Argument, Docs, mismatch},
    optim::{FunctionSchedule, Schedule},
    position::number,
};

/// A number for every step: a number, a schedule, or a function of the step and of the number of steps.
pub struct Moving(pub Schedule);

/// How a script's editor knows one.
pub const MOVING: &str = "number|moonburn.Schedule|fun(step: integer, total: integer): number";

impl Argument for Moving {
    fn kind(_: &mut Docs) -> String {
        MOVING.into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Integer(_) | Value::Number(_) => f64::from_value(value, lua, op, name).map(Schedule::Constant),
            Value::UserData(_) => Schedule::from_value(value, lua, op, name),
            Value::Function(function) => Ok(computed(lua, function)),
            other => Err(mismatch(op, name, "a number, a schedule or a function", &other)),
        }
        .map(Self)
    }
}

/// A learning rate, which is at least 0.
pub struct Rate(pub Schedule);

impl Argument for Rate {
    fn kind(docs: &mut Docs) -> String {
        Moving::kind(docs)
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match Moving::from_value(value, lua, op, name)?.0 {
            Schedule::Constant(lr) if !(lr.is_finite() && lr >= 0.0) => {
                Err(Error::argument(op, name, "a number of at least 0", lr))
            }
            other => Ok(Self(other)),
        }
    }
}

/// The schedule that a script's function computes.
fn computed(lua: &Lua, function: Function) -> Schedule {
    // The VM reaches the optimizer through the session: a strong handle would keep both alive for ever.
    let weak = lua.weak();
    Schedule::Function(FunctionSchedule::new(Rc::new(move |step, total| {
        let Some(lua) = weak.try_upgrade() else {
            return Err(Error::State { op: "schedule", reason: "the script that computes it is gone".into() });
        };
        let returned = function.call::<Value>((number(step), total)).map_err(Error::callback)?;
        f64::from_value(returned, &lua, "schedule", "the returned value")
    })))
}
