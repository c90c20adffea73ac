//! Declaring a class: methods, operators and fields of a Rust type. Knows the type; what is said of it is kept without.

use std::{marker::PhantomData, rc::Rc};

use super::{
    Docs, Handler,
    described::{Described, Field},
    handler::Erased,
    lookup::DynamicFields,
    lookup::element,
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

    /// Declares a method; the handler's first argument is the object.
    pub fn method<A>(
        &mut self,
        docs: &mut Docs,
        name: &str,
        parameters: &str,
        doc: &str,
        handler: impl Handler<A> + 'static,
    ) -> &mut Self {
        self.0.method(docs, name, parameters, doc, Erased::new(handler));
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
        self.0.operator(docs, metamethod, doc, Erased::new(handler));
        self
    }

    /// Declares what `object[position]` gives, for a position of any sign.
    pub fn index(&mut self, get: fn(&T, i64) -> Result<T>) -> &mut Self {
        self.0.index = Some(Rc::new(move |lua, object, position| element(lua, object, position, get)));
        self
    }

    /// Declares fields (name, LuaLS type, documentation) that `get` reads. Names that it finds beyond these are
    /// dynamic.
    pub fn fields(&mut self, fields: Vec<Field>, get: DynamicFields) -> &mut Self {
        (self.0.fields, self.0.dynamic) = (fields, Some(get));
        self
    }
}
