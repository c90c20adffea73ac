//! What a script says of a kernel where it is made.

use mlua::{Function, Table, Value};

use crate::{
    Error, Result,
    lua::{
        api::{Argument, Docs, mismatch, value_name},
        order,
    },
    options::options,
};

options! {
    /// Options of `mb.kernel`.
    pub struct KernelOptions {
        /// The kernel of the gradient: its file, or { file, threads =, groups = }. It reads any of the inputs and the
        /// output, and grad_OUTPUT; it writes grad_INPUT for each input that has a gradient.
        pub backward: Option<Backward> = None;
        /// The shapes of the outputs by their names, or a function of the call's table that returns them: each a list,
        /// or the name of an input that has it. That of the first input where left out.
        pub shapes: Option<Shapes> = None;
        /// The dtypes of the outputs by their names, for bool instead of int32 where a binding is an array of u32.
        pub dtypes: Option<Table> = None;
        /// The least number of threads in x, y and z, or a function of the call's table that returns it. By default one
        /// for each element (or vector) of the first output.
        pub threads: Option<Counts> = None;
        /// The number of workgroups, instead of threads.
        pub groups: Option<Counts> = None;
        /// Seconds after which a launch counts as endless. That is an error, and the device is given up, since nothing
        /// can break a launch off. On a GPU device a kernel's first launch is waited for at once, later ones where
        /// something is read.
        pub limit: f64 = 10.0;
    }
}

/// Up to three counts, as numbers, or as what a function makes of the call's table.
#[derive(Clone)]
pub enum Counts {
    Given([usize; 3]),
    Computed(Function),
}

impl Argument for Counts {
    fn kind(_: &mut Docs) -> String {
        "integer|integer[]|fun(inputs: table): integer[]".into()
    }

    fn from_value(value: Value, lua: &mlua::Lua, op: &str, name: &str) -> Result<Self> {
        Ok(match value {
            Value::Function(function) => Self::Computed(function),
            value => Self::Given(counts(value, lua, op, name)?),
        })
    }
}

fn counts(value: Value, lua: &mlua::Lua, op: &str, name: &str) -> Result<[usize; 3]> {
    let given = match value {
        Value::Table(_) => Vec::<usize>::from_value(value, lua, op, name)?,
        value => vec![usize::from_value(value, lua, op, name)?],
    };
    if given.is_empty() || given.len() > 3 {
        return Err(Error::argument(op, name, "one to three counts", format!("{} of them", given.len())));
    }
    Ok(std::array::from_fn(|dim| given.get(dim).copied().unwrap_or(1)))
}

impl Counts {
    pub(super) fn of(&self, lua: &mlua::Lua, op: &str, name: &str, inputs: &Table) -> Result<[usize; 3]> {
        match self {
            Self::Given(counts) => Ok(*counts),
            Self::Computed(function) => {
                counts(function.call::<Value>(inputs).map_err(Error::callback)?, lua, op, &format!("the {name}"))
            }
        }
    }
}

/// The kernel of a gradient: its file, and how large its launches are.
#[derive(Clone)]
pub struct Backward {
    pub file: String,
    pub threads: Option<Counts>,
    pub groups: Option<Counts>,
}

impl Argument for Backward {
    fn kind(_: &mut Docs) -> String {
        "string|table".into()
    }

    fn from_value(value: Value, lua: &mlua::Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = value else {
            return Ok(Self { file: String::from_value(value, lua, op, name)?, threads: None, groups: None });
        };
        let get = |key: Value| table.raw_get::<Value>(key).map_err(Error::callback);
        for (key, _) in order::entries(&table).map_err(Error::callback)? {
            match &key {
                Value::Integer(1) => {}
                Value::String(key) if ["threads", "groups"].iter().any(|known| key.as_bytes() == known.as_bytes()) => {}
                key => return Err(Error::argument(op, name, "{ file, threads =, groups = }", value_name(key))),
            }
        }
        let text = |name: &str| lua.create_string(name).map(Value::String).map_err(Error::callback);
        Ok(Self {
            file: String::from_value(get(Value::Integer(1))?, lua, op, &format!("{name}[1]"))?,
            threads: Option::from_value(get(text("threads")?)?, lua, op, "threads")?,
            groups: Option::from_value(get(text("groups")?)?, lua, op, "groups")?,
        })
    }
}

/// The shapes of the outputs by name: a table, or what a function makes of the call's table.
#[derive(Clone)]
pub enum Shapes {
    Given(Table),
    Computed(Function),
}

impl Argument for Shapes {
    fn kind(_: &mut Docs) -> String {
        "table<string, string|integer[]>|fun(inputs: table): table<string, string|integer[]>".into()
    }

    fn from_value(value: Value, _: &mlua::Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Table(table) => Ok(Self::Given(table)),
            Value::Function(function) => Ok(Self::Computed(function)),
            other => Err(mismatch(op, name, "a table of shapes by output, or a function that returns one", &other)),
        }
    }
}
