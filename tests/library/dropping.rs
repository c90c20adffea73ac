//! What layers draw is a draw of the step: bit for bit the same after a resumption, in a fork, after steps that were taken
//! back, and where a part is computed again.

use std::fs;

use moonburn::{Fork, Settings, run::Place};

use super::runs::{Runs, engine};

#[test]
fn what_layers_drop_is_the_same_however_a_run_comes_to_a_step() {
    let runs = Runs::new();
    // A run that is taken up before it is taken back has other snapshots to go back to.
    for (runaway, stops) in [("0", &[1, 6, 15][..]), ("13", &[15])] {
        let (whole, set) = (format!("whole-{runaway}"), &[("runaway", runaway)]);
        runs.run_with("dropping.lua", &whole, 0, set);
        let journal = fs::read_to_string(runs.path(&whole).join("journal.jsonl")).expect("a journal is text");
        assert_eq!(journal.contains("\"event\":\"rewind\""), runaway != "0", "{journal}");
        for stop in stops {
            let name = format!("{whole}-{stop}");
            assert!(runs.run_with("dropping.lua", &name, *stop, set).interrupted);
            runs.resume(&name).expect("it goes on");
            runs.assert_same(&whole, &name);
        }
        let place = Some(Place::Exactly(runs.path(&format!("{whole}-fork"))));
        let settings = Settings { place, ..Settings::new("") };
        let run = runs.path(&format!("{whole}-15"));
        engine().0.fork(&Fork { run, script: None, step: Some(15), set: Vec::new(), settings }).expect("it trains");
        assert_eq!(runs.logged(&whole)[15..], runs.logged(&format!("{whole}-fork")));
    }
}

#[test]
fn what_is_computed_again_drops_the_same() {
    let runs = Runs::new();
    for recompute in ["true", "false"] {
        runs.run_with("dropping.lua", recompute, 0, &[("recompute", recompute)]);
    }
    runs.assert_same("true", "false");
}
