//! What the order of `pairs`, `next` and `table.sort` costs, beside Lua's own functions: the same file in both, one
//! after the other. A hook looks at the interrupt in either, as in every VM of the runtime: it makes Lua itself two to
//! three times slower.

use std::{cell::RefCell, path::Path, rc::Rc};

use moonburn::{Engine, Settings};

type Times = Rc<RefCell<Vec<(String, f64)>>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/order.lua");
    let (ours, plain) = (Times::default(), Times::default());

    let (mut engine, times) = (Engine::new(), ours.clone());
    engine.function("bench.report(name, ns)", "Takes a time.", move |name: String, ns: f64| {
        times.borrow_mut().push((name, ns));
        Ok(())
    });
    engine.run_file(&Settings::new(&file))?;

    let (lua, times) = (mlua::Lua::new(), plain.clone());
    lua.set_global_hook(mlua::HookTriggers::new().every_nth_instruction(10_000), |_, _| Ok(mlua::VmState::Continue))?;
    let report = lua.create_function(move |_, (name, ns): (String, f64)| {
        times.borrow_mut().push((name, ns));
        Ok(())
    })?;
    lua.globals().set("report", report)?;
    lua.load("package.loaded.moonburn = { bench = { report = report } }").exec()?;
    lua.load(std::fs::read(&file)?).set_name("@benches/order.lua").exec()?;

    println!("| what | ours, ns | Lua's, ns | times |\n|---|---|---|---|");
    for ((name, ours), (_, plain)) in ours.borrow().iter().zip(plain.borrow().iter()) {
        println!("| {name} | {ours:.0} | {plain:.0} | {:.1} |", ours / plain);
    }
    Ok(())
}
