//! Modules that a script composes last as any other: their buffers, parts and beginnings over a stop, a fork, a run that
//! is taken back.

use std::fs;

use moonburn::{Fork, Settings, run::Place};

use super::runs::{Runs, engine};

const SCRIPT: &str = "own_module.lua";

#[test]
fn a_module_of_ones_own_goes_on_bit_for_bit_and_is_taken_back_with_its_steps() {
    let runs = Runs::new();
    // A run that is taken up before it is taken back has other snapshots to go back to.
    for (runaway, stops) in [("0", &[5, 30][..]), ("21", &[30])] {
        let (whole, set) = (format!("whole-{runaway}"), &[("runaway", runaway)]);
        let outcome = runs.run_with(SCRIPT, &whole, 0, set);
        let journal = fs::read_to_string(runs.path(&whole).join("journal.jsonl")).expect("a journal is text");
        assert_eq!(journal.contains("\"event\":\"rewind\""), runaway != "0", "{journal}");
        // One forward pass a step that stands: what a step that is taken back has counted is taken back with it.
        assert!(outcome.metrics.series("count").iter().all(|(step, count)| *count == *step as f64));
        for stop in stops {
            let name = format!("{whole}-{stop}");
            assert!(runs.run_with(SCRIPT, &name, *stop, set).interrupted);
            runs.resume(&name).expect("it goes on");
            runs.assert_same(&whole, &name);
        }
        let settings =
            Settings { place: Some(Place::Exactly(runs.path(&format!("{whole}-fork")))), ..Settings::new("") };
        let run = runs.path(&format!("{whole}-30"));
        engine().0.fork(&Fork { run, script: None, step: Some(30), set: Vec::new(), settings }).expect("it trains");
        assert_eq!(runs.logged(&whole)[30..], runs.logged(&format!("{whole}-fork")));
    }
    assert_eq!(runs.replay("whole-0"), None);
}

#[test]
fn a_summary_in_every_step_changes_nothing_of_a_training() {
    let runs = Runs::new();
    runs.run_with(SCRIPT, "plain", 0, &[("looks", "0"), ("steps", "10")]);
    runs.run_with(SCRIPT, "looked", 0, &[("looks", "1"), ("steps", "10")]);
    runs.assert_same("plain", "looked");
}
