//! Declaring a class: methods, operators and fields of a Rust type. This file knows the type; the declarations are kept
//! without it.

use std::{marker::PhantomData, rc::Rc};

use mlua::{Lua, Value};

use super::{
    Docs, Entry, Handler, Returned,
    described::{Described, Fallback},
    field::Field,
    handler::Erased,
    lookup::{element, keyed},
};
use crate::Result;

/// A declared class of values of the Rust type `T`.
pub struct Class<T>(Described, PhantomData<T>);

impl<T: 'static> Class<T> {
    pub(super) fn new(name: &'static str, doc: &'static str) -> Self {
        Self(Described::of::<T>(name, doc), PhantomData)
    }

    /// What was declared.
    pub(super) fn described(self) -> Described {
        self.0
    }

    /// Shows how objects of the class are made and used, as [`Entry::example`] does of one entry.
    pub fn example(&mut self, lua: impl Into<String>) -> &mut Self {
        self.0.example = Some(lua.into());
        self
    }

    /// Declares a method; the handler's first argument is the object.
    pub fn method<A>(
        &mut self,
        docs: &mut Docs,
        name: &str,
        parameters: &str,
        doc: &str,
        handler: impl Handler<A> + 'static,
    ) -> &mut Entry {
        self.0.method(docs, name, parameters, doc, Erased::new(handler))
    }

    /// Declares what a metamethod (`__add`) does. Its operands are the handler's arguments, self included.
    pub fn operator<A>(
        &mut self,
        docs: &mut Docs,
        metamethod: &'static str,
        doc: &str,
        handler: impl Handler<A> + 'static,
    ) -> &mut Entry {
        self.0.operator(docs, metamethod, doc, Erased::new(handler))
    }

    /// Declares what `object.name = value` does. It is refused for the names of methods and fields.
    pub fn assignment<A>(&mut self, docs: &mut Docs, doc: &str, handler: impl Handler<A> + 'static) -> &mut Entry {
        self.0.keeps_names = true;
        self.0.operator(docs, "__newindex", doc, Erased::new(handler))
    }

    /// Declares a field and what it holds. Its LuaLS type is that of what the getter returns.
    pub fn field<O: Returned>(
        &mut self,
        name: &'static str,
        doc: &'static str,
        get: impl Fn(&T) -> Result<O> + 'static,
    ) -> &mut Self {
        self.0.fields.push(Field::new(name, doc, get));
        self
    }

    /// Declares a field that lists sizes.
    pub fn sizes(&mut self, name: &'static str, doc: &'static str, get: fn(&T) -> &[usize]) -> &mut Self {
        self.0.fields.push(Field::sizes(name, doc, get));
        self
    }

    /// Declares what `object.name` gives for names that are neither methods nor fields: none where there is nothing
    /// of that name. `get` is told the names of methods and fields, for a message of its own.
    pub fn other_names<O: Returned>(
        &mut self,
        doc: &'static str,
        get: impl Fn(&T, &str, &[String]) -> Result<Option<O>> + 'static,
    ) -> &mut Self {
        self.0.named = Some(Fallback::by_name(doc, get));
        self
    }

    /// Declares what `object[position]` gives, for a position of any sign.
    pub fn index(&mut self, doc: &'static str, get: fn(&T, i64) -> Result<T>) -> &mut Self
    where
        T: Returned,
    {
        let get = Rc::new(move |lua: &_, object: &_, position| element(lua, object, position, get));
        self.0.index = Some(Fallback { kind: T::kind(), doc, get });
        self
    }

    /// Declares what `object[key]` gives for a table or an object as a key.
    pub fn index_by(&mut self, doc: &'static str, get: fn(&Lua, &T, &Value) -> Result<T>) -> &mut Self
    where
        T: Returned,
    {
        let get = Rc::new(move |lua: &_, object: &_, key: &_| keyed(lua, object, key, get));
        self.0.keyed = Some(Fallback { kind: T::kind(), doc, get });
        self
    }
}
