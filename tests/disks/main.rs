//! Disks that are full or cannot be written to, checkpoints that are damaged or of something else, a second process on
//! the same run: a clear error, and nothing lost. Tests that need a mount of their own, or another user, are shown as
//! ignored where that is not allowed.

mod damage;
mod disk;
#[path = "../program/live_run.rs"]
mod live_run;
mod mounting;
mod tensors;
#[cfg_attr(unix, path = "users.rs")]
#[cfg_attr(not(unix), path = "no_users.rs")]
mod users;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use disk::Disk;
use libtest_mimic::{Arguments, Failed, Trial};
use live_run::LiveRun;

/// Far longer than anything takes on a machine that is not stuck.
const LONG: Duration = Duration::from_secs(120);

type Outcome = Result<(), Failed>;

fn main() {
    let (mounts, users) = (mounting::is_allowed(), users::are_there());
    let any = [
        Trial::test(
            "a checkpoint that is cut short, altered or of another form is passed over, and that is told",
            damage::damaged,
        ),
        Trial::test(
            "where every checkpoint is damaged a run is not begun anew, but left as it is",
            damage::all_damaged,
        ),
        Trial::test("a checkpoint of another model is refused, and nothing changes", damage::of_another_model),
        Trial::test("a second process is kept from a live run", second_process),
    ];
    let mounted = [
        Trial::test("a training goes on while its disk is full, and saves again when it has room", full_meanwhile),
        Trial::test("a disk that is full at the end is an error, and the run can be taken up", full_at_the_end),
        Trial::test("an edit that a full disk cannot record is refused", full_at_an_edit),
        Trial::test("what a script saves to a full disk is an error, and the old files stay", tensors::full),
        Trial::test("a run on a disk that is read-only cannot be taken up, and stays as it is", read_only),
    ];
    let unprivileged =
        [Trial::test("a training goes on while its folder cannot be written to, and saves again after", forbidden)];
    let trials = any.into_iter();
    let trials = trials.chain(mounted.into_iter().map(|trial| trial.with_ignored_flag(!mounts)));
    let trials = trials.chain(unprivileged.into_iter().map(|trial| trial.with_ignored_flag(!users)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn script() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kills/plain.lua").display().to_string()
}

/// The command line of a run of so many steps, with a checkpoint after each so many.
fn arguments(steps: u64, every: &str) -> Vec<String> {
    let rest = ["--device", "cpu", "--out", "run", "--checkpoint", every, "--set"].map(str::to_owned);
    ["run".to_owned(), script()].into_iter().chain(rest).chain([format!("steps={steps}")]).collect()
}

fn start(folder: &Path, steps: u64, every: &str) -> LiveRun {
    let arguments = arguments(steps, every);
    LiveRun::start(folder, 2, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn expect(is_so: bool, output: &str) -> Outcome {
    if is_so { Ok(()) } else { Err(format!("it is not so:\n{output}").into()) }
}

/// A finished run in the folder `whole`, and in `run` what it was when it had just saved step 30, and step 20 before.
fn broken_off() -> Result<tempfile::TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    let (code, output) = start(folder.path(), 40, "10").end();
    expect(code == Some(0), &output)?;
    fs::rename(folder.path().join("run"), folder.path().join("whole"))?;
    copy(&folder.path().join("whole"), &folder.path().join("run"))?;
    let run = folder.path().join("run");
    fs::remove_dir_all(run.join("checkpoints/step-00000040"))?;
    fs::remove_file(run.join("weights.safetensors"))?;
    let record = fs::read_to_string(run.join("run.json"))?;
    fs::write(run.join("run.json"), record.replace("\"finished\"", "\"running\""))?;
    expect(steps(&run) == [20, 30], &format!("{:?}", steps(&run)))?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The steps of a run's checkpoints.
fn steps(run: &Path) -> Vec<u64> {
    moonburn::run::Checkpoints::below(run.join("checkpoints")).steps()
}

fn wait_until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + LONG;
    while !is_so() {
        assert!(Instant::now() < end, "it takes too long");
        thread::sleep(Duration::from_millis(2));
    }
}

fn resume(folder: &Path) -> (Option<i32>, String) {
    LiveRun::start(folder, 2, &["resume", "run"]).end()
}

fn same_weights(folder: &Path) -> Outcome {
    let [run, whole] = ["run", "whole"].map(|run| fs::read(folder.join(run).join("weights.safetensors")));
    expect(run? == whole?, "the weights are other ones than those of a run without a break")
}

/// Every file of a run, but for the one that is written to take its lock.
fn contents(run: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Failed> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(run)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(contents(&path)?);
        } else if !path.ends_with(".lock") {
            found.insert(path.clone(), fs::read(&path)?);
        }
    }
    Ok(found)
}

fn second_process() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut run = start(folder.path(), 1_000_000, "never");
    run.wait_for("step 1/");
    let (code, output) = resume(folder.path());
    let want = "is being written to by process";
    expect(code == Some(1) && output.contains(want), &output)?;
    let (code, output) = start(folder.path(), 40, "never").end();
    expect(code == Some(1) && output.contains("out must be a new or empty folder"), &output)?;
    expect(run.is_alive(), "the first run goes on")?;
    run.interrupt();
    let (code, output) = run.end();
    expect(code == Some(130), &output)
}

