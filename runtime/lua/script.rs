//! A loaded experiment: the table of entry points that a script returns, its options, and calls into it.

use std::path::{Path, PathBuf};

use mlua::{Function, LuaString, MultiValue, Table, Value};
use serde_json::Map;

use super::{
    ScriptError,
    api::{Absent, Api, EntryPoint, Form, Passed, value_name},
    context::Context,
    error::Said,
    leaving::{Flow, Leave, Left},
    order, overrides, plain,
    raised::{left_by, of_callback},
    session,
    vm::Vm,
    written,
};
use crate::{
    Error, Result as CoreResult,
    device::DeviceChoice,
    message,
    run::{SourceFile, Sources},
    session::Plain,
};

/// What a script is loaded from.
pub struct Loading<'a> {
    /// The script's file.
    pub path: &'a Path,
    /// Where `require` looks for files, in this order.
    pub folders: Vec<PathBuf>,
    /// Values for its options, as text.
    pub set: &'a [(String, String)],
    /// Where files come from.
    pub sources: Sources,
}

/// A loaded experiment.
pub struct Script {
    vm: Vm,
    pub(super) path: PathBuf,
    /// What it may return.
    contract: Vec<EntryPoint>,
    pub(super) experiment: Table,
    options: Table,
    /// The options that the command line has set.
    pub(super) set: Vec<String>,
    session: mlua::AnyUserData,
    state: Table,
}

impl Script {
    /// Loads a script and applies the overrides to its options.
    ///
    /// # Errors
    /// It cannot be read, does not parse, fails, returns no experiment; an override does not fit.
    pub fn load(api: &Api, context: &Context, loading: Loading<'_>) -> Result<Self, ScriptError> {
        let Loading { path, folders, set, sources } = loading;
        if !sources.has(path) {
            let reason = std::fs::metadata(path).map_or_else(Said::from, |_| "is no file".into());
            return Err(ScriptError::at(message::path(path), reason));
        }
        let vm = Vm::new(api, context, folders, sources)?;
        let experiment = match vm.load(path).map_err(|error| ended_by(error, context))? {
            Value::Table(table) => table,
            other => {
                let message = format!("the script must return a table of entry points, got {}", value_name(&other));
                return Err(ScriptError::at(written::returns(&vm.files(), path), message));
            }
        };
        let state = vm.lua().create_table()?;
        let script = Self {
            options: vm.lua().create_table()?,
            set: set.iter().map(|(key, _)| key.clone()).collect(),
            session: session::object(vm.lua(), context, &state)?,
            state,
            path: path.to_owned(),
            contract: api.entry_points().to_vec(),
            experiment,
            vm,
        };
        script.check_entry_points()?;
        script.device()?;
        script.read_options(set)?;
        Ok(script)
    }

    fn check_entry_points(&self) -> Result<(), ScriptError> {
        for (key, value) in order::entries(&self.experiment)? {
            let (own, name) = match &key {
                Value::String(name) => (name.to_string_lossy(), message::bytes(&name.as_bytes())),
                other => (String::new(), value_name(other)),
            };
            let Some(known) = self.contract.iter().find(|known| known.name == name) else {
                let known = self.contract.iter().map(|known| known.name);
                return Err(self.failure(&[&own], Error::unknown("experiment", "entry point", &name, known)));
            };
            if !known.form.fits(&value) {
                let error = Error::argument("experiment", &name, known.form.want(), value_name(&value));
                return Err(self.failure(&[&own], error));
            }
        }
        for EntryPoint { name, absent, .. } in &self.contract {
            if let Absent::NeededWithout(other) = absent
                && !self.has(other)
                && !self.has(name)
            {
                let reason = format!(
                    "the script returns no '{name}' function; the plain loop needs episode and loss, or write {other}"
                );
                return Err(self.failure(&[name], Error::State { op: "experiment", reason }));
            }
        }
        Ok(())
    }

    /// Copies the defaults, then applies the command line's values.
    fn read_options(&self, set: &[(String, String)]) -> Result<(), ScriptError> {
        if let Some(defaults) = self.experiment.raw_get::<Option<Table>>("options")? {
            for pair in defaults.pairs::<Value, Value>() {
                let (key, value) = pair?;
                self.options.raw_set(key, value)?;
            }
        }
        for (key, text) in set {
            overrides::apply(&self.options, key, text)
                .map_err(|error| ScriptError::usage(self.place(&["options", key]), error))?;
        }
        overrides::guard(self.vm.lua(), &self.options)?;
        Ok(())
    }

    fn entry(&self, name: &str) -> mlua::Result<Option<Function>> {
        self.experiment.raw_get(name)
    }

    /// Whether the script has an entry point.
    pub fn has(&self, name: &str) -> bool {
        matches!(self.entry(name), Ok(Some(_)))
    }

