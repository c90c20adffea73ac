//! What calls from Lua cost: the time inside the core (so that the rest is Lua's and the bindings'), and collecting
//! garbage when the tensors made since the last collection press.

use std::{cell::Cell, time::Duration};

use mlua::{Lua, ffi};

use super::order::objects;
use crate::{Result, memory};

/// So many new objects are looked at together, since most live for a moment: the memory of fewer than that, and of what
/// they hold, is still in the caches when the next ones take it.
const YOUNG: u64 = 128;

thread_local! {
    /// How many objects there were when the young ones were last looked at.
    static LOOKED_AT: Cell<u64> = const { Cell::new(0) };
    static CORE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// A call into the core, whose time counts until this is dropped. A call inside another one is already counted.
pub(super) struct Counting(Option<Duration>);

impl Counting {
    pub fn begin() -> Self {
        Self((!INSIDE.replace(true)).then(now))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        if let Some(started) = self.0 {
            CORE.set(CORE.get() + now().saturating_sub(started));
            INSIDE.set(false);
        }
    }
}

/// The time since some moment. The system's coarse clock moves a few hundred times a second: how often it does so
/// within calls says of many short ones together what it costs ten times less to ask than an exact clock.
#[cfg(target_os = "linux")]
fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    Duration::try_from(clock_gettime(ClockId::MonotonicCoarse)).unwrap_or_default()
}

/// The time since some moment.
#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    use std::{sync::LazyLock, time::Instant};

    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed()
}

/// Runs a call into the core and counts its time.
pub(super) fn counted<T>(call: impl FnOnce() -> T) -> T {
    let _counting = Counting::begin();
    call()
}

/// Time spent in the core by the calling thread's scripts. Time in Lua that the core calls back into counts as well.
pub fn core_time() -> Duration {
    CORE.get()
}

/// Collects if enough tensor bytes were made since the last time that it may free some.
///
/// # Errors
/// More live bytes than the budget, even then.
pub(super) fn collect_if_due(lua: &Lua) -> Result<()> {
    if !memory::is_pressing() {
        collect_young_if_due(lua);
        return Ok(());
    }
    collect(lua);
    memory::check_budget()
}

/// Frees what no script can reach any more of the objects that were made since the last time, if they are many. Lua
/// itself goes by the size of all its values, of which an object is a small part, whatever it holds.
fn collect_young_if_due(lua: &Lua) {
    let made = objects::made();
    if made - LOOKED_AT.get() < YOUNG {
        return;
    }
    LOOKED_AT.set(made);
    // As much as there is in all, so that a major collection, once that is due, is not put off.
    let kibibytes = i32::try_from(lua.used_memory().div_ceil(1024)).unwrap_or(i32::MAX);
    // SAFETY: a step leaves the stack as it is. Failing to collect frees nothing.
    let _ = unsafe {
        lua.exec_raw::<()>((), |state| {
            ffi::lua_gc(state, ffi::LUA_GCSTEP, kibibytes);
        })
    };
}

/// Frees every tensor that no script can reach any more.
pub(super) fn collect(lua: &Lua) {
    // Twice: the first cycle runs finalizers, the second frees what they held. Failing to collect frees nothing.
    let _ = lua.gc_collect().and_then(|()| lua.gc_collect());
    memory::collected();
}
