//! The boundary between two steps, the same for the plain loop and for a script's own: the one place where anything but
//! the script may change what a run does.

use mlua::{Lua, Table};

use super::{
    context::{Context, Role},
    cost, plain, vm,
};
use crate::{Error, Result};

/// Ends the running step and begins the next: its number, or none where the training is over.
///
/// # Errors
/// The metrics cannot be written; a value in `session.state` that cannot last. [`Error::Restart`] where the loop must be
/// left, to be begun anew.
pub fn next_step(lua: &Lua, context: &Context, state: &Table) -> Result<Option<u64>> {
    cost::collect(lua);
    let ended = context.session.borrow_mut().end_step();
    let plain = plain::read(state)?;
    context.session.borrow_mut().set_plain(plain);
    if matches!(&*context.role.borrow(), Role::Trial { begun: true, .. }) {
        return Err(context.leave(Error::Restart));
    }
    match context.supervision() {
        Some(supervision) => supervision.between_steps(ended)?,
        None => ended?,
    }
    let step = context.session.borrow_mut().begin_step();
    if let (Some(_), Role::Trial { begun, .. }) = (step, &mut *context.role.borrow_mut()) {
        *begun = true;
    }
    vm::key_random(lua, context.seed, step.unwrap_or(0)).map_err(Error::callback)?;
    Ok(step)
}
