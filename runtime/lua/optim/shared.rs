//! An optimizer as scripts hold it.

use std::{cell::RefCell, rc::Rc};

use mlua::{Lua, Value};

use super::super::{
    api::{Argument, Docs, Returned, mismatch},
    order::objects,
};
use crate::{Result, optim::Optimizer};

/// An optimizer as a Lua object.
pub(super) type Shared = Rc<RefCell<Optimizer>>;

impl Returned for Shared {
    fn kind() -> String {
        "moonburn.Optimizer".into()
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<mlua::MultiValue> {
        Ok(mlua::MultiValue::from_vec(vec![Value::UserData(objects::create(lua, self)?)]))
    }
}

impl Argument for Shared {
    fn kind(_: &mut Docs) -> String {
        "moonburn.Optimizer".into()
    }

    fn from_value(value: Value, _: &Lua, op: &str, name: &str) -> Result<Self> {
        if let Value::UserData(data) = &value
            && let Ok(optimizer) = objects::borrow::<Self>(data)
        {
            return Ok(optimizer.clone());
        }
        Err(mismatch(op, name, "an optimizer", &value))
    }
}
