//! The runtime as a library: an engine knows the API, takes functions of the program that embeds it, and runs or checks
//! scripts.

use std::path::{Path, PathBuf};

use serde_json::Map;

use super::{
    ScriptError,
    api::{self, Api, Handler},
    context::Context,
    declare_all, runner,
    script::Script,
    vm::Vm,
};
use crate::{
    Device,
    interrupt::Interrupt,
    run::{Metrics, Place, ProgressKind},
    session::{Session, SourceFile},
};

/// What an option `batch` is at most where a script is only checked.
const CHECKED_BATCH: i64 = 4;

/// Runs scripts.
pub struct Engine {
    api: Api,
}

/// How to run a script.
pub struct Settings {
    /// The script's file.
    pub script: PathBuf,
    /// Values for its options, as text.
    pub set: Vec<(String, String)>,
    /// Where tensors live.
    pub device: Device,
    /// What keys every draw.
    pub seed: u64,
    /// Where the run's folder goes; none leaves no folder.
    pub place: Option<Place>,
    /// What the user sees meanwhile.
    pub progress: ProgressKind,
    /// How to stop it from outside.
    pub interrupt: Interrupt,
    /// The command line, for the record.
    pub command: Vec<String>,
    /// Where `require` looks for files besides the script's folder, in this order.
    pub modules: Vec<PathBuf>,
}

impl Settings {
    /// A script on the CPU with seed 0, without a folder and silent.
    pub fn new(script: impl Into<PathBuf>) -> Self {
        Self {
            script: script.into(),
            set: Vec::new(),
            device: Device::cpu(),
            seed: 0,
            place: None,
            progress: ProgressKind::Silent,
            interrupt: Interrupt::default(),
            command: Vec::new(),
            modules: Vec::new(),
        }
    }
}

impl Settings {
    /// Where `require` looks for files: beside the script first.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let own = self.script.parent().unwrap_or(Path::new("")).to_owned();
        std::iter::once(own).chain(self.modules.iter().cloned()).collect()
    }
}

/// A script as it would be run.
pub struct Inspected {
    /// Its options, those from outside among them.
    pub options: Map<String, serde_json::Value>,
    /// The files that it consists of, as far as loading it shows.
    pub files: Vec<SourceFile>,
}

/// What came of a run.
pub struct Outcome {
    /// Everything that was logged.
    pub metrics: Metrics,
    /// What `evaluate` returned after the training; before it under `untrained`. The timing under `timing`.
    pub results: Map<String, serde_json::Value>,
    /// The run's folder.
    pub folder: Option<PathBuf>,
    /// How often the parameters were updated.
    pub updates: u64,
    /// Whether the user stopped it.
    pub interrupted: bool,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine with the standard API.
    pub fn new() -> Self {
        let mut api = Api::default();
        declare_all(&mut api);
        Self { api }
    }

    /// Declares a function of the embedding program under a name of the module `moonburn`. Its argument types are the
    /// closure's; `parameters` names them, comma-separated.
    ///
    /// ```
    /// let mut engine = moonburn::Engine::new();
    /// engine.function("double(x)", "Twice a number.", |x: f64| Ok(2.0 * x));
    /// ```
    ///
    /// # Panics
    /// A signature that names another number of parameters than the closure has, or documentation without a full stop.
    pub fn function<A>(&mut self, signature: &str, doc: &str, handler: impl Handler<A> + 'static) -> &mut Self {
        let (name, parameters) = signature.trim_end_matches(')').split_once('(').unwrap_or((signature, ""));
        self.api.function(name, parameters, doc, handler);
        self
    }

    /// The text of the Lua type definitions (`scripts/types/moonburn.d.lua`).
    pub fn definitions(&self) -> String {
        api::definitions(&self.api)
    }

    /// The reference page of the API in Markdown.
    pub fn reference(&self) -> String {
        api::reference(&self.api)
    }

    /// Loads a script, its options set, and runs none of its entry points: what it would be run with.
    ///
    /// # Errors
    /// It cannot be read, does not parse, fails, returns no experiment; an option does not exist.
    pub fn inspect(&self, settings: &Settings) -> Result<Inspected, ScriptError> {
        let script = Script::load(&self.api, &context(settings), settings)?;
        Ok(Inspected { options: script.options(), files: script.files() })
    }

    /// Runs a script to its end.
    ///
    /// # Errors
    /// Whatever the script does wrong, with its file and line. What was trained until then has been saved.
    pub fn run(&self, settings: &Settings) -> Result<Outcome, ScriptError> {
        let context = context(settings);
        let script = Script::load(&self.api, &context, settings)?;
        runner::run(&script, &context, settings)
    }

    /// Loads a script, builds its components and does one tiny step: an option `batch` is 4 at most. Leaves no folder.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn check(&self, settings: &Settings) -> Result<Outcome, ScriptError> {
        let context = context(settings);
        context.session.borrow_mut().make_tiny();
        let script = Script::load(&self.api, &context, settings)?;
        script.limit_option("batch", CHECKED_BATCH)?;
        runner::check(&script, &context)
    }

    /// Runs a file that is no experiment, such as a specification, and forgets what it returns.
    ///
    /// # Errors
    /// Whatever the file does wrong, with its file and line.
    pub fn run_file(&self, settings: &Settings) -> Result<(), ScriptError> {
        let vm = Vm::new(&self.api, &context(settings), settings.folders())?;
        vm.load(&settings.script)?;
        Ok(())
    }
}

fn context(settings: &Settings) -> Context {
    let session = Session::new(settings.device.clone(), settings.seed, settings.interrupt.clone(), settings.progress);
    Context {
        device: settings.device.clone(),
        seed: settings.seed,
        drawn: Default::default(),
        session: std::rc::Rc::new(session.into()),
        interrupt: settings.interrupt.clone(),
    }
}
