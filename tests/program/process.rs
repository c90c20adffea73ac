//! The program as a process among others: where its output goes, what launchers start it, what limits and names it
//! meets.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

fn moonburn(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.current_dir(folder).env("MOONBURN_DEVICE", "cpu").stdin(Stdio::null());
    command
}

fn output(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().expect("the program starts");
    (status.code(), String::from_utf8_lossy(&stderr).trim_end().to_owned())
}

/// A folder with a script, under a name and with what it requires.
fn with_script(name: &OsStr) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scripts = folder.path().join(name);
    fs::create_dir(&scripts).expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process");
    for (file, copy) in [("train.lua", name.to_owned()), ("scale.lua", "scale".into())] {
        let copy = scripts.join(copy).with_extension("lua");
        fs::copy(from.join(file), copy).expect("the script can be copied");
    }
    let script = Path::new(name).join(name).with_extension("lua");
    (folder, script)
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_whose_product_cannot_be_printed_fails_and_one_that_nobody_reads_to_its_end_does_not() {
    let (folder, script) = with_script(OsStr::new("train"));
    let script = script.to_str().expect("UTF-8");
    for arguments in
        [&["reference"][..], &["--help"], &["devices", "--json"], &["check", script], &["types", "a.d.lua"]]
    {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let (code, told) = output(moonburn(folder.path()).args(arguments).stdout(full));
        assert_eq!(code, Some(1), "{arguments:?}: {told}");
        let last = told.lines().last().unwrap_or_default();
        assert!(last.starts_with("standard output: "), "{arguments:?}: {told}");
        let (reader, closed) = std::io::pipe().expect("a pipe");
        drop(reader);
        let (code, told) = output(moonburn(folder.path()).args(arguments).stdout(closed));
        assert_eq!(code, Some(0), "{arguments:?}: {told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_training_is_for_its_folder_whatever_becomes_of_the_output() {
    let (folder, script) = with_script(OsStr::new("train"));
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    let (code, told) = output(moonburn(folder.path()).arg("run").arg(script).args(["--out", "run"]).stdout(full));
    assert!(code == Some(0) && told.contains("standard output: "), "{told}");
    assert!(folder.path().join("run/weights.safetensors").exists());
}

#[test]
fn a_file_that_grows_beyond_the_limit_is_an_error_and_not_the_end_of_the_process() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = env!("CARGO_BIN_EXE_moonburn");
    let limited = format!("ulimit -f 1 && exec {program} types types.d.lua");
    let (code, told) = output(Command::new("sh").args(["-c", &limited]).current_dir(folder.path()));
    assert!(code == Some(1) && told.starts_with("write: types.d.lua: "), "{code:?}: {told}");
    assert_eq!(fs::read_dir(folder.path()).expect("it can be read").count(), 0);
}

#[test]
fn a_training_that_a_launcher_has_started_several_times_says_so_and_stops() {
    let (folder, script) = with_script(OsStr::new("train"));
    let run = |out: &str, variables: &[(&str, &str)]| {
        let mut command = moonburn(folder.path());
        output(command.arg("run").arg(&script).args(["--out", out]).envs(variables.iter().copied()))
    };
    for (size, rank) in [
        ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
        ("PMI_SIZE", "PMI_RANK"),
        ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
        ("WORLD_SIZE", "RANK"),
    ] {
        let (code, told) = run("run", &[(size, "4"), (rank, "3")]);
        assert!(code == Some(2) && told.contains(&format!("4 processes ({size}=4)")), "{code:?}: {told}");
        assert!(!folder.path().join("run").exists());
        let (code, told) = run(&format!("{size}-3"), &[(size, "4"), (rank, "3")]);
        assert_eq!(code, Some(0), "each its own folder: {told}");
        let (code, told) = run(&format!("{size} of one"), &[(size, "1"), (rank, "0")]);
        assert_eq!(code, Some(0), "one process: {told}");
    }
    // What an allocation says of processes that are still to be started.
    let (code, told) = run("allocated", &[("SLURM_NTASKS", "4"), ("SLURM_PROCID", "0"), ("WORLD_SIZE", "4")]);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn numbers_that_no_bench_can_have_are_errors() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for option in ["--steps", "--warmup", "--batch", "--size", "--width"] {
        for number in ["9223372036854775808", "18446744073709551615"] {
            let (code, told) = output(moonburn(folder.path()).args(["bench", "--parts", "augment", option, number]));
            let name = option.trim_start_matches('-');
            let want = format!("bench: {name} must be from ");
            assert!(code == Some(1) && told.starts_with(&want) && told.ends_with(number), "{option}: {told}");
        }
    }
}

#[test]
fn an_order_waits_for_as_long_as_there_is_a_number_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("run.json"), "{}").expect("a file");
    fs::create_dir(folder.path().join("control")).expect("a folder");
    let lock = File::create(folder.path().join(".lock")).expect("a file");
    lock.lock().expect("nobody else has it");
    let mut command = moonburn(folder.path());
    command.args(["control", ".", "status", "--timeout", &u64::MAX.to_string()]).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    while fs::read_dir(folder.path().join("control")).expect("it can be read").next().is_none() {}
    drop(lock);
    let told = child.wait_with_output().expect("it ends").stderr;
    assert!(String::from_utf8_lossy(&told).contains("has ended without an answer"));
}

#[test]
fn every_command_that_trains_refuses_to_be_one_of_several() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for command in ["run", "resume", "fork", "replay", "study"] {
        let mut command = moonburn(folder.path()).args([command, "missing"]).env("PMI_SIZE", "2").output();
        let output = command.as_mut().expect("the program starts");
        assert!(String::from_utf8_lossy(&output.stderr).contains("2 processes (PMI_SIZE=2)"));
    }
}

// Other systems refuse such names.
#[cfg(target_os = "linux")]
#[test]
fn a_run_whose_paths_are_no_text_is_taken_up_and_repeated() {
    let name = OsString::from_vec(b"caf\xe9".to_vec());
    let (folder, script) = with_script(&name);
    let start = |arguments: &[&OsStr]| {
        let told = output(moonburn(&folder.path().join(&name)).args(arguments));
        assert_eq!(told.0, Some(0), "{arguments:?}: {}", told.1);
    };
    let words = |words: &'static str| words.split(' ').map(OsStr::new).collect::<Vec<_>>();
    let up = Path::new("..").join(&script);
    let run = Path::new("..").join(OsString::from_vec(b"run \xff".to_vec()));
    let (up, run) = (up.as_os_str(), run.as_os_str());
    start(
        &[&words("run --set steps=2"), &[up, OsStr::new("--out"), run, OsStr::new("--modules"), OsStr::new("..")][..]]
            .concat(),
    );
    // From elsewhere: what is recorded of the script and of the folder must lead back to them.
    fs::create_dir(folder.path().join("elsewhere")).expect("a folder");
    let elsewhere = |arguments: Vec<&OsStr>| {
        let told = output(moonburn(&folder.path().join("elsewhere")).args(&arguments));
        assert_eq!(told.0, Some(0), "{arguments:?}: {}", told.1);
    };
    elsewhere(vec![OsStr::new("resume"), run, OsStr::new("--set"), OsStr::new("steps=3"), OsStr::new("--edited")]);
    elsewhere([vec![OsStr::new("replay"), run], words("--out replayed")].concat());
    elsewhere([vec![OsStr::new("fork"), run], words("--set steps=4 --out forked")].concat());
    elsewhere([vec![OsStr::new("compare"), run], words("forked --out c.png")].concat());
    let study = [&words("study --seeds 1 --out study")[..], &[up]].concat();
    start(&study);
    start(&study);
}
