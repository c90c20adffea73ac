//! Runs whose folder is removed or moved while they train.

use std::{fs, path::Path};

use super::live_run::LiveRun;

/// A training of a few seconds in a process of its own.
fn live(folder: &Path) -> LiveRun {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/edits/train.lua");
    let mut run =
        LiveRun::start(folder, 1, &["run", script, "--device", "cpu", "--out", "run", "--set", "steps=100000"]);
    run.wait_for("step 1/");
    run
}

#[cfg(unix)]
#[test]
fn a_live_run_whose_folder_is_removed_goes_on_in_a_whole_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut run = live(folder.path());
    fs::remove_dir_all(folder.path().join("run")).expect("it is there");
    run.wait_for("run was removed: the run is in run-2 from here on");
    run.interrupt();
    assert_eq!(run.end().0, Some(130));
    assert!(!folder.path().join("run").exists());
    let replayed = LiveRun::start(folder.path(), 1, &["replay", "run-2", "--out", "again"]).end();
    assert!(replayed.0 == Some(0) && replayed.1.contains("equal bit for bit"), "{}", replayed.1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_live_run_whose_folder_is_moved_follows_it_and_leaves_one_that_took_its_place_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut run = live(folder.path());
    fs::rename(folder.path().join("run"), folder.path().join("moved")).expect("it can be moved");
    fs::create_dir(folder.path().join("run")).expect("it can be made");
    run.wait_for("moved now");
    run.interrupt();
    assert_eq!(run.end().0, Some(130));
    assert_eq!(fs::read_dir(folder.path().join("run")).expect("it is there").count(), 0);
    let replayed = LiveRun::start(folder.path(), 1, &["replay", "moved", "--out", "again"]).end();
    assert!(replayed.0 == Some(0) && replayed.1.contains("equal bit for bit"), "{}", replayed.1);
}
