//! The declare-once layer: from one declaration of a function or method come its registration, its argument checks,
//! its suggestions, its Lua type definitions and its reference page. Knows nothing of what is declared.

mod argument;
mod class;
mod definitions;
mod described;
mod docs;
mod entry;
mod entry_point;
mod field;
mod given;
mod handler;
mod help;
mod index;
mod invocation;
mod lookup;
mod named_arguments;
mod options;
mod pytorch;
mod reference;
mod returned;
mod unwritten;
mod vocabulary;

pub use argument::{Argument, Call, Count, Interpreter, Rest, mismatch, value_name};
pub use class::Class;
pub use definitions::definitions;
pub use docs::{Docs, OptionsDoc};
pub use entry::Entry;
pub use entry_point::{Absent, EntryPoint, Form, Passed};
pub use given::Given;
pub use handler::Handler;
pub use help::help;
pub(crate) use options::unknown_key;
pub(crate) use pytorch::unknown as unknown_name;
pub use reference::reference;
pub(super) use returned::of_kind;
pub use returned::{MORE, Returned, Several, alone};
pub use vocabulary::Vocabulary;

use std::{collections::BTreeSet, rc::Rc};

use mlua::{Function, Lua, MultiValue, Table, Value};

use super::raised::raise;
use crate::Error;
use described::Described;
use handler::Erased;

/// Everything that is declared: free functions of the module `moonburn`, classes, and what a script may return.
#[derive(Default)]
pub struct Api {
    entry_points: Vec<EntryPoint>,
    functions: Vec<Entry>,
    classes: Vec<Described>,
    docs: Docs,
}

impl Api {
    /// Declares a function under a dotted name (`nn.linear`). `parameters` are the names of the handler's arguments
    /// in order, comma-separated; their types are the handler's.
    pub fn function<A>(
        &mut self,
        name: &str,
        parameters: &str,
        doc: &str,
        handler: impl Handler<A> + 'static,
    ) -> &mut Entry {
        self.declare(name, parameters, doc, Erased::new(handler))
    }

    fn declare(&mut self, name: &str, parameters: &str, doc: &str, handler: Erased) -> &mut Entry {
        self.functions.push_mut(Entry::new(name, parameters, doc, handler, false, &mut self.docs))
    }

    /// Documents an options table that no function takes. Returns its LuaLS type.
    pub fn table<T: Argument>(&mut self) -> String {
        T::kind(&mut self.docs)
    }

    /// Declares something that a script may return.
    pub fn entry_point(&mut self, entry_point: EntryPoint) {
        self.entry_points.push(entry_point);
    }

    /// What a script may return.
    pub fn entry_points(&self) -> &[EntryPoint] {
        &self.entry_points
    }

    /// The declared examples, each with the name of what it is about.
    pub fn examples(&self) -> Vec<(String, &str)> {
        let functions = self.functions.iter().map(|entry| (format!("mb.{}", entry.name), &entry.example));
        let all = functions.chain(self.classes.iter().flat_map(Described::examples));
        all.filter_map(|(name, example)| Some((name, example.as_deref()?))).collect()
    }

    /// Declares a class.
    pub fn class<T: 'static>(
        &mut self,
        name: &'static str,
        doc: &'static str,
        declare: impl FnOnce(&mut Class<T>, &mut Docs),
    ) {
        let mut class = Class::new(name, doc);
        declare(&mut class, &mut self.docs);
        self.classes.push(class.described());
    }

    /// The names in the module's own table: `zeros`, `nn`.
    pub(crate) fn names(&self) -> Vec<String> {
        let first = |entry: &Entry| entry.name.split('.').next().unwrap_or_default().to_owned();
        self.functions.iter().map(first).collect::<BTreeSet<_>>().into_iter().collect()
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
            let path = entry.name.clone();
            let check = move |_: &Lua, values: &Given| match values.get(0) {
                Some(Value::Table(first)) if is_view(first) => Err(with_colon(&path)),
                _ => Ok(()),
            };
            table.raw_set(name, entry.function(lua, check)?)?;
        }
        let tensor = self.classes.iter().find(|class| class.name == "Tensor");
        let methods = tensor.map_or(&[][..], |class| &class.entries).iter().map(|entry| entry.name.clone());
        read_only(lua, &root, "moonburn", &methods.collect())
    }
}

/// A function of the module that was called as if it were a method.
fn with_colon(path: &str) -> Error {
    let name = path.rsplit('.').next().unwrap_or_default();
    Error::argument(name, "the call", format!("mb.{path}(…), with a dot"), "a colon")
}

/// Whether a table is the view of a module's table.
fn is_view(table: &Table) -> bool {
    table.metatable().is_some_and(|meta| matches!(meta.raw_get("__metatable"), Ok(Value::Boolean(false))))
}

/// A view of a module's table that nobody can assign to, and in which an unknown name is an error with a suggestion.
fn read_only(lua: &Lua, table: &Table, path: &str, methods: &Rc<[String]>) -> mlua::Result<Table> {
    let mut known = Vec::new();
    for pair in table.pairs::<String, Value>() {
        let (name, value) = pair?;
        if let Value::Table(inner) = &value {
            table.raw_set(name.as_str(), read_only(lua, inner, &format!("{path}.{name}"), methods)?)?;
        }
        known.push(name);
    }
    known.sort();
    let (owner, methods) = (path.to_owned(), methods.clone());
    let unknown = lua.create_function(move |lua, (_, key): (Value, Value)| -> mlua::Result<Value> {
        let key = key.to_string().unwrap_or_default();
        Err(raise(
            lua,
            match methods.contains(&key) {
                true => Error::Elsewhere {
                    op: owner.clone(),
                    what: "function",
                    instead: format!("it is a method of tensors, t:{key}(…)"),
                    got: key,
                },
                false => pytorch::unknown(&owner, "function", key, &known),
            },
        ))
    })?;
    let missing = lua.create_table()?;
    missing.raw_set("__index", unknown)?;
    table.set_metatable(Some(missing))?;

    let reason = format!("{path} is read-only");
    let assign = lua.create_function(move |lua, _: MultiValue| -> mlua::Result<()> {
        Err(raise(lua, Error::State { op: "assignment", reason: reason.clone() }))
    })?;
    let (pairs, inner): (Function, _) = (lua.globals().raw_get("pairs")?, table.clone());
    let meta = lua.create_table()?;
    meta.raw_set("__index", table)?;
    meta.raw_set("__newindex", assign)?;
    meta.raw_set("__pairs", lua.create_function(move |_, _: Value| pairs.call::<MultiValue>(&inner))?)?;
    // Keeps getmetatable from handing out the table behind the view.
    meta.raw_set("__metatable", false)?;
    let view = lua.create_table()?;
    view.set_metatable(Some(meta))?;
    Ok(view)
}
