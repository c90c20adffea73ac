//! What tensors take, and how much they may.

use super::{
    api::{Api, Interpreter, of_kind},
    cost,
};
use crate::{Error, Result, memory, tape};

of_kind!(
    /// Bytes by what they are for.
    Report,
    "{ live: integer, peak: integer, held: integer, graph_bytes: integer, graph_operations: integer, budget?: integer }"
);

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "memory",
        "",
        "Bytes of tensors, after collecting garbage: live now, the peak since the budget was last set, and the \
             budget (none: no limit). Of the live ones, graph_bytes are kept for gradients by graph_operations \
             recorded operations. held are bytes of no tensor that the process keeps for the next ones on the CPU.",
        |lua: Interpreter| {
            cost::collect(&lua.0);
            report(&lua.0).map_err(Error::callback)
        },
    )
    .example(
        r"local before = mb.memory().live
local held = mb.zeros(1000)
print(mb.memory().live - before) --> 4000",
    );
    api.function(
        "set_memory_budget",
        "bytes",
        "Limits the bytes of live tensors: a call that exceeds the limit, after garbage was collected, is an error at \
         its line. Garbage is collected each time that tensors of a quarter of the budget were made. Without a number: \
         no limit.",
        |bytes: Option<usize>| -> Result<()> {
            memory::set_budget(bytes.unwrap_or(usize::MAX));
            memory::reset_peak();
            Ok(())
        },
    )
    .example(
        r"mb.set_memory_budget(mb.memory().live + 2 ^ 20)
local fits = pcall(mb.zeros, 1024, 1024)
mb.set_memory_budget()
print(fits) --> false",
    );
}

fn report(lua: &mlua::Lua) -> mlua::Result<Report> {
    let account = memory::account();
    let table = lua.create_table()?;
    table.raw_set("live", account.live)?;
    table.raw_set("peak", account.peak)?;
    let graph = tape::counts();
    table.raw_set("graph_bytes", graph.bytes)?;
    table.raw_set("graph_operations", graph.operations)?;
    table.raw_set("held", memory::held())?;
    table.raw_set("budget", Some(account.budget).filter(|budget| *budget != usize::MAX))?;
    Ok(table.into())
}
