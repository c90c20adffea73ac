//! Runs that a power cut, a full disk or a hand has damaged: what is told, what is saved, and that nothing is removed.

use std::{fs, path::Path};

use moonburn::run::{Journal, Repaired, repair};

use super::runs::Runs;

/// What befalls a run's folder.
type Damage<'a> = &'a dyn Fn(&Path);

/// A run of 23 steps that was stopped after 14, and a damage to it.
fn damaged(damage: impl Fn(&Path)) -> Runs {
    let runs = Runs::new();
    runs.run("lasting.lua", "whole", 0);
    runs.run("lasting.lua", "run", 14);
    damage(&runs.path("run"));
    runs
}

fn repaired(runs: &Runs) -> Repaired {
    repair(&runs.path("run")).expect("it is a run's folder")
}

fn cut(path: &Path, keep: usize) {
    let bytes = fs::read(path).expect("it is there");
    fs::write(path, &bytes[..keep.min(bytes.len())]).expect("it can be written");
}

#[test]
fn whatever_a_checkpoint_keeps_is_put_back_and_the_run_goes_on_as_if_nothing_had_happened() {
    let damages: [(&str, Damage); 8] = [
        ("an empty record", &|run| cut(&run.join("run.json"), 0)),
        ("half a record", &|run| cut(&run.join("run.json"), 300)),
        ("no record", &|run| fs::remove_file(run.join("run.json")).expect("it is there")),
        ("an empty journal", &|run| cut(&run.join("journal.jsonl"), 0)),
        ("no journal", &|run| fs::remove_file(run.join("journal.jsonl")).expect("it is there")),
        ("a journal of zeros", &|run| fs::write(run.join("journal.jsonl"), [0; 900]).expect("it can be written")),
        ("no copies", &|run| fs::remove_dir_all(run.join("script")).expect("it is there")),
        ("an altered copy", &|run| fs::write(run.join("script/lasting.lua"), "return 1").expect("it can be written")),
    ];
    for (what, damage) in damages {
        let runs = damaged(damage);
        let error = runs.resume("run").expect_err(what);
        assert!(error.contains("moonburn repair") || what == "no record", "{what}: {error}");
        let found = repaired(&runs);
        assert!(found.resumes && found.step == Some(14) && found.lost.is_empty(), "{what}: {found:?}");
        runs.resume("run").unwrap_or_else(|error| panic!("{what}: {error}"));
        runs.assert_same("whole", "run");
        assert_eq!(runs.replay("run"), None, "{what}");
    }
}

#[test]
fn what_is_replaced_lies_aside_and_a_torn_checkpoint_with_it() {
    let runs = damaged(|run| {
        fs::write(run.join("run.json"), "{ mine").expect("it can be written");
        cut(&run.join("checkpoints/step-00000014/tensors.safetensors"), 100);
        fs::write(run.join("notes.txt"), "mine").expect("it can be written");
    });
    let found = repaired(&runs);
    let aside = found.aside.clone().expect("something had to make room");
    assert_eq!(fs::read_to_string(aside.join("run.json")).expect("it is there"), "{ mine");
    assert!(aside.join("checkpoints/step-00000014/session.json").exists() && found.step == Some(12), "{found:?}");
    assert_eq!(fs::read_to_string(runs.path("run").join("notes.txt")).expect("it is there"), "mine");
    runs.resume("run").expect("it goes on");
    runs.assert_same("whole", "run");
}

#[test]
fn a_sound_run_is_left_alone_and_what_is_none_is_told() {
    let runs = damaged(|_| {});
    assert_eq!(repaired(&runs), Repaired { step: Some(14), resumes: true, ..Repaired::default() });
    fs::create_dir(runs.path("empty")).expect("it can be made");
    let error = repair(&runs.path("empty")).expect_err("it is none").to_string();
    assert!(error.contains("empty: is no run's folder"), "{error}");
}

#[test]
fn without_any_whole_checkpoint_it_says_what_is_lost() {
    let runs = damaged(|run| {
        fs::remove_dir_all(run.join("checkpoints")).expect("it is there");
        cut(&run.join("run.json"), 0);
    });
    let found = repaired(&runs);
    assert!(!found.resumes && found.lost == ["run.json is damaged, and no checkpoint has a copy of it"], "{found:?}");
    let runs = damaged(|run| {
        for entry in fs::read_dir(run.join("checkpoints")).expect("it is there") {
            cut(&entry.expect("it can be read").path().join("tensors.safetensors"), 100);
        }
    });
    let found = repaired(&runs);
    assert!(!found.resumes && found.lost[0].contains("no whole checkpoint"), "{found:?}");
}

#[test]
fn a_young_run_that_never_had_a_checkpoint_begins_anew() {
    let runs = damaged(|run| fs::remove_dir_all(run.join("checkpoints")).expect("it is there"));
    let found = repaired(&runs);
    assert!(found.resumes && found.lost.is_empty() && found.step.is_none(), "{found:?}");
    runs.resume("run").expect("it begins anew");
    runs.assert_same("whole", "run");
}

#[test]
fn a_journal_that_names_a_place_outside_the_run_is_not_followed_there() {
    let runs = damaged(|run| {
        let path = run.join("journal.jsonl");
        let text = fs::read_to_string(&path).expect("a journal is text");
        fs::write(&path, text.replace("script/lasting.lua", "../victim.lua")).expect("it can be written");
    });
    fs::write(runs.path("victim.lua"), "mine").expect("it can be written");
    let found = repaired(&runs);
    assert!(found.lost.iter().any(|lost| lost.contains("is outside the run's folder")), "{found:?}");
    assert_eq!(fs::read_to_string(runs.path("victim.lua")).expect("it is there"), "mine");
}

#[test]
fn steps_that_the_log_lacks_are_told_noted_and_no_fault_of_the_training() {
    let runs = damaged(|run| {
        let log = fs::read_to_string(run.join("metrics.jsonl")).expect("a log is text");
        let kept: String = log.split_inclusive('\n').take(9).collect();
        fs::write(run.join("metrics.jsonl"), kept + "{\"step\":10,\"se").expect("it can be written");
    });
    assert_eq!(runs.replay("run"), None);
    runs.resume("run").expect("it goes on");
    assert!(runs.weights("whole") == runs.weights("run"));
    let steps: Vec<_> = runs.logged("run").iter().map(|line| line["step"].as_u64().expect("a step")).collect();
    assert_eq!(steps, (1..=9).chain(15..=23).collect::<Vec<_>>());
    let journal = Journal::read(&runs.path("run").join("journal.jsonl")).expect("it can be read");
    assert!(format!("{journal:?}").contains("Gap { from: 10, to: 14 }"), "{journal:?}");
    fs::remove_dir_all(runs.path("run-again")).expect("it was repeated");
    assert_eq!(runs.replay("run"), None);
}
