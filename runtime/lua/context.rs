//! What the bindings of one VM share: the device, the seed, the session of the run if there is one.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use mlua::{Lua, Value};

use super::api::{Argument, Docs};
use crate::{Device, Result, interrupt::Interrupt, session::Session};

/// Shared by the bindings of one VM.
#[derive(Clone)]
pub struct Context {
    /// Where new tensors live.
    pub device: Device,
    /// Keys initialisation, shuffling, augmentation and random tensors.
    pub seed: u64,
    /// For each purpose the step of its last draw, and how many there were in it.
    pub drawn: Rc<RefCell<HashMap<&'static str, (u64, u64)>>>,
    /// What lasts while scripts change.
    pub session: Rc<RefCell<Session>>,
    /// Says when the user asked to stop.
    pub interrupt: Interrupt,
}

impl Context {
    /// What keys the next draw for a purpose, such as a random tensor: the step, and how many the step has had. So a
    /// step's numbers do not depend on the steps before it, nor on draws for other purposes.
    pub fn next_draw(&self, purpose: &'static str) -> (u64, u64) {
        let step = self.session.borrow().step();
        let mut drawn = self.drawn.borrow_mut();
        let (last, count) = drawn.entry(purpose).or_default();
        let key = (step, if step == *last { *count } else { 0 });
        (*last, *count) = (key.0, key.1 + 1);
        key
    }
}

impl Argument for Context {
    const WRITTEN: bool = false;

    fn kind(_: &mut Docs) -> String {
        String::new()
    }

    fn from_value(_: Value, lua: &Lua, _: &str, _: &str) -> Result<Self> {
        Ok(lua.app_data_ref::<Self>().expect("every VM is made with a context").clone())
    }

    fn take(_: &mut mlua::MultiValue, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        Self::from_value(Value::Nil, lua, op, name)
    }
}
