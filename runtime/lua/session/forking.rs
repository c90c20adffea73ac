//! What `fork` of a session takes, and what it gives.

use mlua::{Lua, Value};

use super::super::{
    api::{Argument, Docs, mismatch, of_kind},
    context::Context,
    order, overrides,
    overseer::ForkOrder,
};
use crate::{Error, Result, options::options, run::Outcome};

of_kind!(
    /// What a second run came to.
    Forked,
    "{ metrics: table<string, number[]>, results: table<string, any>, updates: integer, folder?: string }"
);

options! {
    /// Options of a session's `fork`.
    pub struct ForkOptions {
        /// The second run's script; by default this run's own, as it is now.
        pub script: Option<String> = None;
        /// Values for its options: { lr = 0.05 }.
        pub set: Option<Assignments> = None;
        /// The second run's folder, new or empty; by default a new folder beside this run's.
        pub out: Option<String> = None;
    }
}

/// A value as a command line has it, every digit of a float.
fn text(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("{number:?}"),
        Value::String(text) => text.to_string_lossy(),
        other => other.to_string().unwrap_or_default(),
    }
}

/// Values for options, as on a command line.
pub struct Assignments(Vec<(String, String)>);

impl Argument for Assignments {
    fn kind(_: &mut Docs) -> String {
        "table<string, boolean|number|string>".into()
    }

    fn from_value(value: Value, _: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = &value else { return Err(mismatch(op, name, "a table of options", &value)) };
        let mut found = Vec::new();
        for entry in order::entries(table).map_err(Error::callback)? {
            match entry {
                (
                    Value::String(key),
                    value @ (Value::Boolean(_) | Value::Integer(_) | Value::Number(_) | Value::String(_)),
                ) => {
                    found.push((key.to_string_lossy(), text(&value)));
                }
                (_, other) => return Err(mismatch(op, name, "a table of named booleans, numbers and texts", &other)),
            }
        }
        Ok(Self(found))
    }
}

/// Trains a second run to its end.
///
/// # Errors
/// There is no run; what the second run fails with.
pub(super) fn fork(lua: &Lua, context: &Context, options: ForkOptions) -> Result<Forked> {
    let Some(overseer) = context.overseer() else {
        let reason = "only the session of a run can be forked, and not in the trial step of an edit".into();
        return Err(Error::State { op: "fork", reason });
    };
    let set = options.set.map_or_else(Vec::new, |set| set.0);
    let order = ForkOrder { script: options.script.map(Into::into), set, out: options.out.map(Into::into) };
    let outcome = overseer.fork(order)?;
    outcome_table(lua, &outcome).map_err(Error::callback)
}

fn outcome_table(lua: &Lua, outcome: &Outcome) -> mlua::Result<Forked> {
    let (table, metrics) = (lua.create_table()?, lua.create_table()?);
    for (name, values) in outcome.logged().map_err(mlua::Error::external)? {
        metrics.raw_set(name, lua.create_sequence_from(values)?)?;
    }
    table.raw_set("metrics", metrics)?;
    table.raw_set("results", overrides::from_json(lua, &outcome.results)?)?;
    table.raw_set("updates", outcome.updates as i64)?;
    table.raw_set("folder", outcome.folder.as_ref().map(|path| path.display().to_string()))?;
    Ok(table.into())
}
