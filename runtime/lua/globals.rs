//! Names that no global has. Lua reads nil there and says nothing. Here such a read is reported, with the name that may
//! have been meant: once per name and line while a script runs, and by the lint from the source.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use mlua::{Lua, Table, Value};

use super::{context::Context, order, raised::innermost_line};
use crate::{error::near, position::from_number, run::Sources};

/// What scripts written for other programs and versions of Lua look for, and do without where it is not there.
pub const PROBED: [&str; 16] = [
    "unpack",
    "loadstring",
    "setfenv",
    "getfenv",
    "module",
    "newproxy",
    "gcinfo",
    "jit",
    "ffi",
    "bit",
    "bit32",
    "arg",
    "debug",
    "package",
    "love",
    "ngx",
];

/// What is written for names of Python and others, and for those that a script does not get.
const INSTEAD: [(&str, &str); 30] = [
    ("True", "write true"),
    ("False", "write false"),
    ("None", "write nil"),
    ("null", "write nil"),
    ("NULL", "write nil"),
    ("nullptr", "write nil"),
    ("undefined", "write nil"),
    ("inf", "write math.huge"),
    ("Infinity", "write math.huge"),
    ("nan", "write 0 / 0"),
    ("NaN", "write 0 / 0"),
    ("torch", IMPORT),
    ("np", IMPORT),
    ("numpy", IMPORT),
    ("mb", IMPORT),
    ("moonburn", IMPORT),
    ("range", "write for i = 1, n do"),
    ("enumerate", "write for i, value in ipairs(list) do"),
    ("len", "write #list"),
    ("str", "write tostring(value)"),
    ("int", "write math.floor(x)"),
    ("float", "write tonumber(text)"),
    ("isinstance", "write type(value)"),
    ("printf", "write print((\"…\"):format(…))"),
    ("println", "write print(…)"),
    ("this", "write self"),
    ("self", "it is the first parameter of function(self, x), and of function object:method(x) without being written"),
    ("io", "a script has none: print shows, session:log records, module:save writes weights"),
    ("dofile", "a script has none: write require \"name\" for a file beside it"),
    ("loadfile", "a script has none: write require \"name\" for a file beside it"),
];

const IMPORT: &str = "write local mb = require \"moonburn\" at the top";

/// The names that there are.
#[derive(Clone, Debug, Default)]
pub struct Known {
    globals: Vec<String>,
    /// `sqrt` with `math.sqrt`, `nn` with `mb.nn`.
    members: BTreeMap<String, String>,
}

impl Known {
    /// The globals of a VM and what is in its libraries; `module` are the names in the runtime's module.
    pub fn of(lua: &Lua, module: &[String]) -> mlua::Result<Self> {
        let mut known = Self::default();
        known.members.extend(module.iter().map(|name| (name.clone(), format!("mb.{name}"))));
        for (name, value) in order::entries(&lua.globals())? {
            let Value::String(name) = name else { continue };
            let name = name.to_string_lossy();
            let library = ["math", "string", "table", "utf8", "coroutine", "os"].contains(&name.as_str());
            if let (true, Value::Table(library)) = (library, &value) {
                known.add_members(&name, library)?;
            }
            known.globals.push(name);
        }
        known.globals.sort();
        Ok(known)
    }

    fn add_members(&mut self, library: &str, table: &Table) -> mlua::Result<()> {
        for (name, _) in order::entries(table)? {
            let name = name.to_string()?;
            self.members.insert(name.clone(), format!("{library}.{name}"));
        }
        Ok(())
    }

    /// Whether there is such a global, or a script may look for it in vain.
    pub fn has(&self, name: &str) -> bool {
        PROBED.contains(&name) || self.globals.iter().any(|known| known == name)
    }

    /// A line about a global that does not exist. `others` are more names that may have been meant.
    pub fn unknown<'a>(&'a self, name: &str, others: impl Iterator<Item = &'a str>) -> String {
        let instead = INSTEAD.iter().find(|(theirs, _)| *theirs == name).map(|(_, instead)| format!("; {instead}"));
        let member = || self.members.get(name).map(|path| format!("; write {path}"));
        let globals = self.globals.iter().map(String::as_str).filter(|known| !known.starts_with('_'));
        // A name of one or two letters is like many.
        let meant = || {
            let meant = near(name, globals.chain(others).filter(|known| known.len() > 2 && name.len() > 2));
            meant.map(|meant| format!("; did you mean '{meant}'?"))
        };
        let advice = instead.or_else(member).or_else(meant).unwrap_or_default();
        format!("{}{advice}", key(name))
    }
}

/// What is the same in every line about a name.
pub fn key(name: &str) -> String {
    format!("unknown global '{name}' is nil")
}

