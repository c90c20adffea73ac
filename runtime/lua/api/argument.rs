//! What a Lua value must be to become an argument of a handler.

use std::rc::Rc;

use mlua::{Function, Lua, Table, Value};

use super::{Docs, Given};
use crate::{Error, Result, error::with_article, interrupt::Interrupt, message};

/// The function that is being called, for messages.
pub struct Call {
    op: String,
    /// What is written before the parentheses: `t:sum`, `mb.zeros`.
    path: String,
    names: Rc<[String]>,
    /// Says when the user asked to stop.
    pub(super) interrupt: Interrupt,
}

impl Call {
    pub(super) fn new(op: &str, path: String, names: Rc<[String]>, interrupt: Interrupt) -> Self {
        Self { op: op.into(), path, names, interrupt }
    }

    /// The name of the function.
    pub fn op(&self) -> &str {
        &self.op
    }

    /// What is written before the parentheses.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The names of the arguments, self among them.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn name(&self, position: usize) -> &str {
        self.names.get(position).map_or("argument", String::as_str)
    }

    pub(super) fn count(&self) -> usize {
        self.names.len()
    }
}

/// A type that a handler takes.
pub trait Argument: Sized {
    /// Its LuaLS type. Documents the options tables that it reads.
    fn kind(docs: &mut Docs) -> String;

    /// Whether it may be left out.
    const OPTIONAL: bool = false;

    /// Whether it stands for a value that the caller writes. The VM itself does not.
    const WRITTEN: bool = true;

    /// Whether it takes whatever is left.
    const REST: bool = false;

    /// Converts one value. `op` and `name` are for the message.
    ///
    /// # Errors
    /// A value of another type.
    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self>;

    /// Takes what it needs off the front of the arguments.
    ///
    /// # Errors
    /// As [`Argument::from_value`].
    fn take(values: &mut Given, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        Self::from_value(values.next(), lua, op, name)
    }
}

/// `op: name must be want, got a table`.
pub fn mismatch(op: &str, name: &str, want: &str, value: &Value) -> Error {
    Error::argument(op, name, want, value_name(value))
}

