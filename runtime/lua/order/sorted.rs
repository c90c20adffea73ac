//! The keys of a table, sorted kind by kind: a list of a hundred thousand names in hundredths of a second.

use mlua::{IntoLua, Lua, LuaString, Table, Value};

use super::{Key, key::Number};
use crate::Error;

/// More values of Lua than this are never held at once: a VM gives the core references to about a million, and its own
/// code needs some.
pub const MOST_HELD: usize = 300_000;

/// So many names keep their value of Lua; others are made again from their bytes.
const HELD: usize = 1 << 16;

/// Keys in their order.
#[derive(Default)]
pub struct Sorted {
    positions: Vec<i64>,
    numbers: Vec<Number>,
    names: Names,
    booleans: Vec<bool>,
    objects: Vec<(u64, Value)>,
    unordered: Vec<Value>,
}

impl Sorted {
    /// The keys of a table without the positions up to `done`.
    ///
    /// # Errors
    /// Lua has no memory.
    pub fn of(table: &Table, done: i64) -> mlua::Result<Self> {
        let mut keys = Self::default();
        // Taking a value as a boolean never fails and makes nothing.
        table.for_each(|key: Value, _: bool| {
            if keys.objects.len() + keys.unordered.len() >= MOST_HELD {
                let reason = format!("a table of more than {MOST_HELD} objects as keys is too large");
                return Err(mlua::Error::external(Error::State { op: "pairs", reason }));
            }
            match key {
                Value::Integer(position) if (1..=done).contains(&position) => {}
                Value::String(name) => keys.names.push(name),
                key => match Key::of(&key) {
                    Key::Position(position) => keys.positions.push(position),
                    Key::Number(number) => keys.numbers.push(number),
                    Key::Boolean(boolean) => keys.booleans.push(boolean),
                    Key::Object(number) => keys.objects.push((number, key)),
                    Key::Name(_) | Key::Unordered => keys.unordered.push(key),
                },
            }
            Ok(())
        })?;
        keys.positions.sort_unstable();
        keys.numbers.sort_unstable();
        keys.names.sort();
        keys.booleans.sort_unstable();
        keys.objects.sort_unstable_by_key(|(number, _)| *number);
        Ok(keys)
    }

    /// Whether some have no order.
    pub fn has_unordered(&self) -> bool {
        !self.unordered.is_empty()
    }

    fn len(&self) -> usize {
        let small = self.positions.len() + self.numbers.len() + self.booleans.len();
        small + self.names.entries.len() + self.objects.len() + self.unordered.len()
    }

    /// A list of the keys; none where there are none.
    ///
    /// # Errors
    /// Lua has no memory.
    pub fn into_list(self, lua: &Lua) -> mlua::Result<Option<Table>> {
        let length = self.len();
        if length == 0 {
            return Ok(None);
        }
        let list = lua.create_table_with_capacity(length, 0)?;
        let Names { bytes, entries } = self.names;
        self.positions.into_iter().try_for_each(|position| list.raw_push(position))?;
        self.numbers.into_iter().try_for_each(|number| match number {
            Number::Integer(integer) => list.raw_push(integer),
            Number::Float(float) => list.raw_push(float),
        })?;
        entries.into_iter().try_for_each(|entry| match entry.name {
            Some(name) => list.raw_push(name),
            None => list.raw_push(lua.create_string(&bytes[entry.start..entry.end])?),
        })?;
        self.booleans.into_iter().try_for_each(|boolean| list.raw_push(boolean))?;
        let objects = self.objects.into_iter().map(|(_, object)| object);
        objects.chain(self.unordered).try_for_each(|value| list.raw_push(value.into_lua(lua)?))?;
        Ok(Some(list))
    }
}

/// Names with their bytes beside one another.
#[derive(Default)]
struct Names {
    bytes: Vec<u8>,
    entries: Vec<Name>,
}

struct Name {
    /// The first eight bytes as a number, which decides most comparisons.
    prefix: u64,
    start: usize,
    end: usize,
    name: Option<LuaString>,
}

impl Names {
    fn push(&mut self, name: LuaString) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&name.as_bytes());
        let own = &self.bytes[start..];
        let mut prefix = [0; 8];
        let length = own.len().min(8);
        prefix[..length].copy_from_slice(&own[..length]);
        let name = (self.entries.len() < HELD).then_some(name);
        self.entries.push(Name { prefix: u64::from_be_bytes(prefix), start, end: self.bytes.len(), name });
    }

    fn sort(&mut self) {
        let text = |name: &Name| &self.bytes[name.start..name.end];
        self.entries.sort_unstable_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| text(a).cmp(text(b))));
    }
}
