//! Options of augmentations as a script writes them.

use mlua::{Lua, Value};

use crate::{
    Error, Result,
    augment::{Edge, ErasingValue, Interpolation, Sampling, Translation},
    lua::{
        api::{Argument, Docs},
        object::named,
    },
    options::{PerChannel, Spread},
};

named! {
    Interpolation;
    Sampling;
    Edge;
}

impl Argument for PerChannel {
    fn kind(_: &mut Docs) -> String {
        "number|number[]".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Table(_) => match Vec::<f32>::from_value(value, lua, op, name)? {
                numbers if numbers.is_empty() => {
                    Err(Error::argument(op, name, "a number, or one for each channel", "an empty list"))
                }
                numbers if numbers.len() == 1 => Ok(Self::All(numbers[0])),
                numbers => Ok(Self::Each(numbers.into())),
            },
            number => f32::from_value(number, lua, op, name).map(Self::All),
        }
    }
}

impl Argument for ErasingValue {
    fn kind(docs: &mut Docs) -> String {
        format!("{}|\"random\"", PerChannel::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match &value {
            Value::String(text) if *text == "random" => Ok(Self::Random),
            Value::String(text) => {
                let want = "a number, one for each channel, or \"random\"";
                Err(Error::argument(op, name, want, format!("'{}'", text.to_string_lossy())))
            }
            _ => PerChannel::from_value(value, lua, op, name).map(Self::Values),
        }
    }
}

impl Argument for Spread {
    fn kind(_: &mut Docs) -> String {
        "number|number[]".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match two(value, lua, op, name, "a number, or two { low, high }")? {
            Two::One(number) => Ok(Self::around_zero(number.abs())),
            Two::Both(numbers) => Ok(Self(numbers)),
        }
    }
}

impl Argument for Translation {
    fn kind(_: &mut Docs) -> String {
        "number|number[]".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match two(value, lua, op, name, "a number, or two { across, down }")? {
            Two::One(number) => Ok(Self([number; 2])),
            Two::Both(numbers) => Ok(Self(numbers)),
        }
    }
}

/// One number, or two.
enum Two {
    One(f32),
    Both([f32; 2]),
}

fn two(value: Value, lua: &Lua, op: &str, name: &str, want: &str) -> Result<Two> {
    if !matches!(value, Value::Table(_)) {
        return f32::from_value(value, lua, op, name).map(Two::One);
    }
    match Vec::<f32>::from_value(value, lua, op, name)?.as_slice() {
        [one, other] => Ok(Two::Both([*one, *other])),
        other => Err(Error::argument(op, name, want, format!("{} numbers", other.len()))),
    }
}
