//! Data sets of tensors, of a function and of a ring in a training: they learn, and go on bit for bit where a run is
//! taken up, taken back, or forked.

use std::fs;

use moonburn::{Fork, Settings, run::Place};

use super::runs::{Runs, engine};

const SCRIPTS: [&str; 3] = ["sine.lua", "mixture.lua", "replay.lua"];

#[test]
fn they_go_on_bit_for_bit_where_a_run_is_taken_up_taken_back_or_forked() {
    let runs = Runs::new();
    for script in SCRIPTS {
        for (runaway, stops) in [("0", &[3, 16, 31][..]), ("21", &[30])] {
            let (whole, set) = (format!("{script}-{runaway}"), &[("runaway", runaway)]);
            let outcome = runs.run_with(script, &whole, 0, set);
            let journal = fs::read_to_string(runs.path(&whole).join("journal.jsonl")).expect("a journal is text");
            assert_eq!(journal.contains("\"event\":\"rewind\""), runaway != "0", "{script}: {journal}");
            assert_eq!(outcome.metrics.series("loss").len(), 40, "{script}");
            for stop in stops {
                let name = format!("{whole}-{stop}");
                assert!(runs.run_with(script, &name, *stop, set).interrupted);
                runs.resume(&name).expect("it goes on");
                runs.assert_same(&whole, &name);
            }
            let place = Some(Place::Exactly(runs.path(&format!("{whole}-fork"))));
            let settings = Settings { place, ..Settings::new("") };
            let last = stops[stops.len() - 1];
            let fork = Fork {
                run: runs.path(&format!("{whole}-{last}")),
                script: None,
                step: Some(last),
                set: Vec::new(),
                settings,
            };
            engine().0.fork(&fork).expect("it trains");
            assert_eq!(runs.logged(&whole)[last as usize..], runs.logged(&format!("{whole}-fork")), "{script}");
        }
        let one = runs.logged(&format!("{script}-0"));
        // Until it runs away, and after it was taken back, a run logs what one without that does.
        assert_eq!(one, runs.logged(&format!("{script}-21")), "{script}");
    }
}

#[test]
fn they_learn_from_batches_of_the_sizes_that_there_are() {
    let runs = Runs::new();
    let sine = runs.run_with("sine.lua", "sine", 0, &[("steps", "300")]);
    let errors: Vec<f64> = sine.metrics.series("loss").iter().map(|(_, loss)| *loss).collect();
    assert!(errors[299] < 0.5 * errors[0], "{} to {}", errors[0], errors[299]);
    assert_eq!(sine.metrics.series("epoch")[299].1, 43.0, "7 batches of 4 of 30 items");
    assert_eq!(sine.results["count"], 50);

    let mixture = runs.run("mixture.lua", "mixture", 0);
    assert!(mixture.results["accuracy"].as_f64().is_some_and(|accuracy| accuracy > 0.95), "{:?}", mixture.results);
    let sizes: Vec<f64> = mixture.metrics.series("size").iter().map(|(_, size)| *size).collect();
    assert_eq!(sizes[..5], [16.0, 16.0, 16.0, 12.0, 16.0]);

    let replay = runs.run("replay.lua", "replay", 0);
    for (step, held) in replay.metrics.series("held") {
        assert_eq!(*held, (*step).min(15) as f64);
    }
}

#[test]
fn of_another_capacity_the_newest_items_go_on() {
    for (capacity, at_first) in [("4", 4.0), ("15", 10.0), ("100", 10.0)] {
        let runs = Runs::new();
        assert!(runs.run_with("replay.lua", "run", 9, &[("capacity", "12")]).interrupted);
        let outcome = runs.resume_with("run", &[("capacity", capacity)]).expect("it goes on");
        let held = outcome.metrics.series("held");
        let at = |step: u64| held.iter().find(|(own, _)| *own == step).map(|(_, held)| *held);
        assert_eq!(at(10), Some(at_first), "{capacity}");
        assert_eq!(at(40), Some(capacity.parse::<f64>().expect("a number").min(40.0)), "{capacity}");
    }
}
