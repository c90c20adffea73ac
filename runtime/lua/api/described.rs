//! A declared class with its Rust type erased, and its registration in a VM. Compiled once, but for the few lines that mlua
//! wants the type for.

use std::collections::BTreeSet;

use mlua::{AnyUserData, Lua, MultiValue, UserDataFields, UserDataMethods, Value};

use super::{
    Docs, Entry,
    handler::Erased,
    lookup::{DynamicFields, Index, Lookup},
    mismatch,
};
use crate::{error::with_article, lua::raised::raise};

/// A field: its name, its LuaLS type, what it is.
pub type Field = (&'static str, &'static str, &'static str);

/// A declared class.
pub struct Described {
    pub name: &'static str,
    pub doc: &'static str,
    /// Its methods.
    pub entries: Vec<Entry>,
    /// By metamethod.
    pub operators: Vec<(&'static str, Entry)>,
    pub fields: Vec<Field>,
    pub(super) dynamic: Option<DynamicFields>,
    pub(super) index: Option<Index>,
    register: fn(&Self, &Lua) -> mlua::Result<()>,
}

impl Described {
    /// A class of values of the Rust type `T`, of which nothing else is declared yet.
    pub(super) fn of<T: 'static>(name: &'static str, doc: &'static str) -> Self {
        let (entries, operators, fields) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, doc, entries, operators, fields, dynamic: None, index: None, register: register::<T> }
    }

    pub(super) fn method(&mut self, docs: &mut Docs, name: &str, parameters: &str, doc: &str, handler: Erased) {
        self.entries.push(Entry::new(name, parameters, doc, handler, true, docs));
    }

    pub(super) fn operator(&mut self, docs: &mut Docs, metamethod: &'static str, doc: &str, handler: Erased) {
        let parameters = match handler.signature.written().count() {
            0 => "",
            1 => "self",
            2 if metamethod == "__call" => "self, input",
            2 => "left, right",
            _ => "self, name, value",
        };
        let op = metamethod.trim_start_matches('_');
        self.operators.push((metamethod, Entry::new(op, parameters, doc, handler, false, docs)));
    }

    /// What it has beside its methods.
    fn lookup(&self) -> Lookup {
        // What stands for any name, or for any position, is no name.
        let fields = self.fields.iter().map(|field| field.0).filter(|name| !name.starts_with('['));
        let names: BTreeSet<&str> = self.entries.iter().map(|entry| entry.name.as_str()).chain(fields).collect();
        let known = names.into_iter().map(str::to_owned).collect();
        Lookup { class: self.name, known, dynamic: self.dynamic.clone(), index: self.index.clone() }
    }

    /// Registers the class in a VM.
    pub(super) fn install(&self, lua: &Lua) -> mlua::Result<()> {
        (self.register)(self, lua)
    }
}

fn register<T: 'static>(class: &Described, lua: &Lua) -> mlua::Result<()> {
    lua.register_userdata_type::<T>(|registry| {
        registry.add_meta_field("__name", class.name);
        for entry in &class.entries {
            registry.add_function(entry.name.as_str(), method(class.name, entry, AnyUserData::is::<T>));
        }
        for (metamethod, entry) in &class.operators {
            let callback = entry.callback();
            registry.add_meta_function(*metamethod, move |lua, values: MultiValue| callback(lua, values));
        }
        // Reached only where no method has the name.
        let lookup = class.lookup();
        registry.add_meta_function("__index", move |lua, (object, key)| lookup.get(lua, &object, &key));
    })
}

/// What calls a method of a class, for objects that `is_own` knows.
fn method(
    class: &'static str,
    entry: &Entry,
    is_own: fn(&AnyUserData) -> bool,
) -> impl Fn(&Lua, MultiValue) -> mlua::Result<MultiValue> + 'static {
    let (callback, name) = (entry.callback(), entry.name.clone());
    move |lua, values| match values.front() {
        Some(Value::UserData(object)) if is_own(object) => callback(lua, values),
        first => Err(without_colon(lua, class, &name, first)),
    }
}

/// A method that was called without its object.
#[cold]
fn without_colon(lua: &Lua, class: &str, method: &str, first: Option<&Value>) -> mlua::Error {
    let want = format!("{} (write {}:{method}(…), with a colon)", with_article(class), class.to_lowercase());
    raise(lua, mismatch(method, "self", &want, first.unwrap_or(&Value::Nil)))
}
