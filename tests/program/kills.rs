//! Runs that are killed at random moments, in the middle of a write among them, and taken up again: nothing is lost,
//! and what comes out in the end is what a run without a break gives, bit for bit.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use moonburn::rng::{Draws, Stream};

use super::live_run::LiveRun;

/// Kills of each of the two scripts.
const KILLS: usize = 50;

/// The longest training between two kills.
const LIFE: f32 = 0.06;

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kills")
}

fn draws(name: &str) -> Draws {
    Stream::new(0, name).at(0, 0, 0, 0)
}

fn sleep(draws: &mut Draws, longest: f32) {
    thread::sleep(Duration::from_secs_f32(draws.range(0.0, longest)));
}

#[test]
fn a_training_by_the_plain_loop_survives_fifty_kills() {
    survives("plain.lua");
}

#[test]
fn a_training_by_its_own_loop_survives_fifty_kills() {
    survives("own_loop.lua");
}

fn survives(script: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (out, whole) = (folder.path().join("run"), folder.path().join("whole"));
    let script = scripts().join(script).display().to_string();
    let train = |out: &Path| {
        LiveRun::start(folder.path(), 2, &["run", &script, "--device", "cpu", "--out", &out.display().to_string()])
    };
    assert_eq!(train(&whole).end().0, Some(0));

    let mut draws = draws(&script[script.len() - 9..]);
    let mut run = train(&out);
    run.wait_for("step 1/");
    let (mut kills, mut half_written, mut startup) = (0, 0, 0.1);
    while kills < KILLS {
        if draws.chance(0.3) {
            // In the middle of a checkpoint, as far as that can be seen from outside.
            let end = Instant::now() + Duration::from_secs_f32(5.0 * LIFE);
            while !has_half_a_checkpoint(&out) && Instant::now() < end {}
        } else {
            sleep(&mut draws, LIFE);
        }
        if !run.is_alive() {
            break;
        }
        run.kill();
        kills += 1;
        half_written += usize::from(has_half_a_checkpoint(&out));
        // One of four lives ends before it has done anything.
        let started = Instant::now();
        run = resume(folder.path(), &mut draws);
        if draws.chance(0.25) {
            sleep(&mut draws, startup);
        } else {
            run.wait(&["going on with step", "begins anew", "has finished"]);
            startup = started.elapsed().as_secs_f32();
        }
    }
    let (code, output) = run.end();
    assert!(code == Some(0) || output.contains("has finished"), "{output}");
    println!("{kills} kills, {half_written} of them while a checkpoint was being written");
    // A machine that is so fast that it has finished before is no failure.
    assert!(kills >= KILLS / 2 && half_written > 0, "{kills} kills, {half_written} half-written checkpoints");
    assert_same(&out, &whole);
    assert!(!has_half_a_checkpoint(&out), "what a killed process left is removed");
}

/// Takes the run up again, with some number of threads: the result must not depend on it.
fn resume(folder: &Path, draws: &mut Draws) -> LiveRun {
    let threads = [1, 2, 4][draws.below(3) as usize];
    LiveRun::start(folder, threads, &["resume", "run"])
}

fn has_half_a_checkpoint(run: &Path) -> bool {
    let entries = fs::read_dir(run.join("checkpoints")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| path.extension().is_some_and(|end| end == "partial" || end == "old"))
}

fn assert_same(run: &Path, whole: &Path) {
    let read = |run: &Path, name: &str| fs::read(run.join(name)).expect("a finished run has its files");
    let lines = |run: &Path| {
        let text = String::from_utf8(read(run, "metrics.jsonl")).expect("metrics are text");
        let line = |line: &str| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
            line.as_object_mut().expect("and an object").remove("seconds");
            line
        };
        text.lines().map(line).collect::<Vec<_>>()
    };
    let (got, want) = (lines(run), lines(whole));
    let differs = got.iter().zip(&want).position(|(got, want)| got != want);
    assert_eq!(differs.map(|line| (&got[line], &want[line])), None, "the first line that differs");
    assert_eq!(got.len(), want.len());
    assert!(read(run, "weights.safetensors") == read(whole, "weights.safetensors"), "the weights differ");
}

