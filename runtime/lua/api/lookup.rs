//! What `object.name` and `object[position]` find where `name` is no method and no field: what any name stands for, an
//! element, or an error with a suggestion.

use std::rc::Rc;

use mlua::{AnyUserData, Lua, Value};

use super::{mismatch, pytorch};
use crate::{
    Error, Result,
    guard::guard,
    lua::{cost, order::objects, raised::raise},
};

/// What `object.name` gives where `name` is none of the declared names, which it is told: none to raise the usual
/// error.
pub type ByName = dyn Fn(&Lua, &AnyUserData, &str, &[String]) -> mlua::Result<Option<Value>>;

/// What `object[position]` gives.
pub type ByPosition = dyn Fn(&Lua, &AnyUserData, i64) -> mlua::Result<Value>;

/// What a class has beside its methods and fields.
pub struct Lookup {
    pub class: &'static str,
    /// Every declared name.
    pub known: Vec<String>,
    pub named: Option<Rc<ByName>>,
    pub index: Option<Rc<ByPosition>>,
}

impl Lookup {
    /// What a key stands for.
    ///
    /// # Errors
    /// There is no such name or position; the key is neither.
    #[inline(never)]
    pub fn get(&self, lua: &Lua, object: &AnyUserData, key: &Value) -> mlua::Result<Value> {
        let wrong = |want| Err(raise(lua, mismatch(self.class, "a key", want, key)));
        let name = match (key, &self.index) {
            (Value::String(name), _) => name,
            (Value::Integer(position), Some(index)) => return index(lua, object, *position),
            // A whole number is the same key in Lua, however it is written.
            (Value::Number(position), Some(index)) if position.fract() == 0.0 && position.abs() < 2e15 => {
                return index(lua, object, *position as i64);
            }
            (Value::UserData(_), Some(_)) => {
                return wrong("a name or a position (several: t:index_select(dim, positions); a mask: mb.where)");
            }
            (_, Some(_)) => return wrong("a name or a position"),
            _ => return wrong("a name"),
        };
        let bytes = name.as_bytes();
        let name = String::from_utf8_lossy(&bytes);
        if let Some(get) = &self.named
            && let Some(value) = get(lua, object, &name, &self.known)?
        {
            return Ok(value);
        }
        Err(raise(lua, pytorch::unknown(self.class, "name", name.into_owned(), &self.known)))
    }
}

/// The element of an object at a position.
pub fn element<T: 'static>(
    lua: &Lua,
    object: &AnyUserData,
    position: i64,
    get: fn(&T, i64) -> Result<T>,
) -> mlua::Result<Value> {
    let object = objects::borrow::<T>(object)?;
    let found = cost::counted(|| guard("index", || get(&object, position)));
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
