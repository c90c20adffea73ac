//! One value, or a list of them.

use mlua::{Lua, Value};

use super::{
    api::{Argument, Docs},
    position::Dim,
};
use crate::Result;

/// A value, or a list of values.
pub enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    /// All of them.
    pub fn all(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::More(all) => all,
        }
    }
}

impl OneOrMore<Dim> {
    /// The dims of a tensor with `rank` dims, from 0.
    pub fn of(self, op: &'static str, rank: usize) -> Result<Vec<usize>> {
        self.all().into_iter().map(|dim| dim.of(op, rank)).collect()
    }
}

impl<T: Argument> Argument for OneOrMore<T> {
    fn kind(docs: &mut Docs) -> String {
        let one = T::kind(docs);
        format!("{one}|{one}[]")
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match &value {
            // With names it is no list of them: the message is about the one.
            Value::Table(table) if table.raw_len() > 0 => Vec::from_value(value, lua, op, name).map(Self::More),
            _ => T::from_value(value, lua, op, name).map(Self::One),
        }
    }
}