#[test]
fn a_run_that_is_killed_before_its_first_step_goes_on_or_says_that_it_must_be_started_anew() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = scripts().join("plain.lua").display().to_string();
    let mut draws = draws("early");
    let arguments = ["run", &script, "--device", "cpu", "--out", "run", "--set", "steps=3"];
    let started = Instant::now();
    let mut run = LiveRun::start(folder.path(), 2, &arguments);
    run.wait_for("step 1/");
    let startup = started.elapsed().as_secs_f32();
    drop(run);
    for _ in 0..20 {
        let _ = fs::remove_dir_all(folder.path().join("run"));
        let run = LiveRun::start(folder.path(), 2, &arguments);
        sleep(&mut draws, startup);
        run.kill();
        let (code, output) = LiveRun::start(folder.path(), 2, &["resume", "run"]).end();
        let is_told = ["is no run's folder", "start it anew", "has finished"].iter().any(|text| output.contains(text));
        assert!(code == Some(0) || is_told, "{output}");
    }
}

#[test]
fn a_run_that_is_killed_after_an_earlier_end_is_repeated_as_far_as_it_went() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = scripts().join("plain.lua").display().to_string();
    let arguments = ["run", &script, "--device", "cpu", "--out", "run", "--set", "steps=4000"];
    let mut run = LiveRun::start(folder.path(), 2, &arguments);
    run.wait_for("step 1/");
    run.interrupt();
    assert_eq!(run.end().0, Some(130));
    let mut run = LiveRun::start(folder.path(), 2, &["resume", "run"]);
    run.wait_for("/4000");
    thread::sleep(Duration::from_millis(100));
    run.kill();
    let (code, output) = LiveRun::start(folder.path(), 2, &["replay", "run", "--out", "again"]).end();
    assert!(code == Some(0) && output.contains("equal bit for bit"), "{output}");
}

#[test]
fn an_edited_run_that_is_killed_again_and_again_is_repeated_by_its_journal() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["parts.lua", "plain.lua"] {
        fs::copy(scripts().join(name), folder.path().join(name)).expect("a script can be copied");
    }
    let parts = folder.path().join("parts.lua");
    let text = fs::read_to_string(&parts).expect("a script is text");
    let mut draws = draws("edited");
    let mut run = LiveRun::start(
        folder.path(),
        2,
        &["run", "plain.lua", "--device", "cpu", "--out", "run", "--set", "steps=4000"],
    );
    run.wait_for("step 1/");
    for kill in 0..15 {
        let edited = text
            .replace("temperature = 0.5", &format!("temperature = {}", 0.3 + 0.01 * f64::from(kill)))
            .replace("16, 24, 8", &format!("16, {}, 8", 16 + 8 * draws.below(3)));
        fs::write(&parts, edited).expect("a script can be saved");
        run.wait_for("takes effect");
        sleep(&mut draws, LIFE);
        run.kill();
        if draws.chance(0.5) {
            // A power cut in the middle of a line.
            let journal = fs::OpenOptions::new().append(true).open(folder.path().join("run/journal.jsonl"));
            journal.and_then(|mut file| file.write_all(b"{\"step\":12,\"rew")).expect("the journal can be cut");
        }
        run = resume(folder.path(), &mut draws);
        // From its first step on it looks for edits.
        run.wait_for("/4000");
    }
    run.interrupt();
    assert_eq!(run.end().0, Some(130));
    let (code, output) = LiveRun::start(folder.path(), 4, &["replay", "run", "--out", "again"]).end();
    assert_eq!(code, Some(0), "{output}");
    // An edit that comes before an older one is reached again takes its place.
    assert!(output.contains(" edits repeated") && output.contains("equal bit for bit"), "{output}");
}