    /// Calls an entry point with what is declared of the session, what is given, and the options. What it returns,
    /// unless it was left.
    ///
    /// # Errors
    /// The function fails, or was broken off.
    pub fn call(&self, name: &str, given: Option<Value>) -> Result<Flow<MultiValue>, ScriptError> {
        let Some(function) = self.entry(name)? else { return Ok(Flow::Continue(MultiValue::new())) };
        let parameters = self.contract.iter().find_map(|known| match known.form {
            Form::Function(parameters, _) if known.name == name => Some(parameters),
            _ => None,
        });
        let parameters = parameters.expect("what is called is declared as a function");
        let arguments = parameters.iter().map(|parameter| match parameter {
            Passed::Session => Value::UserData(self.session.clone()),
            Passed::Episode => given.clone().unwrap_or_default(),
            Passed::Options => Value::Table(self.options.clone()),
        });
        let arguments: MultiValue = arguments.collect();
        let context = self.vm.lua().app_data_ref::<Context>().expect("every VM is made with a context").clone();
        match function.call::<MultiValue>(arguments) {
            Ok(returned) => Ok(Flow::Continue(returned)),
            Err(error) => {
                let error = ended_by(error, &context);
                match context.leaving().why() {
                    Some(Leave::Anew) => Ok(Flow::Break(Left)),
                    _ => Err(error),
                }
            }
        }
    }

    /// An error in what an entry point returned or led to, at the line where it is defined.
    pub fn failed_in(&self, name: &str, error: Error) -> ScriptError {
        let error = match of_callback(error) {
            Ok(raised) => return raised.into(),
            Err(error) => error,
        };
        if matches!(error.root(), Error::Interrupted) {
            return error.into();
        }
        let place = self.entry(name).ok().flatten().map(|function| function.info());
        match place.and_then(|info| Some((info.source?, info.line_defined?))) {
            Some((source, line)) => {
                let place = format!("{}:{line}", source.trim_start_matches('@'));
                let mut failure = ScriptError::at(&place, error);
                failure.add_frame(format!("{place}: in function '{name}'"));
                failure
            }
            None => error.into(),
        }
    }

    /// Lowers an integer option, if there is one of that name and it is larger.
    pub fn limit_option(&self, name: &str, limit: i64) -> mlua::Result<()> {
        match self.integer_option(name) {
            Some(value) if value > limit => self.options.raw_set(name, limit),
            _ => Ok(()),
        }
    }

    /// An integer option, if there is one of that name.
    pub fn integer_option(&self, name: &str) -> Option<i64> {
        match self.options.raw_get(name) {
            Ok(Value::Integer(value)) => Some(value),
            _ => None,
        }
    }

    /// The options in the order of their names.
    pub fn options(&self) -> Map<String, serde_json::Value> {
        overrides::to_json(&self.options)
    }

    /// A table that the script returns besides its functions.
    pub(super) fn table(&self, name: &str) -> mlua::Result<Value> {
        self.experiment.raw_get(name)
    }

    /// The device that the script asks for.
    ///
    /// # Errors
    /// There is no device of such a name on any machine.
    pub fn device(&self) -> Result<Option<DeviceChoice>, ScriptError> {
        let name: Option<LuaString> = self.experiment.raw_get("device")?;
        let name = name.map(|name| message::bytes(&name.as_bytes()));
        name.map(|name| name.parse().map_err(|error| self.failure(&["device"], error))).transpose()
    }

    /// `session.state`.
    pub(super) fn state(&self) -> &Table {
        &self.state
    }

    /// What `session.state` holds.
    ///
    /// # Errors
    /// A value that cannot last.
    pub fn plain(&self) -> CoreResult<Plain> {
        plain::read(&self.state)
    }

    /// Makes `session.state` hold these values and no others.
    ///
    /// # Errors
    /// Lua has no memory.
    pub fn fill_plain(&self, plain: &Plain) -> CoreResult<()> {
        plain::fill(self.vm.lua(), &self.state, plain).map_err(Error::callback)
    }

    /// Every file that was loaded so far.
    pub fn files(&self) -> Vec<SourceFile> {
        self.vm.files()
    }

    /// The VM, to collect its garbage.
    pub(super) fn lua(&self) -> &mlua::Lua {
        self.vm.lua()
    }
}

/// What a function of the script ended with: where it was being left that, whatever a handler made of it. An error of
/// the script's own that took its place is told.
fn ended_by(error: mlua::Error, context: &Context) -> ScriptError {
    let Some(why) = context.leaving().why() else { return error.into() };
    let is_own = left_by(&error).as_ref() == Some(&why);
    let found = ScriptError::from(error);
    if is_own {
        return found;
    }
    if !found.says(&why.to_string()) {
        context.note(&found.to_string());
    }
    why.into()
}
