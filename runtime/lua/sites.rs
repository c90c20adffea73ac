//! Which line of a script is running, for the tape: an operation that fails in a backward pass is told where it was
//! called.

use std::{cell::RefCell, rc::Rc};

use mlua::{Lua, WeakLua};

use crate::tape::{self, Site};

/// The VMs of the thread, the newest last, and the file that was named last.
#[derive(Default)]
struct Vms {
    all: Vec<WeakLua>,
    last: Option<Rc<str>>,
}

thread_local! {
    static VMS: RefCell<Vms> = RefCell::default();
}

/// Lets the tape know the lines of a VM's scripts, for as long as the VM lives.
pub fn watch(lua: &Lua) {
    VMS.with_borrow_mut(|vms| {
        vms.all.retain(|vm| vm.try_upgrade().is_some());
        vms.all.push(lua.weak());
    });
    tape::locate_by(Some(Rc::new(running)));
}

/// The line that is running in the newest VM that runs one.
fn running() -> Option<Site> {
    VMS.with_borrow_mut(|vms| {
        let Vms { all, last } = vms;
        all.iter().rev().filter_map(WeakLua::try_upgrade).find_map(|lua| innermost(&lua, last))
    })
}

fn innermost(lua: &Lua, last: &mut Option<Rc<str>>) -> Option<Site> {
    // The first level is the callback that asks.
    (1..32)
        .map_while(|level| {
            lua.inspect_stack(level, |frame| {
                let line = frame.current_line()?;
                let source = frame.source();
                let name = source.source.as_deref()?.strip_prefix('@')?;
                let file = match last {
                    Some(last) if **last == *name => Rc::clone(last),
                    _ => Rc::clone(last.insert(name.into())),
                };
                Some(Site { file, line })
            })
        })
        .flatten()
        .next()
}
