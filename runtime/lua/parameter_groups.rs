//! Groups of an optimizer's parameters, each with hyperparameters of its own.

use mlua::{Lua, Table, Value};

use super::{
    api::{Argument, Docs},
    order,
    schedule::Rate,
};
use crate::{
    Error, Result,
    nn::Role,
    optim::{Betas, ParameterGroup, Rule, Scheduled, Selection},
};

/// Groups as they are written. Which hyperparameters they may have is known to the optimizer alone.
#[derive(Default)]
pub struct Groups(Vec<Table>);

impl Argument for Groups {
    fn kind(_: &mut Docs) -> String {
        "table<string, any>[]".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        Vec::from_value(value, lua, op, name).map(Self)
    }
}

impl Argument for Role {
    fn kind(_: &mut Docs) -> String {
        r#""weight"|"bias"|"norm""#.into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match String::from_value(value, lua, op, name)?.as_str() {
            "weight" => Ok(Self::Weight),
            "bias" => Ok(Self::Bias),
            "norm" => Ok(Self::Norm),
            other => Err(Error::unknown(op, "role", other, ["weight", "bias", "norm"])),
        }
    }
}

impl Argument for Betas {
    fn kind(_: &mut Docs) -> String {
        "number[]".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let list = Vec::<f64>::from_value(value, lua, op, name)?;
        let count = list.len();
        let wrong = |_| Error::argument(op, name, "two numbers", format!("{count} of them"));
        list.try_into().map(Self).map_err(wrong)
    }
}

/// The groups of an optimizer, which have its learning rate where they say nothing else. `rule` makes the rest of what is
/// written, a table of its own, their rule.
///
/// # Errors
/// What is no group; a hyperparameter that the rule does not have, or of another kind.
pub fn groups(
    op: &str,
    lua: &Lua,
    Groups(written): Groups,
    lr: &Rate,
    rule: impl Fn(Table, &str) -> Result<(Rule, Scheduled)>,
) -> Result<Vec<ParameterGroup>> {
    let group = |(number, own): (usize, Table)| {
        let place = format!("groups[{number}]");
        let (own, refused) = (order::copied(lua, &own).map_err(Error::callback)?, Error::callback);
        let taken = |key: &str| {
            let value = own.raw_get::<Value>(key).map_err(refused)?;
            own.raw_set(key, Value::Nil).map_err(refused).map(|()| value)
        };
        let name = match taken("name")? {
            Value::Nil => return Err(Error::argument(op, format!("{place}.name"), "given", "nothing")),
            name => String::from_value(name, lua, op, &format!("{place}.name"))?,
        };
        let paths = Option::<Vec<String>>::from_value(taken("parameters")?, lua, op, &format!("{place}.parameters"))?;
        let roles = Option::<Vec<Role>>::from_value(taken("roles")?, lua, op, &format!("{place}.roles"))?;
        for (key, is_empty) in [
            ("parameters", paths.as_ref().is_some_and(Vec::is_empty)),
            ("roles", roles.as_ref().is_some_and(Vec::is_empty)),
        ] {
            if is_empty {
                return Err(Error::argument(op, format!("{place}.{key}"), "at least one, or left out", "none"));
            }
        }
        let rate = Option::<Rate>::from_value(taken("lr")?, lua, op, &format!("{place}.lr"))?;
        let of = Selection { paths: paths.unwrap_or_default(), roles: roles.unwrap_or_default() };
        if of.is_everything() {
            let want = "with parameters or roles, or both: without them all parameters belong to it";
            return Err(Error::argument(op, &place, want, "neither"));
        }
        let (rule, scheduled) = rule(own, &place)?;
        let schedule = rate.map_or_else(|| lr.0.clone(), |rate| rate.0);
        Ok(ParameterGroup { name, of, rule, schedule, scheduled })
    };
    (1..).zip(written).map(group).collect()
}
