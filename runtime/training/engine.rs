//! The runtime as a library: an engine knows the API, takes functions of the program that embeds it, and runs or checks
//! scripts.

use std::{path::PathBuf, rc::Rc, sync::Arc, time::Duration};

use super::{
    check,
    course::{self, Fork, Replay, Replayed, Resume},
    inspected::{Declared, Inspected},
    preview::Preview,
    settings::Settings,
};
use crate::{
    Device,
    device::DeviceChoice,
    lua::{
        Context, Finding, Limit, Role, Script, ScriptError, Vm,
        api::{self, Api, Handler},
        declare_all, lint,
    },
    memory,
    run::{Outcome, Progress, ProgressKind, Sources},
    session::Session,
};

/// How long a script may take to be loaded for what it says of its device.
const LOADING: Duration = Duration::from_secs(10);

/// Runs scripts.
pub struct Engine {
    api: Rc<Api>,
}

/// The files that a script consists of, with what was loaded; nothing for those that it looked for in vain.
pub type Consulted = Vec<(PathBuf, Option<Vec<u8>>)>;

/// What came of a check.
pub struct Checked {
    /// What came of the step.
    pub outcome: Result<Outcome, ScriptError>,
    /// The files.
    pub files: Consulted,
    /// Mistakes that their sources show and Lua is silent about, besides those that were reported while they ran.
    pub findings: Vec<Finding>,
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
        Self { api: Rc::new(api) }
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
    /// A signature that names another number of parameters than the closure has, or documentation without a full stop;
    /// a script of this engine runs.
    pub fn function<A>(&mut self, signature: &str, doc: &str, handler: impl Handler<A> + 'static) -> &mut Self {
        let (name, parameters) = signature.trim_end_matches(')').split_once('(').unwrap_or((signature, ""));
        let api = Rc::get_mut(&mut self.api).expect("functions are declared before a script runs");
        api.function(name, parameters, doc, handler);
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

    /// What the reference page has of a name, such as `mb.optim.sgd`, `mb.optim`, `Tensor:softmax` or `Tensor`.
    ///
    /// # Errors
    /// There is nothing of that name.
    pub fn help(&self, name: &str) -> crate::Result<String> {
        api::help(&self.api, name)
    }

    /// The examples of the API, each with the name of what it is about.
    pub fn examples(&self) -> Vec<(String, &str)> {
        self.api.examples()
    }

    /// Loads a script, its options set, and runs none of its entry points: what it would be run with.
    ///
    /// # Errors
    /// It cannot be read, does not parse, fails, returns no experiment; an option does not exist.
    pub fn inspect(&self, settings: &Settings) -> Result<Inspected, ScriptError> {
        let script = Script::load(&self.api, &context(settings), settings.loading(&settings.set, Sources::disk()))?;
        Ok(Inspected { options: script.options(), files: script.files() })
    }

    /// The device that a script asks for by `device = "…"` beside its functions; none if by nothing.
    /// [`Settings::device`] is what it gets: whether to follow it is up to who runs it. Loads the script once, in
    /// silence and on the CPU.
    ///
    /// # Errors
    /// As [`Engine::inspect`]; what it asks for is no device; loading it takes longer than 10 s in Lua.
    pub fn device_of(&self, settings: &Settings) -> Result<Option<DeviceChoice>, ScriptError> {
        self.device_within(LOADING, settings)
    }

    fn device_within(&self, limit: Duration, settings: &Settings) -> Result<Option<DeviceChoice>, ScriptError> {
        let settings = Settings { device: Device::cpu(), progress: ProgressKind::Silent, ..settings.clone() };
        let _scope = memory::BudgetScope::new(!settings.device.is_gpu());
        if let Some(budget) = memory::machine_budget() {
            memory::set_budget(budget);
        }
        let context = context(&settings);
        *context.role.borrow_mut() = Role::Inspection(Limit::of_lua(limit));
        let script = Script::load(&self.api, &context, settings.loading(&settings.set, Sources::disk()));
        script.and_then(|script| script.device()).inspect_err(|_| context.print_held_back())
    }

    /// Runs a script to its end.
    ///
    /// # Errors
    /// Whatever the script does wrong, with its file and line. What was trained until then has been saved.
    pub fn run(&self, settings: &Settings) -> Result<Outcome, ScriptError> {
        course::run(&self.api, settings)
    }

    /// Takes a run up again from its newest whole checkpoint, as if nothing had happened.
    ///
    /// # Errors
    /// It has finished, another process writes to it, or its state does not fit; as [`Engine::run`].
    pub fn resume(&self, resume: &Resume) -> Result<Outcome, ScriptError> {
        course::resume(&self.api, resume)
    }

    /// Does the last steps of a run once more, in memory, and compares what comes of it bit for bit. Returns what was
    /// compared, in words.
    ///
    /// # Errors
    /// Anything differs, or there is nothing to compare; as [`Engine::run`].
    pub fn verify(&self, resume: &Resume) -> Result<String, ScriptError> {
        course::verify(&self.api, resume)
    }

    /// Starts a run from the state of another one: the same weights, randomness and order of the data.
    ///
    /// # Errors
    /// The other run has no whole checkpoint; as [`Engine::run`].
    pub fn fork(&self, fork: &Fork) -> Result<Outcome, ScriptError> {
        course::fork(&self.api, fork)
    }

    /// Repeats a run from its seed and its journal, in a folder of its own, and compares the two.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn replay(&self, replay: &Replay) -> Result<Replayed, ScriptError> {
        course::replay(&self.api, replay)
    }

