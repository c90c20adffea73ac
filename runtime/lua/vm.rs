//! A Lua VM for one version of a script: a safe part of the standard library, `require` for the runtime's module and
//! for files beside the script, interrupts. Remembers which files it loaded.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

use mlua::{
    Function, HookTriggers, Lua, LuaOptions, StdLib, Table, Value, VmState,
    state::{GcGenParams, GcMode},
};

use super::{
    api::{Api, Argument},
    context::Context,
    cost, globals,
    modules::Modules,
    raised::{raise, raise_leave},
    sites, standard, syntax,
};
use crate::{
    Error,
    memory::{BudgetScope, Collector, machine_budget},
    message::name as shown,
    rng::DrawKey,
    run::{SourceFile, Sources},
    session::Purpose,
};

/// Instructions between two looks at the interrupt.
const INTERRUPT_PERIOD: u32 = 10_000;

/// The same in a check, whose evaluation must end soon though each of its lines may take long.
const CHECK_PERIOD: u32 = 100;

/// The most that Lua's own values may take, on a machine that has more than twice as much. Without a limit mlua ends
/// the process where the system has no more.
const HEAP: usize = 4 << 30;

/// The name of `math.randomseed` in the registry.
const RANDOM_SEED: &str = "moonburn.randomseed";

/// A Lua VM with the runtime's module.
pub struct Vm {
    lua: Lua,
    sources: Sources,
    folders: Vec<PathBuf>,
    /// What a script limits its tensors to ends with it.
    _budget: BudgetScope,
    /// What it holds and no script can reach any more is freed where room is wanted.
    _collector: Collector,
}

impl Vm {
    /// A VM whose `require` looks for files in these folders, in order.
    ///
    /// # Errors
    /// Lua has no memory.
    pub fn new(api: &Api, context: &Context, folders: Vec<PathBuf>, sources: Sources) -> mlua::Result<Self> {
        let libraries = StdLib::TABLE | StdLib::STRING | StdLib::MATH | StdLib::UTF8 | StdLib::COROUTINE | StdLib::OS;
        let lua = Lua::new_with(libraries, LuaOptions::new().catch_rust_panics(false))?;
        // Most objects of a script live for a moment. The other collector counts those that wait for their finalizer as
        // alive, and so waits longer each time: a loop of small operations would grow to hundreds of MB.
        lua.gc_set_mode(GcMode::Generational(GcGenParams::default()));
        lua.set_memory_limit(machine_budget().map_or(HEAP, |most| HEAP.min(most / 2)))?;
        let weak = lua.weak();
        let collect = move || weak.try_upgrade().iter().for_each(cost::collect);
        let vm = Self {
            lua,
            sources,
            folders,
            _budget: BudgetScope::new(!context.device.is_gpu()),
            _collector: Collector::new(collect),
        };
        vm.lua.set_app_data(context.clone());
        vm.lua.set_app_data(vm.sources.clone());
        vm.lua.set_app_data(context.leaving().clone());
        sites::watch(&vm.lua);
        standard::install(&vm.lua, context)?;
        vm.restrict(context)?;
        let module = api.install(&vm.lua)?;
        vm.define_require(module)?;
        globals::watch(&vm.lua, context, api.names())?;
        let context = context.clone();
        let period = if context.session.borrow().purpose() == Purpose::Check { CHECK_PERIOD } else { INTERRUPT_PERIOD };
        vm.lua.set_global_hook(HookTriggers::new().every_nth_instruction(period), move |lua, _| {
            match context.reason_to_leave(u64::from(period)) {
                Some(why) => Err(raise_leave(lua, why)),
                None => Ok(VmState::Continue),
            }
        })?;
        Ok(vm)
    }

    /// The VM itself.
    pub fn lua(&self) -> &Lua {
        &self.lua
    }

    /// Every file that was loaded so far.
    pub fn files(&self) -> Vec<SourceFile> {
        self.sources.loaded()
    }

    /// Runs a file and returns what it returns.
    ///
    /// # Errors
    /// It cannot be read, does not parse, or fails.
    pub fn load(&self, path: &Path) -> mlua::Result<Value> {
        load_file(&self.lua, &self.sources, path)
    }

