//! The least and the greatest of some numbers as a script writes them: a list of two.

use mlua::{Lua, Value};

use super::api::{Argument, Docs};
use crate::{Error, Result, options::Span};

impl Argument for Span {
    fn kind(_: &mut Docs) -> String {
        "number[]".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match Vec::<f32>::from_value(value, lua, op, name)?.as_slice() {
            [low, high] => Ok(Self([*low, *high])),
            other => Err(Error::argument(op, name, "two numbers { low, high }", format!("{} numbers", other.len()))),
        }
    }
}
