//! The boundary between two steps, the same for the plain loop and for a script's own: the one place where anything but
//! the script may change what a run does.

use mlua::{Lua, Table};

use super::{
    context::{Context, Role},
    cost,
    leaving::{Flow, Leave, Left},
    plain, vm,
};
use crate::{Error, Result};

/// Ends the running step and begins the next. Gives the new step's number, or none if the training is over. If the loop
/// is to be left and begun anew instead, leaving it starts here.
///
/// # Errors
/// The metrics cannot be written; a value in `session.state` that cannot last; what the overseer meets.
pub fn next_step(lua: &Lua, context: &Context, state: &Table) -> Result<Flow<Option<u64>>> {
    cost::collect(lua);
    context.session.borrow_mut().check_tape()?;
    let ended = context.session.borrow_mut().end_step();
    let plain = plain::read(state)?;
    context.session.borrow_mut().set_plain(plain);
    let is_tried = matches!(&*context.role.borrow(), Role::Trial { begun: true, .. });
    let flow = match context.overseer() {
        // One step is all that a trial does.
        _ if is_tried => Flow::Break(Left),
        Some(overseer) => overseer.between_steps(ended)?,
        None => Flow::Continue(ended?),
    };
    if flow.is_break() {
        context.leaving().leave(Leave::Anew);
        return Ok(Flow::Break(Left));
    }
    let step = context.session.borrow_mut().begin_step();
    if let (Some(_), Role::Trial { begun, .. }) = (step, &mut *context.role.borrow_mut()) {
        *begun = true;
    }
    vm::key_random(lua, context.seed, step.unwrap_or(0)).map_err(Error::callback)?;
    Ok(Flow::Continue(step))
}
