//! The command `study`: several scripts with several seeds, and the table of what they evaluate.

use std::{
    collections::HashSet,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use moonburn::{
    Engine, Inspected, ScriptError, Settings,
    interrupt::Interrupt,
    run::{
        Place, RunFolder, RunRecord, Study,
        path_text::{from_text, shown},
        write_atomically,
    },
};

use super::{ScriptArguments, arguments::DeviceArgument, output::print, settings, signals::interruptible, summary};

/// What is to be run.
pub struct Plan {
    pub scripts: Vec<PathBuf>,
    pub seeds: u64,
    pub set: Vec<(String, String)>,
    pub modules: Vec<PathBuf>,
    pub device: DeviceArgument,
    pub out: PathBuf,
}

/// Runs what is missing, seed by seed, so that a study that is broken off has compared all scripts as far as it got. A
/// run that fails is named and left out; the table is written all the same.
pub fn run(plan: &Plan) -> Result<ExitCode, ScriptError> {
    let names = plan.names()?;
    // A mistake in the last script is no reason to train all others first.
    let scripts = plan.scripts.iter().map(|script| plan.inspect(script)).collect::<Result<Vec<_>, _>>()?;
    let (interrupt, mut failed) = (interruptible(), false);
    let mut runs = Vec::new();
    'seeds: for seed in 0..plan.seeds {
        for (position, (script, name)) in plan.scripts.iter().zip(&names).enumerate() {
            let folder = plan.out.join(format!("{name}-{seed}"));
            if !is_done(&folder, script, &scripts[position], &plan.settings(script, seed)?)? {
                print(&format!("{name}, seed {seed}"));
                match plan.train(script, seed, &folder, &interrupt) {
                    Ok(true) => {}
                    Ok(false) => break 'seeds,
                    // Before its folder was made: the user stops the study, and no run of it has failed.
                    Err(error) if error.is_interrupt() => break 'seeds,
                    Err(error) => {
                        let _ = writeln!(std::io::stderr(), "{name}, seed {seed}: {error}");
                        failed = true;
                    }
                }
            }
            runs.extend(RunFolder::finished(&folder).map(|record| (position, record)));
        }
    }
    write_table(plan, runs)?;
    Ok(ExitCode::from(if interrupt.is_requested() { 130 } else { u8::from(failed) }))
}

/// The scripts in their order, whatever the order of the runs.
fn write_table(plan: &Plan, mut runs: Vec<(usize, RunRecord)>) -> Result<(), ScriptError> {
    if runs.is_empty() {
        return Ok(());
    }
    runs.sort_by_key(|(position, _)| *position);
    let mut study = Study::default();
    runs.into_iter().for_each(|(_, record)| study.add(record));
    let table = study.table();
    write_atomically(&plan.out.join("study.md"), table.as_bytes())?;
    print(&table);
    Ok(())
}

impl Plan {
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
        settings(&ScriptArguments { script: script.to_owned(), set, modules, device, precision: None, seed })
    }

    fn inspect(&self, script: &Path) -> Result<Inspected, ScriptError> {
        Engine::new().inspect(&self.settings(script, 0)?)
    }

    /// Whether it came to its end.
    fn train(&self, script: &Path, seed: u64, folder: &Path, interrupt: &Interrupt) -> Result<bool, ScriptError> {
        let mut settings = self.settings(script, seed)?;
        settings.interrupt = interrupt.clone();
        settings.place = Some(Place::Exactly(folder.to_owned()));
        let outcome = Engine::new().run(&settings)?;
        print(&summary(&outcome));
        Ok(!outcome.interrupted)
    }
}

/// Whether a folder holds a finished run of this script as it is now. What a run that did not finish has left is removed.
fn is_done(folder: &Path, script: &Path, now: &Inspected, settings: &Settings) -> Result<bool, ScriptError> {
    let Some(record) = RunFolder::finished(folder) else {
        if folder.join("run.json").is_file() {
            std::fs::remove_dir_all(folder).map_err(|error| ScriptError::at(folder.display(), error))?;
        }
        return Ok(false);
    };
    let before = &record.description;
    let base = script.parent().unwrap_or(Path::new(""));
    let is_same_file = |path: &Path, bytes: &[u8]| {
        let Ok(inside) = path.strip_prefix(base) else { return true };
        std::fs::read(folder.join("script").join(inside)).is_ok_and(|old| old == bytes)
    };
    let other = if from_text(&before.script) != *script {
        format!("is a run of {}", shown(&before.script))
    } else if let Some((name, old)) = before.options.iter().find(|(name, value)| now.options.get(*name) != Some(value))
    {
        let new = now.options.get(name).map_or("nothing".to_owned(), ToString::to_string);
        format!("was run with {name}={old}, not {new}")
    } else if before.options.len() != now.options.len() {
        "was run with fewer options".to_owned()
    } else if before.device != settings.device.name() {
        format!("was run on {}", before.device)
    } else if let Some(changed) = now.files.iter().find(|file| !is_same_file(&file.path, &file.bytes)) {
        format!("was run before {} was changed", changed.path.display())
    } else {
        return Ok(true);
    };
    Err(ScriptError::at(folder.display(), format!("{other}: choose another --out, or remove it")))
}
