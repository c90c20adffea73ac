//! The declare-once layer: from one declaration of a function or method come its registration, its argument checks,
//! its suggestions, its Lua type definitions and its reference page. Knows nothing of what is declared.

mod argument;
mod class;
mod definitions;
mod entry;
mod handler;
mod options;
mod reference;
mod returned;

pub use argument::{Argument, Call, Lua1, Rest, mismatch, value_name};
pub use class::Class;
pub use definitions::definitions;
pub use entry::{Docs, Entry, OptionsDoc};
pub use handler::Handler;
pub(crate) use options::{options, read_field, unknown_key};
pub use reference::reference;
pub use returned::Returned;

use mlua::{Lua, Table};

/// Everything that is declared: free functions of the module `moonburn` and classes.
#[derive(Default)]
pub struct Api {
    functions: Vec<Entry>,
    classes: Vec<Box<dyn class::Declared>>,
    docs: Docs,
}

impl Api {
    /// Declares a function under a dotted name (`nn.linear`). `parameters` are the names of the handler's arguments
    /// in order, comma-separated; their types are the handler's.
    pub fn function<A>(&mut self, name: &str, parameters: &str, doc: &str, handler: impl Handler<A> + 'static) -> &mut Self {
        self.functions.push(Entry::new(name, parameters, doc, handler, false, &mut self.docs));
        self
    }

    /// Declares a class.
    pub fn class<T: 'static>(&mut self, name: &'static str, doc: &'static str, declare: impl FnOnce(&mut Class<T>, &mut Docs)) {
        let mut class = Class::new(name, doc);
        declare(&mut class, &mut self.docs);
        self.classes.push(Box::new(class));
    }

    /// Registers everything and returns the table that `require "moonburn"` gives.
    pub(crate) fn install(&self, lua: &Lua) -> mlua::Result<Table> {
        for class in &self.classes {
            class.install(lua)?;
        }
        let root = lua.create_table()?;
        for entry in &self.functions {
            let mut table = root.clone();
            let mut path = entry.name.split('.').collect::<Vec<_>>();
            let name = path.pop().unwrap_or_default();
            for part in path {
                table = match table.raw_get::<Option<Table>>(part)? {
                    Some(inner) => inner,
                    None => {
                        let inner = lua.create_table()?;
                        table.raw_set(part, &inner)?;
                        inner
                    }
                };
            }
            table.raw_set(name, lua.create_function(entry.callback())?)?;
        }
        self.guard_names(lua, &root, "moonburn")?;
        Ok(root)
    }

    /// Makes an unknown name of a module table an error with a suggestion, and the tables read-only.
    fn guard_names(&self, lua: &Lua, table: &Table, path: &str) -> mlua::Result<()> {
        let mut known = Vec::new();
        for pair in table.pairs::<String, mlua::Value>() {
            let (name, value) = pair?;
            if let mlua::Value::Table(inner) = &value {
                self.guard_names(lua, inner, &format!("{path}.{name}"))?;
            }
            known.push(name);
        }
        known.sort();
        let meta = lua.create_table()?;
        let owner = path.to_owned();
        let names = known.clone();
        meta.raw_set(
            "__index",
            lua.create_function(move |lua, (_, key): (mlua::Value, mlua::Value)| -> mlua::Result<mlua::Value> {
                let key = key.to_string().unwrap_or_default();
                Err(super::error::raise(lua, crate::Error::unknown(&owner, "function", key, &names)))
            })?,
        )?;
        let owner = path.to_owned();
        meta.raw_set(
            "__newindex",
            lua.create_function(move |lua, _: mlua::MultiValue| -> mlua::Result<()> {
                let reason = format!("{owner} is read-only");
                Err(super::error::raise(lua, crate::Error::State { op: "assignment", reason }))
            })?,
        )?;
        table.set_metatable(Some(meta))
    }
}
