//! What a script says of a kernel where it is made.

use mlua::{Function, Table, Value};

use crate::{
    Error, Result,
    kernel::Size,
    lua::{
        api::{Argument, Docs, mismatch},
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
        /// Values of the text's overrides by their names, of the backward kernel's too; so one text serves several sizes
        /// of a workgroup.
        pub constants: Option<Table> = None;
        /// The bindings, those of the backward kernel too, whose tensors [N, C, …] lie there as [N, …, C]. What a
        /// convolution on a GPU gives lies so already; all else is copied.
        pub channels_last: Option<Vec<String>> = None;
        /// The time after which a launch counts as endless. That is an error, and the device is given up, since nothing
        /// can break a launch off. On a GPU device a kernel's first launch is waited for at once, later ones where
        /// something is read.
        pub limit: f64 = 10.0, in 0.001..=1_000_000.0, unit "seconds";
        ..launch: LaunchOptions;
    }
    /// How large the launches of a kernel are.
    #[derive(Clone)]
    pub struct LaunchOptions {
        /// The least number of threads in x, y and z, or a function of the call's table that returns it. By default one
        /// for each element (or vector) of the first output.
        pub threads: Option<Counts> = None;
        /// The number of workgroups, instead of threads.
        pub groups: Option<Counts> = None;
    }
}

impl LaunchOptions {
    /// Both are given, of which one would be passed over.
    pub(super) fn contradicts(&self) -> bool {
        self.threads.is_some() && self.groups.is_some()
    }

    /// The size of a call's launch.
    pub(super) fn size(&self, lua: &mlua::Lua, op: &str, inputs: &Table) -> Result<Size> {
        match (&self.threads, &self.groups) {
            (Some(counts), _) => counts.of(lua, op, "threads", inputs).map(Size::Threads),
            (_, Some(counts)) => counts.of(lua, op, "groups", inputs).map(Size::Groups),
            _ => Ok(Size::Derived),
        }
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
    pub launch: LaunchOptions,
}

impl Argument for Backward {
    fn kind(_: &mut Docs) -> String {
        "string|table".into()
    }

    fn from_value(value: Value, lua: &mlua::Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = value else {
            return Ok(Self { file: String::from_value(value, lua, op, name)?, launch: LaunchOptions::default() });
        };
        let file = String::from_value(table.raw_get(1).map_err(Error::callback)?, lua, op, &format!("{name}[1]"))?;
        // All else is named; the script's own table stays as it is.
        let options = lua.create_table().map_err(Error::callback)?;
        for (key, value) in order::entries(&table).map_err(Error::callback)? {
            if key != Value::Integer(1) {
                options.raw_set(key, value).map_err(Error::callback)?;
            }
        }
        Ok(Self { file, launch: LaunchOptions::from_value(Value::Table(options), lua, op, name)? })
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
