//! Runs the Lua specifications below `tests/scripts`. A file is one by declaring tests: `test("a sentence", function()
//! … end)`; files that declare none are their parts. Each test runs in a VM of its own; one without an assertion fails.

use std::{
    cell::{Cell, RefCell},
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use libtest_mimic::{Arguments, Failed, Trial};
use moonburn::{Device, Engine, Settings};

const ROOT: &str = "tests/scripts";

/// What needs an adapter, in software or not. On a machine that has none these tests show as ignored.
const KERNELS: &str = "kernel/";

fn main() {
    let mut files = Vec::new();
    find(Path::new(ROOT), &mut files);
    files.sort();
    let has_adapter = !Device::adapters().is_empty();
    let trials = files.iter().flat_map(|file| trials(file));
    let trials = trials.map(|trial| {
        let is_ignored = !has_adapter && trial.name().starts_with(KERNELS);
        trial.with_ignored_flag(is_ignored)
    });
    let trials = trials.collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the specifications are beside the crate") {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|end| end == "lua") {
            files.push(path);
        }
    }
}

/// One trial for each test that a file declares, or one that fails if the file cannot be read.
fn trials(file: &Path) -> Vec<Trial> {
    let title = file.strip_prefix(ROOT).unwrap_or(file).with_extension("").display().to_string();
    match run(file, None) {
        Err(error) => vec![Trial::test(title, move || Err(Failed::from(error)))],
        Ok(ran) => ran
            .names
            .into_iter()
            .map(|name| {
                let (file, wanted) = (file.to_owned(), name.clone());
                Trial::test(format!("{title}: {name}"), move || match run(&file, Some(wanted)) {
                    Err(error) => Err(Failed::from(error)),
                    Ok(ran) if ran.assertions == 0 => Err(Failed::from("the test asserts nothing")),
                    Ok(_) => Ok(()),
                })
            })
            .collect(),
    }
}

struct Ran {
    names: Vec<String>,
    assertions: usize,
}

/// Runs a file with only the wanted test, or with none, to learn its tests' names.
fn run(file: &Path, wanted: Option<String>) -> Result<Ran, String> {
    let names = Rc::new(RefCell::new(Vec::new()));
    let assertions = Rc::new(Cell::new(0));
    let mut engine = Engine::new();
    let declared = names.clone();
    engine.function("spec.declare(name)", "Notes a test; true if it is to run.", move |name: String| {
        let runs = wanted.as_ref() == Some(&name);
        declared.borrow_mut().push(name);
        Ok(runs)
    });
    let counted = assertions.clone();
    engine.function("spec.count()", "Counts an assertion.", move || {
        counted.set(counted.get() + 1);
        Ok(())
    });
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = format!("{}/", folder.path().display());
    engine.function("spec.folder()", "A folder of this test's own.", move || Ok(path.clone()));
    let settings = Settings { modules: vec![ROOT.into(), "scripts".into()], ..Settings::new(file) };
    engine.run_file(&settings).map_err(|error| error.to_string())?;
    Ok(Ran { names: names.take(), assertions: assertions.get() })
}
