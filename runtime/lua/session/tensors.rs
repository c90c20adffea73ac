//! Tensors that a session holds by name, as objects of Lua: one object each, so that what is written into it is written
//! into the session.

use std::{cell::RefCell, rc::Rc};

use mlua::{AnyUserData, Lua, Table};

use crate::{
    Error, Result, Tensor,
    lua::{context::Context, order::objects},
    session::Session,
};

/// Where a VM keeps the objects by name.
const KEPT: &str = "tensors of the session";

/// The object of a session's tensor: the one that a script has seen before, while the session holds what is in it.
pub(super) fn seen(lua: &Lua, name: &str, tensor: Tensor) -> mlua::Result<AnyUserData> {
    let kept = match lua.named_registry_value::<Option<Table>>(KEPT)? {
        Some(kept) => kept,
        None => {
            let kept = lua.create_table()?;
            lua.set_named_registry_value(KEPT, &kept)?;
            kept
        }
    };
    if let Some(object) = kept.raw_get::<Option<AnyUserData>>(name)?
        && objects::borrow::<Tensor>(&object)?.is_same(&tensor)
    {
        return Ok(object);
    }
    let object = objects::create(lua, tensor.to_owned_tensor())?;
    kept.raw_set(name, &object)?;
    Ok(object)
}

/// A session's tensor that an object stands for.
pub(in crate::lua) struct TensorComponent {
    session: Rc<RefCell<Session>>,
    name: String,
}

impl TensorComponent {
    /// Puts another tensor in its place.
    pub(in crate::lua) fn put(&self, tensor: Tensor) {
        self.session.borrow_mut().rewrite(&self.name, tensor);
    }
}

/// What an object stands for in the session; none for a tensor of the script's own.
///
/// # Errors
/// Lua has no memory.
pub(in crate::lua) fn tensor_component(lua: &Lua, object: &AnyUserData) -> Result<Option<TensorComponent>> {
    let find = || -> mlua::Result<Option<TensorComponent>> {
        let Some(kept) = lua.named_registry_value::<Option<Table>>(KEPT)? else { return Ok(None) };
        for pair in kept.pairs::<String, AnyUserData>() {
            let (name, known) = pair?;
            let Some(context) = lua.app_data_ref::<Context>() else { return Ok(None) };
            let session = context.session.clone();
            let is_its = |session: &Session| match session.get(&name) {
                Some(crate::session::Component::Tensor(tensor)) => {
                    objects::borrow::<Tensor>(object).is_ok_and(|own| own.is_same(tensor))
                }
                _ => false,
            };
            if known == *object && is_its(&session.borrow()) {
                return Ok(Some(TensorComponent { session, name }));
            }
        }
        Ok(None)
    };
    find().map_err(Error::callback)
}