/// A value as a message names it: its type, and its text where that is short.
pub fn value_name(value: &Value) -> String {
    match value {
        Value::Nil => "nothing".into(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        // As Lua writes it: a whole one with its point.
        Value::Number(value) if value.is_finite() && value.fract() == 0.0 && value.abs() < 1e15 => {
            format!("{value:.1}")
        }
        Value::Number(value) => value.to_string(),
        Value::String(text) => format!("the string '{}'", message::bytes(&text.as_bytes())),
        Value::UserData(data) => match data.metatable().and_then(|meta| meta.get::<String>("__name")) {
            Ok(name) => with_article(&name),
            Err(_) => "a value of Rust".into(),
        },
        other => with_article(other.type_name()),
    }
}

/// Access to the VM for a handler that calls back into Lua. Takes no argument.
pub struct Interpreter(pub Lua);

impl Argument for Interpreter {
    const WRITTEN: bool = false;

    fn kind(_: &mut Docs) -> String {
        String::new()
    }

    fn from_value(_: Value, lua: &Lua, _: &str, _: &str) -> Result<Self> {
        Ok(Self(lua.clone()))
    }

    fn take(_: &mut Given, lua: &Lua, _: &str, _: &str) -> Result<Self> {
        Ok(Self(lua.clone()))
    }
}

/// All remaining arguments.
pub struct Rest<T>(pub Vec<T>);

impl<T: Argument> Argument for Rest<T> {
    const OPTIONAL: bool = true;

    const REST: bool = true;

    fn kind(docs: &mut Docs) -> String {
        format!("...{}", T::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        Ok(Self(vec![T::from_value(value, lua, op, name)?]))
    }

    fn take(values: &mut Given, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        values.take_all().map(|value| T::from_value(value, lua, op, name)).collect::<Result<_>>().map(Self)
    }
}

impl<T: Argument> Argument for Option<T> {
    const OPTIONAL: bool = true;

    fn kind(docs: &mut Docs) -> String {
        T::kind(docs)
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        if value.is_nil() { Ok(None) } else { T::from_value(value, lua, op, name).map(Some) }
    }
}

impl<T: Argument> Argument for Vec<T> {
    fn kind(docs: &mut Docs) -> String {
        format!("{}[]", T::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = &value else {
            // Several arguments where one list is meant.
            let want = if value.is_userdata() { "a list in braces, { … }" } else { "a list" };
            return Err(mismatch(op, name, want, &value));
        };
        let length = table.raw_len();
        // First of all: where there are gaps the length is any number, and may be 2⁶².
        if table.pairs::<Value, Value>().count() != length {
            return Err(Error::argument(op, name, "a list without named entries", "a table with some, or with gaps"));
        }
        let mut values = Vec::with_capacity(length);
        for position in 1..=length {
            let value = table.raw_get(position).unwrap_or_default();
            values.push(T::from_value(value, lua, op, &format!("{name}[{position}]"))?);
        }
        Ok(values)
    }
}

/// How many there are, where there may be none; a `usize` is at least 1.
pub struct Count(pub usize);

impl Count {
    /// The numbers of a list.
    pub fn all(list: Vec<Self>) -> Vec<usize> {
        list.into_iter().map(|Self(count)| count).collect()
    }
}

/// Arguments that one arm of a value converts to.
macro_rules! arguments {
    ($($type:ty, $kind:literal, $want:literal, $($pattern:pat $(if $guard:expr)? => $result:expr),+;)*) => {
        $(impl Argument for $type {
            fn kind(_: &mut Docs) -> String {
                $kind.into()
            }

            fn from_value(value: Value, _: &Lua, op: &str, name: &str) -> Result<Self> {
                match value {
                    $($pattern $(if $guard)? => Ok($result),)+
                    other => Err(mismatch(op, name, $want, &other)),
                }
            }
        })*
    };
}

arguments! {
    f64, "number", "a number", Value::Number(x) => x, Value::Integer(x) => x as f64;
    f32, "number", "a number", Value::Number(x) => x as f32, Value::Integer(x) => x as f32;
    u64, "integer", "an integer of at least 0", Value::Integer(x) if x >= 0 => x as u64,
        Value::Number(x) if x.fract() == 0.0 && (0.0..2e15).contains(&x) => x as u64;
    Count, "integer", "an integer of at least 0", Value::Integer(x) if x >= 0 => Count(x as usize),
        Value::Number(x) if x.fract() == 0.0 && (0.0..2e15).contains(&x) => Count(x as usize);
    i64, "integer", "an integer", Value::Integer(x) => x, Value::Number(x) if x.fract() == 0.0 && x.abs() < 2e15 => x as i64;
    i32, "integer", "a 32-bit integer", Value::Integer(x) if i32::try_from(x).is_ok() => x as i32,
        Value::Number(x) if x.fract() == 0.0 && f64::from(x as i32) == x => x as i32;
    usize, "integer", "a positive integer", Value::Integer(x) if x > 0 => x as usize,
        Value::Number(x) if x.fract() == 0.0 && x > 0.0 && x < 2e15 => x as usize;
    bool, "boolean", "true or false", Value::Boolean(x) => x;
    Function, "function", "a function", Value::Function(f) => f;
    Table, "table", "a table", Value::Table(t) => t;
}

impl Argument for String {
    fn kind(_: &mut Docs) -> String {
        "string".into()
    }

    fn from_value(value: Value, _: &Lua, op: &str, name: &str) -> Result<Self> {
        match &value {
            Value::String(text) => match text.to_str() {
                Ok(text) => Ok(text.to_owned()),
                Err(_) => Err(Error::argument(op, name, "UTF-8 text", "other bytes")),
            },
            _ => Err(mismatch(op, name, "a string", &value)),
        }
    }
}

impl Argument for Value {
    const OPTIONAL: bool = true;

    fn kind(_: &mut Docs) -> String {
        "any".into()
    }

    fn from_value(value: Value, _: &Lua, _: &str, _: &str) -> Result<Self> {
        Ok(value)
    }
}