/// Reports every read of a global that does not exist. Reading a global that exists costs nothing more. A script may
/// put a metatable of its own in the place of this one.
pub fn watch(lua: &Lua, context: &Context, module: Vec<String>) -> mlua::Result<()> {
    let context = context.clone();
    // Reads that have been judged: a line of a loop is looked at once.
    let judged = RefCell::new(BTreeSet::new());
    let missing = lua.create_function(move |lua, (_, name): (Value, Value)| {
        if let Value::String(name) = &name {
            let (name, place) = (name.to_string_lossy(), innermost_line(lua));
            if let Some((file, line)) = place
                && judged.borrow_mut().insert((file.clone(), line, name.clone()))
            {
                tell(lua, &context, &module, &name, (&file, line))?;
            }
        }
        Ok(Value::Nil)
    })?;
    let meta = lua.create_table()?;
    meta.raw_set("__index", missing)?;
    lua.globals().set_metatable(Some(meta))
}

fn tell(lua: &Lua, context: &Context, module: &[String], name: &str, (file, line): (&str, usize)) -> mlua::Result<()> {
    if PROBED.contains(&name) || is_meant(lua, file, line, name) {
        return Ok(());
    }
    // Not while the session realises a component, which reads no globals.
    let Ok(session) = context.session.try_borrow() else { return Ok(()) };
    let text = Known::of(lua, module)?.unknown(name, std::iter::empty());
    // Another version of the script may have told it.
    session
        .output()
        .progress()
        .message_once(&format!("{file}:{line}: {}", key(name)), &format!("{file}:{line}: {text}"));
    Ok(())
}

/// Whether a script looks for a global on purpose: the line asks the table of globals, or one of the files sets it, as
/// in `SIZE = SIZE or 3`.
fn is_meant(lua: &Lua, file: &str, line: usize, name: &str) -> bool {
    let Some(sources) = lua.app_data_ref::<Sources>() else { return false };
    sources.loaded().iter().any(|source| {
        let text = String::from_utf8_lossy(&source.bytes);
        let asks = source.path.as_os_str() == file
            && text.lines().nth(from_number(line as u64) as usize).is_some_and(asks_globals);
        asks || text.lines().any(|line| sets(line.trim_start(), name))
    })
}

fn asks_globals(line: &str) -> bool {
    line.contains("_G") || line.contains("_ENV")
}

/// Whether a line begins with an assignment to a global, or its function.
fn sets(line: &str, name: &str) -> bool {
    let rest = line.strip_prefix("function ").or_else(|| line.strip_prefix("_G.")).unwrap_or(line);
    let Some(after) = rest.strip_prefix(name).map(str::trim_start) else { return false };
    let is_function = line.starts_with("function ") && after.starts_with('(');
    is_function || after.starts_with('=') && !after.starts_with("==")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> String {
        let lua = Lua::new();
        lua.load("function accuracy() end").exec().unwrap();
        Known::of(&lua, &["nn".into(), "zeros".into()]).unwrap().unknown(name, ["learning_rate"].into_iter())
    }

    #[test]
    fn an_unknown_global_is_told_with_what_may_have_been_meant() {
        assert_eq!(told("acuracy"), "unknown global 'acuracy' is nil; did you mean 'accuracy'?");
        assert_eq!(told("learning_rat"), "unknown global 'learning_rat' is nil; did you mean 'learning_rate'?");
        assert_eq!(told("sqrt"), "unknown global 'sqrt' is nil; write math.sqrt");
        assert_eq!(told("nn"), "unknown global 'nn' is nil; write mb.nn");
        assert_eq!(told("None"), "unknown global 'None' is nil; write nil");
        assert_eq!(told("x"), "unknown global 'x' is nil");
        assert_eq!(told("qqqqqq"), "unknown global 'qqqqqq' is nil");
    }

    #[test]
    fn a_line_that_sets_a_global_is_told_from_one_that_reads_it() {
        for line in ["SIZE = SIZE or 3", "SIZE=3", "function SIZE() end", "_G.SIZE = 3"] {
            assert!(sets(line, "SIZE"), "{line}");
        }
        for line in ["local SIZE = 3", "SIZE == 3", "SIZES = 3", "print(SIZE)", "x.SIZE = 3"] {
            assert!(!sets(line, "SIZE"), "{line}");
        }
    }

    #[test]
    fn what_scripts_for_other_programs_look_for_counts_as_known() {
        let known = Known::of(&Lua::new(), &[]).unwrap();
        assert!(known.has("unpack") && known.has("jit") && known.has("print") && !known.has("prnt"));
    }
}
