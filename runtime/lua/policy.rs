//! The tables `checkpoint` and `recover` that a script may return beside its functions. What comes of them is the
//! training's.

use mlua::{Lua, Value};

use super::{
    ScriptError,
    api::{Argument, Docs, mismatch},
    object::named,
    order,
    script::Script,
};
use crate::{
    Result,
    options::{choices, options, over},
    run::Every,
};

choices! {
    /// Which of two values of a metric is the better one.
    pub enum Mode of "checkpoint" "mode" {
        /// The lower.
        #[default]
        Min = "min",
        /// The higher.
        Max = "max",
    }
}

named! {
    Mode;
}

impl Argument for Every {
    fn kind(_: &mut Docs) -> String {
        "integer|string".into()
    }

    fn from_value(value: Value, _: &Lua, _: &str, name: &str) -> Result<Self> {
        match &value {
            Value::Integer(steps) => steps.to_string().parse(),
            Value::String(text) => text.to_string_lossy().parse(),
            other => Err(mismatch("checkpoint", name, "steps such as 100, a time such as \"5m\", or \"never\"", other)),
        }
    }
}

options! {
    /// A script's table `checkpoint`: when its run's state is written, and which states are kept.
    pub struct CheckpointOptions {
        /// Steps (100) or a time ("30s", "5m", "1h") from one checkpoint to the next, or "never"; the end, a Ctrl-C and
        /// an edit write one in any case. "1m" by default.
        pub every: Option<Every> = None;
        /// How many of the last checkpoints are kept.
        pub keep: usize = 3;
        /// A logged metric whose best checkpoint is kept as well, such as "loss".
        pub best: Option<String> = None;
        /// Whether the lowest or the highest value of that metric is the best.
        pub mode: Mode = Mode::Min;
    }
    /// A script's table `recover`: what is done about a loss, a gradient or an embedding that is not finite. Without it
    /// the run stops.
    pub struct RecoverOptions {
        /// How many steps the training goes back, to a state in memory. Without it the run stops.
        pub rewind: Option<usize> = None;
        /// What learning rates are multiplied by, each time.
        pub lr: f64 = 0.5, in over(0.0);
        /// How often the training may go back.
        pub times: usize = 3;
        /// What the states in memory may take. With little room there are fewer, and it goes back further.
        pub memory: usize = 512, unit "MiB";
    }
}

/// Reads the script's tables.
///
/// # Errors
/// An option that does not exist, or a value that makes no sense.
pub fn read(script: &Script) -> Result<(CheckpointOptions, RecoverOptions), ScriptError> {
    Ok((read_table(script, "checkpoint")?, read_table(script, "recover")?))
}

/// Reads one of the tables. An error is at the key that leads to it also where it stands alone.
fn read_table<T: Argument>(script: &Script, name: &str) -> Result<T, ScriptError> {
    let lua = script.lua();
    let read = |value: Value| T::from_value(value, lua, name, name);
    let given = script.table(name)?;
    read(given.clone()).map_err(|error| {
        let alone = |(key, value): (Value, Value)| {
            let table = lua.create_table().ok()?;
            table.raw_set(key.clone(), value).ok()?;
            read(Value::Table(table)).is_err().then(|| key.to_string().ok())?
        };
        let entries = given.as_table().and_then(|table| order::entries(table).ok()).unwrap_or_default();
        match entries.into_iter().find_map(alone) {
            Some(key) => script.failure(&[name, &key], error),
            None => script.failure(&[name], error),
        }
    })
}
