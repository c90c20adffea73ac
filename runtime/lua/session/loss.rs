//! A loss that a script updates by: a tensor, or a function that computes it.

use std::cell::RefCell;

use mlua::{Function, Lua, Value};

use super::super::{
    api::{Argument, Docs, mismatch},
    order::objects,
};
use crate::{
    Error, Result, Tensor,
    session::{Session, Shared},
};

/// One of the two.
pub enum Loss {
    /// Computed already.
    Tensor(Tensor),
    /// Computed when it is called.
    Function(Function, Lua),
}

impl Argument for Loss {
    fn kind(_: &mut Docs) -> String {
        "moonburn.Tensor|fun(): moonburn.Tensor".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Function(function) => Ok(Self::Function(function, lua.clone())),
            Value::UserData(data) if objects::is::<Tensor>(&data) => {
                Tensor::from_value(Value::UserData(data), lua, op, name).map(Self::Tensor)
            }
            other => Err(mismatch(op, name, "a scalar tensor, or a function that returns one", &other)),
        }
    }
}

impl Loss {
    /// The update by it. Returns its value, and the norm of the gradients.
    ///
    /// # Errors
    /// As [`Session::update_by`].
    pub fn update(self, session: &RefCell<Session>, only: Option<&Shared>) -> Result<(Option<f64>, Option<f64>)> {
        let update = match self {
            Self::Tensor(loss) => Session::update_shared(session, Some(&loss), only),
            Self::Function(function, lua) => {
                let mut compute = || {
                    let returned = function.call::<Value>(()).map_err(Error::callback)?;
                    Tensor::from_value(returned, &lua, "update", "what the function returns")
                };
                Session::update_by(session, &mut compute, only)
            }
        };
        update.map(|update| (update.loss, update.gradient_norm))
    }
}