    /// Loads a script, builds its components and does one tiny step: an option `batch` is 4 at most, though the data
    /// sets must have room for what it is. Then it tries `evaluate` on a few images. Leaves no folder.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn check(&self, settings: &Settings) -> Result<Outcome, ScriptError> {
        self.check_from(settings, &context(settings), &Sources::disk())
    }

    /// What a script's `setup` puts into its session, and the script's options.
    ///
    /// # Errors
    /// It cannot be loaded; `setup` fails.
    pub fn declared(&self, settings: &Settings) -> Result<Declared, ScriptError> {
        let context = context(settings);
        context.session.borrow_mut().begin_check();
        let script = Script::load(&self.api, &context, settings.loading(&settings.set, Sources::disk()))?;
        Ok(Declared { components: check::components(&script, &context)?, options: script.options() })
    }

    /// As [`Engine::check`]; returns also the files that the script consists of, as far as it came, and what their
    /// sources show.
    pub fn check_files(&self, settings: &Settings) -> Checked {
        let (sources, context) = (Sources::disk(), context(settings));
        let outcome = self.check_from(settings, &context, &sources);
        let mut findings = lint::find(&self.api, &self::context(settings), sources.loaded());
        let session = context.session.borrow();
        findings.retain(|finding| finding.key().is_none_or(|key| !session.output().progress().has_told(key)));
        let loaded = sources.loaded_of_disk().into_iter().map(|file| (file.path, Some(file.bytes)));
        let files = loaded.chain(sources.missing().into_iter().map(|path| (path, None))).collect();
        Checked { outcome, files, findings }
    }

    fn check_from(&self, settings: &Settings, context: &Context, sources: &Sources) -> Result<Outcome, ScriptError> {
        context.session.borrow_mut().begin_check();
        let script = Script::load(&self.api, context, settings.loading(&settings.set, sources.clone()))?;
        check::limit_batch(&script, context)?;
        check::check(&script, context)
    }

    /// Builds a script's components, makes its first step as a check does, and says what it made views by.
    ///
    /// # Errors
    /// Whatever the script does wrong before it has made views, with its file and line; a step that makes none.
    pub fn preview(&self, settings: &Settings) -> Result<Preview, ScriptError> {
        let (sources, context) = (Sources::disk(), context(settings));
        context.session.borrow_mut().begin_check();
        let script = Script::load(&self.api, &context, settings.loading(&settings.set, sources))?;
        check::limit_batch(&script, &context)?;
        context.recorder.begin();
        let step = check::step(&script, &context);
        Preview::of(script, &context, step)
    }

    /// Runs a file that is no experiment, such as a specification, and forgets what it returns.
    ///
    /// # Errors
    /// Whatever the file does wrong, with its file and line.
    pub fn run_file(&self, settings: &Settings) -> Result<(), ScriptError> {
        let vm = Vm::new(&self.api, &context(settings), settings.folders(), Sources::disk())?;
        vm.load(&settings.script)?;
        Ok(())
    }
}

fn context(settings: &Settings) -> Context {
    let progress = Arc::new(Progress::new(settings.progress, 0));
    let session = Session::new(settings.device.clone(), settings.seed, settings.interrupt.clone(), progress);
    Context::new(session, settings.interrupt.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device_of(script: &str) -> Result<Option<DeviceChoice>, String> {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(folder.path().join("script.lua"));
        std::fs::write(&settings.script, script).unwrap();
        let device = Engine::new().device_within(Duration::from_millis(50), &settings);
        device.map_err(|error| error.message().rsplit('/').next().unwrap_or_default().to_owned())
    }

    #[test]
    fn the_device_of_a_script_is_what_it_says_or_why_that_is_not_known() {
        let named = "return { device = 'gpu:1', train = function() end }";
        assert_eq!(device_of(named), Ok(Some(DeviceChoice::Numbered(1))));
        assert_eq!(device_of("return { train = function() end }"), Ok(None));
        let endless = "pcall(function() while true do end end)\nreturn { device = 'gpu' }";
        let want = "script.lua:1: device: loading the script for its device took longer than 0.05 s; use --device";
        assert_eq!(device_of(endless), Err(want.into()));
        assert_eq!(device_of("error('oh no')"), Err("script.lua:1: oh no".into()));
    }
}
