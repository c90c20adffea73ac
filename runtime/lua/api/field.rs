//! A field of a class: its name, its LuaLS type, what it is, and what reads it.

use std::rc::Rc;

use mlua::{AnyUserData, Function, Lua, Value, Variadic};

use super::Returned;
use crate::{
    Error, Result,
    guard::guard,
    lua::{order::objects, raised::raise},
};

type ReadValue = dyn Fn(&Lua, &AnyUserData) -> mlua::Result<Value>;

type ReadSizes = dyn Fn(&AnyUserData) -> mlua::Result<Variadic<usize>>;

/// What reads a field of an object.
pub enum Getter {
    Value(Rc<ReadValue>),
    /// Sizes that the metamethod makes a list of.
    Sizes(Rc<ReadSizes>),
}

impl Getter {
    /// The function that takes an object.
    ///
    /// # Errors
    /// Lua has no memory.
    pub(super) fn function(&self, lua: &Lua) -> mlua::Result<Function> {
        match self {
            Self::Value(get) => {
                let get = get.clone();
                lua.create_function(move |lua, object: AnyUserData| get(lua, &object))
            }
            Self::Sizes(get) => {
                let get = get.clone();
                lua.create_function(move |_, object: AnyUserData| get(&object))
            }
        }
    }
}

/// A declared field.
pub struct Field {
    pub name: &'static str,
    /// Its LuaLS type.
    pub kind: String,
    pub doc: &'static str,
    pub(super) get: Getter,
}

impl Field {
    /// A field of objects of the Rust type `T`.
    pub(super) fn new<T: 'static, O: Returned>(
        name: &'static str,
        doc: &'static str,
        get: impl Fn(&T) -> Result<O> + 'static,
    ) -> Self {
        assert!(doc.ends_with('.'), "the documentation of {name} ends with a full stop");
        let read = move |lua: &Lua, object: &AnyUserData| {
            let object = objects::borrow::<T>(object)?;
            given(lua, guard(name, || get(&object)))
        };
        Self { name, kind: O::kind(), doc, get: Getter::Value(Rc::new(read)) }
    }

    /// A field of objects of the Rust type `T` that lists sizes, which cannot fail.
    pub(super) fn sizes<T: 'static>(name: &'static str, doc: &'static str, get: fn(&T) -> &[usize]) -> Self {
        assert!(doc.ends_with('.'), "the documentation of {name} ends with a full stop");
        let read = move |object: &AnyUserData| Ok(get(&*objects::borrow::<T>(object)?).iter().copied().collect());
        // Not `integer[]`, of which a position may be absent for all that an editor knows.
        let kind = "{ [integer]: integer }".into();
        Self { name, kind, doc, get: Getter::Sizes(Rc::new(read)) }
    }
}

/// What was read, or why not, at the script's line.
pub(super) fn given<O: Returned>(lua: &Lua, read: Result<O>) -> mlua::Result<Value> {
    let value = read.and_then(|read| read.into_value(lua).map_err(Error::callback));
    value.map_err(|error| raise(lua, error))
}