    /// Takes away what would make a run depend on more than its seed, or reach outside it; prints above the bar.
    fn restrict(&self, context: &Context) -> mlua::Result<()> {
        let globals = self.lua.globals();
        for name in ["dofile", "loadfile"] {
            globals.raw_set(name, Value::Nil)?;
        }
        let os: Table = globals.get("os")?;
        let safe = self.lua.create_table()?;
        for name in ["clock", "date", "difftime", "time"] {
            safe.raw_set(name, os.raw_get::<Value>(name)?)?;
        }
        globals.raw_set("os", safe)?;
        let printing = context.clone();
        let print = self.lua.create_function(move |lua, values: mlua::MultiValue| {
            let text = |value| standard::show(lua, value).map(|text| text.to_string_lossy());
            let texts = values.into_iter().map(text).collect::<mlua::Result<Vec<_>>>()?;
            printing.print(texts.join("\t"));
            Ok(())
        })?;
        globals.raw_set("print", print)?;
        // Lua seeds from the clock; a run repeats.
        let math: Table = globals.get("math")?;
        let seed = math.raw_get::<Function>("randomseed")?;
        // Where no script can take it away.
        self.lua.set_named_registry_value(RANDOM_SEED, &seed)?;
        seed.call::<()>(context.seed as i64)
    }

    fn define_require(&self, module: Table) -> mlua::Result<()> {
        let modules = Modules { sources: self.sources.clone(), folders: self.folders.clone() };
        let loaded = self.lua.create_table()?;
        loaded.raw_set("moonburn", module)?;
        // A file is loaded once, whichever of its names it is required by.
        let of_files = self.lua.create_table()?;
        let loading: RefCell<Vec<String>> = RefCell::default();
        let require = self.lua.create_function(move |lua, name: Value| {
            let name = String::from_value(name, lua, "require", "the module").map_err(|error| raise(lua, error))?;
            let known: Value = loaded.raw_get(name.as_str())?;
            if !known.is_nil() {
                return Ok(known);
            }
            if loading.borrow().contains(&name) {
                let reason = format!("'{}' requires itself through {}", shown(&name), loading.borrow().join(" → "));
                return Err(raise(lua, Error::State { op: "require", reason }));
            }
            let path = modules.find(&name).map_err(|error| raise(lua, error))?;
            let key = lua.create_string(path.as_os_str().as_encoded_bytes())?;
            let mut value: Value = of_files.raw_get(&key)?;
            if value.is_nil() {
                loading.borrow_mut().push(name.clone());
                let returned = load_file(lua, &modules.sources, &path);
                loading.borrow_mut().pop();
                value = match returned? {
                    Value::Nil => Value::Boolean(true),
                    value => value,
                };
                of_files.raw_set(key, &value)?;
            }
            loaded.raw_set(name, &value)?;
            Ok(value)
        })?;
        self.lua.globals().raw_set("require", require)
    }
}

/// Keys `math.random` by seed and step, and forgets how far walks through tables had come, so that a step's numbers do
/// not depend on the steps before it.
pub fn key_random(lua: &Lua, seed: u64, step: u64) -> mlua::Result<()> {
    standard::forget_walks(lua)?;
    lua.named_registry_value::<Function>(RANDOM_SEED)?.call((seed as i64, step as i64))
}

/// Keys `math.random` for an evaluation between two steps.
pub fn key_random_of_evaluation(lua: &Lua, seed: u64, step: u64) -> mlua::Result<()> {
    // No training has so many steps.
    key_random(lua, seed, step | 1 << 62)
}

/// Keys `math.random` for a call of a function that may be computed again, or for what comes after that.
pub fn key_random_of_recomputation(lua: &Lua, seed: u64, key: DrawKey, nth: u64) -> mlua::Result<()> {
    let place = key.step.wrapping_mul(1 << 20).wrapping_add(key.call * 4 + nth);
    lua.named_registry_value::<Function>(RANDOM_SEED)?.call((seed as i64, (place | 1 << 60) as i64))
}

/// Keys `math.random` for what a loop does before its first step.
pub fn key_random_of_loop(lua: &Lua, seed: u64) -> mlua::Result<()> {
    key_random(lua, seed, 1 << 61)
}

fn load_file(lua: &Lua, sources: &Sources, path: &Path) -> mlua::Result<Value> {
    let bytes = sources.open(path).map_err(|error| raise(lua, Error::io("script", path, error)))?;
    syntax::parse(lua, path, bytes)?.call(())
}
