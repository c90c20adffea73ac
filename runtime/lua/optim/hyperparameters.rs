//! Hyperparameters as scripts write them: numbers, of which each may have a schedule.

use std::marker::PhantomData;

use mlua::{Lua, Table, Value};
use serde::Serialize;

use super::super::{
    api::{Argument, Docs, mismatch},
    order::{self, objects},
    schedule::{MOVING, Moving},
};
use crate::{
    Error, Result,
    optim::{Rule, Schedule, Scheduled},
    options::Options,
};

/// What stands for a number that has a schedule until its step has come: in the range of every hyperparameter.
const STAND_IN: f64 = 0.5;

/// Options of which those of `H` that are numbers may have schedules.
pub struct WithSchedules<O, H> {
    /// The options, with something in the place of what has a schedule.
    pub options: O,
    /// The schedules.
    pub scheduled: Scheduled,
    of: PhantomData<H>,
}

impl<O: Argument + Options, H: Options<Required = ()> + Serialize> Argument for WithSchedules<O, H> {
    fn kind(docs: &mut Docs) -> String {
        let kind = O::kind(docs);
        let own: Vec<&str> = H::entries().into_iter().map(|entry| entry.name).collect();
        let table = docs.options.get_mut(O::NAME).expect("it has just been documented");
        for (name, kind, ..) in &mut table.fields {
            if own.contains(&name.as_str()) && kind == "number" {
                *kind = MOVING.into();
            }
        }
        kind
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = &value else {
            return Ok(Self {
                options: O::from_value(value, lua, op, name)?,
                scheduled: Scheduled::new(),
                of: PhantomData,
            });
        };
        let table = order::copied(lua, table).map_err(Error::callback)?;
        let scheduled = take_schedules::<H>(lua, &table, op)?;
        for entry in O::entries().into_iter().filter(|entry| entry.name != "lr") {
            refuse_schedule(&table, op, entry.name)?;
        }
        Ok(Self { options: O::from_value(Value::Table(table), lua, op, name)?, scheduled, of: PhantomData })
    }
}

/// The rule of a group, which has the hyperparameters of its optimizer where it says nothing else.
///
/// # Errors
/// A hyperparameter that the rule does not have, or of another kind.
pub(super) fn of_group<H: Argument + Options<Required = ()> + Copy + Serialize>(
    lua: &Lua,
    [op, place]: [&str; 2],
    own: Table,
    (hyperparameters, scheduled): (H, &Scheduled),
    rule: fn(H) -> Rule,
) -> Result<(Rule, Scheduled)> {
    let mut of_group = scheduled.clone();
    for entry in H::entries() {
        if !own.raw_get::<Value>(entry.name).map_err(Error::callback)?.is_nil() {
            of_group.remove(entry.name);
        }
    }
    of_group.extend(take_schedules::<H>(lua, &own, op)?);
    fill(lua, &own, hyperparameters)?;
    Ok((rule(H::from_value(Value::Table(own), lua, op, place)?), of_group))
}

/// Takes schedules and functions out of a table.
///
/// # Errors
/// One of a hyperparameter that is no number.
fn take_schedules<H: Options<Required = ()> + Serialize>(lua: &Lua, table: &Table, op: &str) -> Result<Scheduled> {
    let defaults = written(H::given(()));
    let mut scheduled = Scheduled::new();
    for name in H::entries().into_iter().map(|entry| entry.name) {
        if !defaults[name].is_number() {
            refuse_schedule(table, op, name)?;
            continue;
        }
        let value = table.raw_get::<Value>(name).map_err(Error::callback)?;
        if let Value::UserData(_) | Value::Function(_) = &value {
            scheduled.insert(name.to_owned(), Moving::from_value(value, lua, op, name)?.0);
            table.raw_set(name, STAND_IN).map_err(Error::callback)?;
        }
    }
    Ok(scheduled)
}

/// An error where an option that is the same in every step has a schedule.
fn refuse_schedule(table: &Table, op: &str, name: &str) -> Result<()> {
    let value = table.raw_get::<Value>(name).map_err(Error::callback)?;
    let is_schedule = match &value {
        Value::Function(_) => true,
        Value::UserData(data) => objects::is::<Schedule>(data),
        _ => false,
    };
    if is_schedule {
        let want = format!("the same in every step: there is no schedule for {name}");
        return Err(mismatch(op, name, &want, &value));
    }
    Ok(())
}

/// Hyperparameters by name.
fn written(hyperparameters: impl Serialize) -> serde_json::Value {
    serde_json::to_value(hyperparameters).expect("numbers, truth values and lists of numbers")
}

/// Sets the hyperparameters that a group leaves out.
fn fill(lua: &Lua, own: &Table, hyperparameters: impl Serialize) -> Result<()> {
    use serde_json::Value as Json;
    let written = written(hyperparameters);
    for (name, value) in written.as_object().into_iter().flatten() {
        if !own.raw_get::<Value>(name.as_str()).map_err(Error::callback)?.is_nil() {
            continue;
        }
        let value = match value {
            Json::Bool(truth) => Value::Boolean(*truth),
            Json::Array(list) => {
                let numbers = list.iter().filter_map(Json::as_f64);
                Value::Table(lua.create_sequence_from(numbers).map_err(Error::callback)?)
            }
            number => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        };
        own.raw_set(name.as_str(), value).map_err(Error::callback)?;
    }
    Ok(())
}
