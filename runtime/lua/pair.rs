//! Height and width as a script writes them: a number for both, or a list of two; and what stands around an image.

use mlua::{Lua, Value};

use super::{
    api::{Argument, Docs},
    object::named,
};
use crate::{
    Error, Result,
    nn::{Padding, PaddingMode},
    options::Pair,
};

named! {
    PaddingMode;
}

impl Argument for Pair {
    fn kind(_: &mut Docs) -> String {
        "integer|integer[]".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let sides = match value {
            Value::Table(_) => Vec::<u64>::from_value(value, lua, op, name)?,
            value => vec![u64::from_value(value, lua, op, name)?],
        };
        match sides.as_slice() {
            [side] => Ok(Self::square(*side as usize)),
            [height, width] => Ok(Self([*height as usize, *width as usize])),
            other => {
                Err(Error::argument(op, name, "a number, or { height, width }", format!("{} numbers", other.len())))
            }
        }
    }
}

impl<T: Argument> Argument for Padding<T> {
    fn kind(docs: &mut Docs) -> String {
        format!("{}|\"same\"", T::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match &value {
            Value::String(text) if *text == "same" => Ok(Self::Same),
            Value::String(text) => {
                Err(Error::argument(op, name, "a number, or \"same\"", format!("'{}'", text.to_string_lossy())))
            }
            _ => T::from_value(value, lua, op, name).map(Self::Sides),
        }
    }
}
