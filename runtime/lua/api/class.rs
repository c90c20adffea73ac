//! A declared class: methods, operators and fields of a Rust type.

use std::{collections::BTreeSet, marker::PhantomData, rc::Rc};

use mlua::{AnyUserData, Lua, MultiValue, UserDataFields, UserDataMethods, Value};

use super::{Docs, Entry, Handler, mismatch, pytorch};
use crate::{
    Error, Result,
    error::with_article,
    guard::guard,
    lua::{cost, error::raise, order::objects},
};

/// What `object.name` gives where `name` is no declared method: none to raise the usual error.
pub type DynamicFields = Rc<dyn Fn(&Lua, &AnyUserData, &str) -> mlua::Result<Option<Value>>>;

/// What `object[position]` gives.
type Index<T> = fn(&T, i64) -> Result<T>;

/// A field: its name, its LuaLS type, what it is.
pub type Field = (&'static str, &'static str, &'static str);

/// A declared class of values of the Rust type `T`.
pub struct Class<T> {
    name: &'static str,
    doc: &'static str,
    entries: Vec<Entry>,
    operators: Vec<(&'static str, Entry)>,
    fields: Option<(Vec<Field>, DynamicFields)>,
    index: Option<Index<T>>,
    type_of: PhantomData<T>,
}

impl<T: 'static> Class<T> {
    pub(super) fn new(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, entries: Vec::new(), operators: Vec::new(), fields: None, index: None, type_of: PhantomData }
    }

    /// Declares a method; the handler's first argument is the object.
    pub fn method<A>(
        &mut self,
        docs: &mut Docs,
        name: &str,
        parameters: &str,
        doc: &str,
        handler: impl Handler<A> + 'static,
    ) -> &mut Self {
        self.entries.push(Entry::new(name, parameters, doc, handler, true, docs));
        self
    }

    /// Declares what a metamethod (`__add`) does. Its operands are the handler's arguments, self included.
    pub fn operator<A>(
        &mut self,
        docs: &mut Docs,
        metamethod: &'static str,
        doc: &str,
        handler: impl Handler<A> + 'static,
    ) -> &mut Self {
        let parameters = match handler.describe(docs).0.len() {
            0 => "",
            1 => "self",
            2 if metamethod == "__call" => "self, input",
            2 => "left, right",
            _ => "self, name, value",
        };
        let op = metamethod.trim_start_matches('_');
        self.operators.push((metamethod, Entry::new(op, parameters, doc, handler, false, docs)));
        self
    }

    /// Declares what `object[position]` gives, for a position of any sign.
    pub fn index(&mut self, get: Index<T>) -> &mut Self {
        self.index = Some(get);
        self
    }

    /// Declares fields (name, LuaLS type, documentation) that `get` reads. Names that it finds beyond these are
    /// dynamic.
    pub fn fields(&mut self, fields: Vec<Field>, get: DynamicFields) -> &mut Self {
        self.fields = Some((fields, get));
        self
    }
}

/// A class with its Rust type erased.
pub(super) trait Declared {
    fn name(&self) -> &'static str;
    fn doc(&self) -> &'static str;
    fn entries(&self) -> &[Entry];
    fn operators(&self) -> &[(&'static str, Entry)];
    fn fields(&self) -> &[Field];
    fn install(&self, lua: &Lua) -> mlua::Result<()>;
}

impl<T: 'static> Declared for Class<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }

    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn operators(&self) -> &[(&'static str, Entry)] {
        &self.operators
    }

    fn fields(&self) -> &[Field] {
        self.fields.as_ref().map_or(&[], |(fields, _)| fields)
    }

    fn install(&self, lua: &Lua) -> mlua::Result<()> {
        // What stands for any name, or for any position, is no name.
        let fields = self.fields().iter().map(|field| field.0).filter(|name| !name.starts_with('['));
        let names: BTreeSet<&str> = self.entries.iter().map(|entry| entry.name.as_str()).chain(fields).collect();
        let known: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let class = self.name;
        let dynamic = self.fields.as_ref().map(|(_, get)| get.clone());
        let index = self.index;
        lua.register_userdata_type::<T>(|registry| {
            registry.add_meta_field("__name", class);
            for entry in &self.entries {
                let (callback, name) = (entry.callback(), entry.name.clone());
                registry.add_function(entry.name.as_str(), move |lua, values: MultiValue| match values.front() {
                    Some(Value::UserData(object)) if object.is::<T>() => callback(lua, values),
                    first => Err(raise(lua, without_colon(class, &name, first))),
                });
            }
            for (metamethod, entry) in &self.operators {
                let callback = entry.callback();
                registry.add_meta_function(*metamethod, move |lua, values: MultiValue| callback(lua, values));
            }
            // Reached only where no method has the name.
            registry.add_meta_function("__index", move |lua, (object, key): (AnyUserData, Value)| {
                let key = match (&key, index) {
                    (Value::String(name), _) => name.to_string_lossy(),
                    (Value::Integer(position), Some(index)) => return element(lua, &object, *position, index),
                    // A whole number is the same key in Lua, however it is written.
                    (Value::Number(position), Some(index)) if position.fract() == 0.0 && position.abs() < 2e15 => {
                        return element(lua, &object, *position as i64, index);
                    }
                    (Value::UserData(_), Some(_)) => {
                        let want = "a name or a position (several: t:select(dim, positions); a mask: mb.where)";
                        return Err(raise(lua, mismatch(class, "a key", want, &key)));
                    }
                    (_, Some(_)) => return Err(raise(lua, mismatch(class, "a key", "a name or a position", &key))),
                    _ => return Err(raise(lua, mismatch(class, "a key", "a name", &key))),
                };
                if let Some(get) = &dynamic
                    && let Some(value) = get(lua, &object, &key)?
                {
                    return Ok(value);
                }
                Err(raise(lua, pytorch::unknown(class, "name", key, &known)))
            });
        })
    }
}

/// A method that was called without its object.
fn without_colon(class: &str, method: &str, first: Option<&Value>) -> Error {
    let want = format!("{} (write {}:{method}(…), with a colon)", with_article(class), class.to_lowercase());
    mismatch(method, "self", &want, first.unwrap_or(&Value::Nil))
}

fn element<T: 'static>(lua: &Lua, object: &AnyUserData, position: i64, index: Index<T>) -> mlua::Result<Value> {
    let object = object.borrow::<T>()?;
    let found = cost::counted(|| guard("index", || index(&object, position)));
    // That is how a loop over positions finds its end.
    if matches!(found, Err(Error::OutOfRange { .. })) && position > 1 && is_in_ipairs(lua) {
        return Ok(Value::Nil);
    }
    cost::collect_if_due(lua)
        .and(found)
        .map_err(|error| raise(lua, error))
        .and_then(|found| Ok(Value::UserData(objects::create(lua, found)?)))
}

/// Whether it is the iterator of `ipairs` that asks for an element.
fn is_in_ipairs(lua: &Lua) -> bool {
    // Between it and the callback are functions of the binding, and no script's, whose sources begin with an @.
    let iterates = (1..6).map_while(|level| {
        let is_iterator = lua.inspect_stack(level, |frame| {
            let source = frame.source();
            let is_script = source.source.is_some_and(|name| name.starts_with('@'));
            (!is_script).then(|| source.what == "C" && frame.names().name_what == Some("for iterator"))
        });
        is_iterator.flatten()
    });
    iterates.into_iter().any(|is_iterator| is_iterator)
}
