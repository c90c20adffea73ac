//! Components of a session by name, as a script gives and sees them.

use std::{cell::RefCell, rc::Rc};

use mlua::{AnyUserData, Lua, MultiValue, Value};

use super::tensors;
use crate::{
    Error, Result, Tensor,
    data::ImageSet,
    lua::{
        api::{Returned, alone, unknown_name, value_name},
        dataset,
        object::any_of,
        order::objects,
    },
    nn::Module,
    optim::Optimizer,
    session::{Component, Session},
};

/// A component as a script sees it.
pub(super) enum Seen {
    Component(Component),
    Tensor(String, Tensor),
}

any_of!(Component, Module, Optimizer, ImageSet, Dataset, Tensor);

impl Returned for Seen {
    const SINGLE: bool = true;

    fn kind() -> String {
        <Component as Returned>::kind()
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        alone(self.into_value(lua))
    }

    fn into_value(self, lua: &Lua) -> mlua::Result<Value> {
        match self {
            Self::Component(component) => component.into_value(lua),
            Self::Tensor(name, tensor) => tensors::seen(lua, &name, tensor).map(Value::UserData),
        }
    }
}

/// The component of a name; `declared` are the names that are none.
///
/// # Errors
/// There is none.
pub(super) fn named(session: &RefCell<Session>, name: &str, declared: &[String]) -> Result<Option<Seen>> {
    let session = session.borrow();
    if let Some(component) = session.get(name) {
        return Ok(Some(match component {
            Component::Tensor(tensor) => Seen::Tensor(name.to_owned(), tensor.clone()),
            other => Seen::Component(other.clone()),
        }));
    }
    let known: Vec<String> = session.components().names().map(str::to_owned).chain(declared.iter().cloned()).collect();
    Err(unknown_name("session", "component", name.to_owned(), &known))
}

/// Puts a component under a name.
///
/// # Errors
/// What is no component; what realising it meets.
pub(super) fn assign(session: &RefCell<Session>, name: &str, value: &Value) -> Result<()> {
    let component = match value {
        Value::UserData(data) => component(data),
        _ => None,
    };
    let Some(component) = component else {
        let want =
            format!("a module, an optimizer, a data set or a tensor (plain values belong in session.state.{name})");
        return Err(Error::argument("session", name, want, value_name(value)));
    };
    session.borrow_mut().set(name, component)
}

fn component(data: &AnyUserData) -> Option<Component> {
    if let Ok(module) = objects::borrow::<Module>(data) {
        return Some(Component::Module(module.clone()));
    }
    if let Ok(optimizer) = objects::borrow::<Rc<RefCell<Optimizer>>>(data) {
        return Some(Component::Optimizer(optimizer.clone()));
    }
    if let Ok(tensor) = objects::borrow::<Tensor>(data) {
        return Some(Component::Tensor(tensor.detach()));
    }
    if let Some(set) = dataset::of_object(data) {
        return Some(Component::Dataset(set));
    }
    objects::borrow::<ImageSet>(data).ok().map(|images| Component::ImageSet(images.clone()))
}
