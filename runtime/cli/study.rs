//! The command `study`: several scripts with several seeds, and the table of what they evaluate.

mod folder;

use std::{
    collections::HashSet,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use moonburn::{
    Engine, Inspected, Resume, ScriptError, Settings,
    interrupt::Interrupt,
    position,
    run::{History, Journal, Place, RunFolder, RunLock, RunRecord, Study, table::terminal_columns, write_atomically},
};

use super::{
    argument_groups::{DeviceArgument, ScriptArguments},
    output::print,
    settings,
    signals::interruptible,
    summary::summary,
};
use folder::{Found, look};

/// What is to be run.
pub struct StudyOptions {
    pub scripts: Vec<PathBuf>,
    pub seeds: u64,
    pub set: Vec<(String, String)>,
    pub modules: Vec<PathBuf>,
    pub device: DeviceArgument,
    pub out: PathBuf,
}

/// Runs what is missing, and goes on with what was broken off, seed by seed, so that a study that is broken off has
/// compared all scripts as far as it got. A run that fails is named and left out; the table is written all the same.
pub fn run(options: &StudyOptions) -> Result<ExitCode, ScriptError> {
    let names = options.names()?;
    // A mistake in the last script is no reason to train all others first.
    let scripts = options.scripts.iter().map(|script| options.inspect(script)).collect::<Result<Vec<_>, _>>()?;
    if options.out.join("run.json").exists() {
        return Err(ScriptError::usage(options.out.display(), "is the folder of a run: choose another --out"));
    }
    std::fs::create_dir_all(&options.out).map_err(|error| ScriptError::at(options.out.display(), error))?;
    // Two studies in one folder would each take the other's runs for ones that were broken off.
    let _lock = RunLock::acquire(&options.out)?;
    let (interrupt, mut failed) = (interruptible(), false);
    let mut to_do = Vec::new();
    for seed in 0..options.seeds {
        for (position, (script, name)) in options.scripts.iter().zip(&names).enumerate() {
            let folder = options.out.join(format!("{name}-{seed}"));
            let found = look(&folder, script, &scripts[position], &options.settings(script, seed)?)?;
            to_do.push((position, seed, folder, found));
        }
    }
    let (mut runs, all) = (Vec::new(), to_do.len());
    for (number, (position, seed, folder, found)) in to_do.into_iter().enumerate() {
        let (script, name) = (&options.scripts[position], &names[position]);
        let run = format!("run {} of {all}: {name}, seed {seed}", position::number(number));
        if found == Found::Finished {
            print(&format!("{run}, is done"));
        } else {
            print(&run);
            match options.train(script, seed, &folder, found, &interrupt) {
                Ok(true) => {}
                Ok(false) => break,
                // Before its folder was made: the user stops the study, and no run of it has failed.
                Err(error) if error.is_interrupt() => break,
                Err(error) => {
                    let _ = writeln!(std::io::stderr(), "{name}, seed {seed}: {error}");
                    failed = true;
                }
            }
        }
        if let Some(record) = RunFolder::finished(&folder) {
            match Journal::read(&folder.join("journal.jsonl")) {
                Ok(journal) => runs.push((position, record, History::of(&journal))),
                Err(error) => {
                    let _ = writeln!(std::io::stderr(), "{name}, seed {seed}: {error}");
                    failed = true;
                }
            }
        }
    }
    write_tables(options, runs)?;
    Ok(ExitCode::from(if interrupt.is_requested() { 130 } else { u8::from(failed) }))
}

/// The scripts in their order, whatever the order of the runs.
fn write_tables(options: &StudyOptions, mut runs: Vec<(usize, RunRecord, History)>) -> Result<(), ScriptError> {
    if runs.is_empty() {
        return Ok(());
    }
    runs.sort_by_key(|(position, ..)| *position);
    let mut study = Study::default();
    runs.into_iter().for_each(|(_, record, history)| study.add(record, history));
    write_atomically(&options.out.join("study.md"), study.markdown().as_bytes())?;
    write_atomically(&options.out.join("study.csv"), study.csv().as_bytes())?;
    print(&match terminal_columns() {
        Some(columns) => study.table(Some(columns)),
        None => study.markdown(),
    });
    Ok(())
}

impl StudyOptions {
    /// What each script is called in the table and in the folder.
    fn names(&self) -> Result<Vec<String>, ScriptError> {
        let name = |script: &PathBuf| script.file_stem().unwrap_or(script.as_os_str()).to_string_lossy().into_owned();
        let names: Vec<String> = self.scripts.iter().map(name).collect();
        let mut seen = HashSet::new();
        match names.iter().find(|name| !seen.insert(*name)) {
            Some(twice) => Err(ScriptError::usage("study", format!("two scripts are called '{twice}'"))),
            None => Ok(names),
        }
    }

    fn settings(&self, script: &Path, seed: u64) -> Result<Settings, ScriptError> {
        let (set, modules, device) = (self.set.clone(), self.modules.clone(), self.device.clone());
        settings::of_script(&ScriptArguments {
            script: script.to_owned(),
            set,
            modules,
            device,
            precision: None,
            convolution: None,
            seed,
        })
    }

    fn inspect(&self, script: &Path) -> Result<Inspected, ScriptError> {
        Engine::new().inspect(&self.settings(script, 0)?)
    }

    /// Whether it came to its end.
    fn train(
        &self,
        script: &Path,
        seed: u64,
        folder: &Path,
        found: Found,
        interrupt: &Interrupt,
    ) -> Result<bool, ScriptError> {
        let mut settings = self.settings(script, seed)?;
        settings.interrupt = interrupt.clone();
        settings.owns_process = true;
        let outcome = if found == Found::Begun {
            // Its script is the one of now, and its options are: that was looked at.
            Engine::new().resume(&Resume { run: folder.to_owned(), settings, set: Vec::new(), edited: false })?
        } else {
            settings.place = Some(Place::Exactly(folder.to_owned()));
            Engine::new().run(&settings)?
        };
        // The protocol stands below the table, once.
        print(&summary(&outcome, &["protocol"]));
        Ok(!outcome.interrupted)
    }
}