fn full_meanwhile() -> Outcome {
    let disk = Disk::mount("4m")?;
    let mut run = start(disk.path(), 1_000_000, "20");
    let folder = disk.path().join("run");
    wait_until(|| steps(&folder).len() >= 3);
    let told = disk.while_full(|| run.wait_for("No space left on device"));
    let told = told + &run.wait_for("the training goes on, the last good one is of step");
    expect(told.contains("checkpoint: run/checkpoints/step-"), &told)?;
    let last = *steps(&folder).last().ok_or("the older checkpoints are still there")?;
    disk.make_room()?;
    wait_until(|| steps(&folder).last().is_some_and(|step| *step > last + 40));
    run.interrupt();
    let (code, output) = run.end();
    expect(code == Some(130), &output)?;
    // What was logged while the disk was full was held.
    let metrics = fs::read_to_string(folder.join("metrics.jsonl"))?;
    let logged =
        metrics.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).map(|line| line["step"].clone()));
    let logged: Vec<_> = logged.collect::<Result<_, _>>()?;
    expect((1..).zip(&logged).all(|(step, logged)| *logged == step), "a step is missing from metrics.jsonl")
}

fn full_at_the_end() -> Outcome {
    let disk = Disk::mount("4m")?;
    let (code, output) = start(disk.path(), 300, "20").end();
    expect(code == Some(0), &output)?;
    fs::rename(disk.path().join("run"), disk.path().join("whole"))?;
    let mut run = start(disk.path(), 300, "20");
    let folder = disk.path().join("run");
    wait_until(|| !steps(&folder).is_empty());
    let (code, output) = disk.while_full(|| run.end());
    let error = output.lines().last().unwrap_or_default();
    expect(code == Some(1) && error.starts_with("write: run/weights.safetensors: No space left on device"), &output)?;
    expect(!steps(&folder).is_empty(), "the older checkpoints are still there")?;
    disk.make_room()?;
    let (code, output) = resume(disk.path());
    expect(code == Some(0) && output.contains("going on with step"), &output)?;
    same_weights(disk.path())
}

fn full_at_an_edit() -> Outcome {
    let disk = Disk::mount("4m")?;
    let scripts = tempfile::tempdir()?;
    for name in ["plain.lua", "parts.lua"] {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kills").join(name), scripts.path().join(name))?;
    }
    let out = disk.path().join("run").display().to_string();
    let arguments = ["run", "plain.lua", "--device", "cpu", "--out", &out, "--checkpoint", "never", "--set"];
    let arguments: Vec<&str> = arguments.into_iter().chain(["steps=1000000"]).collect();
    let mut run = LiveRun::start(scripts.path(), 2, &arguments);
    run.wait_for("step 1/");
    let parts = scripts.path().join("parts.lua");
    let text = fs::read_to_string(&parts)?;
    let save = |temperature: f64| {
        fs::write(&parts, text.replace("temperature = 0.5", &format!("temperature = {temperature}")))
    };
    disk.while_full(|| {
        save(0.4)?;
        run.wait_for("edit refused, as it cannot be recorded");
        run.wait_for("No space left on device");
        Ok::<(), Failed>(())
    })?;
    disk.make_room()?;
    save(0.3)?;
    let told = run.wait_for("takes effect from step");
    expect(told.contains("edit 1 takes effect"), &told)?;
    run.interrupt();
    let (code, output) = run.end();
    expect(code == Some(130), &output)?;
    let journal = fs::read_to_string(disk.path().join("run/journal.jsonl"))?;
    expect(!journal.contains("temperature = 0.4"), "the journal has nothing of the edit that was refused")?;
    let again = scripts.path().join("again").display().to_string();
    let (code, output) = LiveRun::start(scripts.path(), 2, &["replay", &out, "--out", &again]).end();
    expect(code == Some(0) && output.contains("equal bit for bit"), &output)
}

fn read_only() -> Outcome {
    let disk = Disk::mount("8m")?;
    let whole = broken_off()?;
    for run in ["run", "whole"] {
        copy(&whole.path().join(run), &disk.path().join(run))?;
    }
    let before = contents(&disk.path().join("run"))?;
    mounting::mount(&["-o", "remount,ro"], disk.path())?;
    let (code, output) = resume(disk.path());
    expect(code == Some(1) && output.contains("run/.lock: Read-only file system"), &output)?;
    let (code, output) = LiveRun::start(disk.path(), 2, &["run", &script(), "--device", "cpu", "--out", "new"]).end();
    expect(code == Some(1) && output.contains("run: new: Read-only file system"), &output)?;
    expect(contents(&disk.path().join("run"))? == before, "something in the run's folder has changed")?;
    mounting::mount(&["-o", "remount,rw"], disk.path())?;
    let (code, output) = resume(disk.path());
    expect(code == Some(0), &output)?;
    same_weights(disk.path())
}

fn forbidden() -> Outcome {
    let folder = tempfile::tempdir()?;
    users::open_to_all(folder.path())?;
    let mut command = users::unprivileged();
    command.args(arguments(1_000_000, "20")).current_dir(folder.path());
    let mut run = LiveRun::spawn(&mut command);
    let checkpoints = folder.path().join("run/checkpoints");
    wait_until(|| steps(&folder.path().join("run")).len() >= 3);
    users::forbid(&checkpoints, true)?;
    let told = run.wait_for("Permission denied");
    let told = told + &run.wait_for("the training goes on, the last good one is of step");
    expect(told.contains("checkpoint: run/checkpoints/step-"), &told)?;
    let last = steps(&folder.path().join("run")).last().copied();
    users::forbid(&checkpoints, false)?;
    wait_until(|| steps(&folder.path().join("run")).last().copied() > last);
    run.interrupt();
    let (code, output) = run.end();
    expect(code == Some(130), &output)
}
