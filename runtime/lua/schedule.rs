//! Schedules: numbers that change from step to step.

use mlua::{Lua, Value};

use super::{
    api::{Api, Argument, Docs, mismatch},
    object::object,
    position::Position,
};
use crate::{Error, Result, optim::Schedule, options::options};

object!(Schedule, "Schedule", "a schedule");

/// A learning rate: a number or a schedule.
pub struct Rate(pub Schedule);

impl Argument for Rate {
    fn kind(_: &mut Docs) -> String {
        "number|moonburn.Schedule".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Integer(_) | Value::Number(_) => {
                let lr = f64::from_value(value, lua, op, name)?;
                // In the words of the optimizer that is being made.
                Schedule::constant(lr).map(Self).map_err(|_| Error::argument(op, name, "a number of at least 0", lr))
            }
            Value::UserData(_) => Schedule::from_value(value, lua, op, name).map(Self),
            other => Err(mismatch(op, name, "a number or a schedule", &other)),
        }
    }
}

options! {
    /// Options of `mb.schedule.warmup_cosine`.
    pub struct WarmupOptions {
        /// The warm-up: a part of all steps if below 1, else a number of steps.
        pub warmup: f64 = 0.0;
    }
}

/// Declares the class and its functions.
pub fn declare(api: &mut Api) {
    api.function(
        "schedule.warmup_cosine",
        "base, options",
        "Linear warm-up, then half a cosine to 0: base · (t + 1) / (W + 1) for t ≤ W, then base · (1 + cos(π (t − W) / \
         (T − W))) / 2, for step t from 0.",
        |base: f64, options: WarmupOptions| Schedule::warmup_cosine(base, options.warmup),
    )
    .example(
        r"local lr = mb.schedule.warmup_cosine(0.4, { warmup = 3 })
print(lr:at(1, 100), lr:at(2, 100), lr:at(4, 100)) --> 0.1 0.2 0.4",
    );
    api.function("schedule.constant", "lr", "The same learning rate for every step.", |lr: f64| Schedule::constant(lr))
        .example(
            r"local lr = mb.schedule.constant(0.3)
print(lr:at(1, 100), lr:at(100, 100)) --> 0.3 0.3",
        );
    api.function(
        "schedule.cosine",
        "first, last",
        "Half a cosine from one value to another: last + (first − last) · (1 + cos(π t / T)) / 2 for step t from 0. \
         From m to 1 it is BYOL's momentum, from 1 to 0 an annealed weight.",
        |first: f64, last: f64| Schedule::cosine(first, last),
    )
    .example(
        r"local weight = mb.schedule.cosine(1, 0)
print(weight:at(1, 10), weight:at(6, 10)) --> 1.0 0.5",
    );
    api.function(
        "schedule.linear",
        "first, last",
        "A straight line from one value to another: first + (last − first) · t / T for step t from 0.",
        |first: f64, last: f64| Schedule::linear(first, last),
    )
    .example(
        r"local lr = mb.schedule.linear(1, 0)
print(lr:at(1, 10), lr:at(6, 10)) --> 1.0 0.5",
    );
    api.class::<Schedule>("Schedule", "A number for every step, such as the learning rate.", |class, docs| {
        class.example(
            r"local momentum = mb.schedule.linear(0.5, 1) -- of a target network
for _ in session:steps(2) do print(session:at(momentum)) end
--> 0.5
--> 0.75",
        );
        class
            .method(
                docs,
                "at",
                "step, total",
                "The value at a step (from 1) of a training of so many.",
                |schedule: Schedule, step: Position, total: usize| Ok(schedule.at(step.0 as u64, total as u64)),
            )
            .example(
                r"local lr = mb.schedule.linear(1, 0)
for step = 1, 4 do print(lr:at(step, 4)) end
--> 1.0
--> 0.75
--> 0.5
--> 0.25",
            );
    });
}
