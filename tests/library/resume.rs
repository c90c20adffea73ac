//! Taking a run up again, forking it, taking it back, proving it: on the CPU bit for bit.

use std::{collections::BTreeMap, fs, path::Path};

use moonburn::{
    Device, Engine, Fork, Resume, Settings,
    nn::weights,
    run::{Files, Journal, Place, RunLock, checksum},
};
use serde_json::Value;

use super::runs::{Runs, engine};

#[test]
fn a_run_that_was_stopped_anywhere_goes_on_as_if_nothing_had_happened() {
    let runs = Runs::new();
    for script in ["lasting.lua", "lasting_loop.lua"] {
        let whole = format!("{script}-whole");
        runs.run(script, &whole, 0);
        for stop in [1, 6, 9, 13, 22] {
            let name = format!("{script}-{stop}");
            assert!(runs.run(script, &name, stop).interrupted);
            assert_eq!(runs.resume(&name).expect("it goes on").updates, 23);
            runs.assert_same(&whole, &name);
        }
    }
}

#[test]
fn a_run_in_float16_goes_on_with_its_loss_scale() {
    let runs = Runs::new();
    let whole = runs.run("half.lua", "whole", 0);
    let skipped: Vec<f64> = whole.metrics.series("skipped").iter().map(|(_, count)| *count).collect();
    assert!(skipped[0] == 1.0 && skipped[8] == skipped[10] && skipped[10] < skipped[11], "{skipped:?}");
    assert_eq!(whole.updates, 23 - skipped[22] as u64);
    for stop in [1, 2, 9, 12, 13] {
        let name = stop.to_string();
        assert!(runs.run("half.lua", &name, stop).interrupted);
        assert_eq!(runs.resume(&name).expect("it goes on").updates, whole.updates);
        runs.assert_same("whole", &name);
    }
    runs.run("half.lua", "run", 9);
    let settings = Settings { place: Some(Place::Exactly(runs.path("fork"))), ..Settings::new("") };
    let fork = Fork { run: runs.path("run"), script: None, step: None, set: Vec::new(), settings };
    engine().0.fork(&fork).expect("it trains");
    assert_eq!(runs.logged("whole")[9..], runs.logged("fork"));
}

#[test]
fn a_run_that_was_killed_goes_on_from_an_older_checkpoint_or_from_its_beginning() {
    let runs = Runs::new();
    runs.run("lasting.lua", "whole", 0);
    for (kept, name) in [(2, "two"), (1, "one"), (0, "none")] {
        runs.run("lasting.lua", name, 14);
        let checkpoints = runs.checkpoints(name);
        for step in checkpoints.steps().into_iter().skip(kept) {
            checkpoints.remove(step);
        }
        runs.resume(name).expect("it goes on");
        runs.assert_same("whole", name);
    }
}

#[test]
fn a_torn_or_altered_checkpoint_is_passed_over() {
    let runs = Runs::new();
    runs.run("lasting.lua", "whole", 0);
    for file in ["session.json", "tensors.safetensors", "SHA256SUMS"] {
        for tear in [true, false] {
            let name = format!("{file}-{tear}");
            runs.run("lasting.lua", &name, 14);
            let newest = *runs.checkpoints(&name).steps().last().expect("there are checkpoints");
            let path = runs.checkpoints(&name).path(newest).join(file);
            let mut bytes = fs::read(&path).expect("it can be read");
            let middle = bytes.len() / 2;
            if tear {
                bytes.truncate(middle)
            } else {
                bytes[middle] ^= 1
            }
            fs::write(&path, bytes).expect("it can be written");
            runs.resume(&name).expect("it goes on");
            runs.assert_same("whole", &name);
        }
    }
}

#[test]
fn a_checkpoint_of_another_format_or_another_model_is_refused_by_name() {
    let runs = Runs::new();
    let alter = |name: &str, from: &str, to: &str| {
        runs.run("lasting.lua", name, 6);
        let checkpoints = runs.checkpoints(name);
        let steps = checkpoints.steps();
        for step in steps {
            let mut files = checkpoints.read(step).expect("it is whole");
            let text = String::from_utf8(files["session.json"].clone()).expect("it is text");
            assert!(text.contains(from), "{text}");
            files.insert("session.json".to_owned(), text.replace(from, to).into_bytes());
            checkpoints.write(step, &files).expect("it can be written");
        }
    };
    alter("model", "\"encoder\": {", "\"encodr\": {");
    let error = runs.resume("model").expect_err("it is refused");
    assert!(error.contains("none of its checkpoints can be read") && error.contains("no tensor 'encodr."), "{error}");
    alter("format", "\"format\": 2", "\"format\": 3");
    let error = runs.resume("format").expect_err("it is refused");
    assert!(error.contains("its format is 3, this version of moonburn reads 1 and 2"), "{error}");
    runs.run("lasting.lua", "copy", 6);
    let copy = runs.path("copy").join("script/lasting.lua");
    let text =
        fs::read_to_string(&copy).expect("it can be read").replace("linear(4, 5)", "linear(4, 5, { bias = false })");
    fs::write(&copy, &text).expect("it can be written");
    assert!(runs.resume("copy").expect_err("it is refused").contains("was altered"));
    let journal = runs.path("copy").join("journal.jsonl");
    let entries = Journal::read(&journal).expect("it can be read");
    let old = format!("{entries:?}").split("sha256: \"").nth(1).expect("a checksum")[..64].to_owned();
    let forged = fs::read_to_string(&journal).expect("it can be read").replace(&old, &checksum(text.as_bytes()));
    fs::write(&journal, forged).expect("it can be written");
    let error = runs.resume("copy").expect_err("it is refused");
    assert!(error.contains("the checkpoint is of another model or other data: encoder: kept"), "{error}");
}

/// As it was written before an optimizer kept a tree: a velocity for each parameter, by the parameter's path alone.
fn as_before(files: &Files) -> Files {
    let mut session: Value = serde_json::from_slice(&files["session.json"]).expect("JSON");
    session["format"] = 1.into();
    let optimizer = session["components"]["optimizer"].as_object_mut().expect("an optimizer");
    let state = optimizer.remove("state").expect("it keeps something");
    let paths: Vec<&String> = state.as_object().expect("paths").keys().collect();
    assert!(paths.len() >= 6, "{paths:?}");
    optimizer.insert("tensors".into(), serde_json::to_value(paths).expect("names"));
    let tensors =
        weights::decode(&files["tensors.safetensors"], Path::new("checkpoint"), &Device::cpu()).expect("whole");
    let renamed = tensors.into_iter().map(|(name, tensor)| (name.replace("/trace", ""), tensor)).collect::<Vec<_>>();
    let tensors = weights::encode(weights::read_all(&renamed).expect("on the host"), &BTreeMap::new()).expect("bytes");
    let mut old = files.clone();
    old.insert("session.json".into(), serde_json::to_vec(&session).expect("JSON"));
    old.insert("tensors.safetensors".into(), tensors);
    old
}

#[test]
fn a_run_of_the_first_format_goes_on_as_if_nothing_had_happened() {
    let runs = Runs::new();
    runs.run("lasting.lua", "whole", 0);
    runs.run("lasting.lua", "old", 14);
    let checkpoints = runs.checkpoints("old");
    for step in checkpoints.steps() {
        let files = checkpoints.read(step).expect("it is whole");
        checkpoints.write(step, &as_before(&files)).expect("it can be written");
    }
    assert_eq!(runs.resume("old").expect("it goes on").updates, 23);
    runs.assert_same("whole", "old");
}

#[test]
fn the_last_steps_done_once_more_prove_that_a_run_can_go_on() {
    let runs = Runs::new();
    runs.run("lasting.lua", "run", 14);
    let verified = engine().0.verify(&runs.take_up("run")).expect("it is verified");
    assert!(verified.contains("steps 13 to 14 done once more") && verified.contains("equal bit for bit"), "{verified}");
    let log = runs.path("run").join("metrics.jsonl");
    let text = fs::read_to_string(&log).expect("it can be read");
    let last = text.lines().last().expect("there are lines");
    let loss = serde_json::from_str::<serde_json::Value>(last).expect("JSON")["loss"].to_string();
    fs::write(&log, text.replace(&loss, &loss.replace(&loss[5..6], if &loss[5..6] == "1" { "2" } else { "1" })))
        .expect("it can be written");
    let error = engine().0.verify(&runs.take_up("run")).map(|_| ()).expect_err("it differs").to_string();
    assert!(error.contains("verify: loss was"), "{error}");
}

#[test]
fn a_finished_run_is_trained_longer_by_an_option_and_not_without() {
    let runs = Runs::new();
    runs.run("lasting.lua", "run", 0);
    assert!(runs.resume("run").expect_err("it has finished").contains("has finished, after 23 steps; --set steps="));
    let set = vec![("steps".to_owned(), "30".to_owned())];
    let outcome = engine().0.resume(&Resume { set, ..runs.take_up("run") }).expect("it goes on");
    assert_eq!((outcome.updates, runs.logged("run").len()), (30, 30));
}

#[test]
fn a_fork_by_the_same_script_is_the_same_training_and_by_another_one_begins_alike() {
    let runs = Runs::new();
    runs.run("lasting.lua", "whole", 0);
    runs.run("lasting.lua", "run", 14);
    let fork = |name: &str, set: Vec<(String, String)>, step: Option<u64>| {
        let settings = Settings { place: Some(Place::Exactly(runs.path(name))), ..Settings::new("") };
        engine().0.fork(&Fork { run: runs.path("run"), script: None, step, set, settings }).expect("it trains")
    };
    fork("same", Vec::new(), None);
    assert!(runs.weights("whole") == runs.weights("same"));
    assert_eq!(runs.logged("whole")[14..], runs.logged("same"));
    fork("earlier", Vec::new(), Some(13));
    assert!(runs.weights("whole") == runs.weights("earlier"));
    fork("other", vec![("lr".to_owned(), "0.01".to_owned())], None);
    let (one, other) = (&runs.logged("whole")[14], &runs.logged("other")[0]);
    assert_eq!(
        (&one["step"], &one["loss"]),
        (&other["step"], &other["loss"]),
        "the first loss is that of equal weights"
    );
    assert_ne!(one["lr"], other["lr"]);
    // A fork is a run of its own: it can be taken up again without any checkpoint of its own.
    let checkpoints = runs.checkpoints("same");
    checkpoints.steps().into_iter().for_each(|step| checkpoints.remove(step));
    let record = runs.path("same").join("run.json");
    let text = fs::read_to_string(&record).expect("a record is text").replace("\"finished\"", "\"running\"");
    fs::write(&record, text).expect("it can be written");
    runs.resume("same").expect("it goes on");
    assert!(runs.weights("whole") == runs.weights("same"));
}

#[test]
fn a_loss_that_is_not_finite_takes_the_training_back_with_a_lower_learning_rate() {
    let runs = Runs::new();
    let outcome = runs.run("diverging.lua", "run", 0);
    assert!(outcome.metrics.last("loss").is_some_and(|loss| loss < 1.0), "{:?}", outcome.metrics.last("loss"));
    let steps: Vec<u64> = outcome.metrics.series("loss").iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, (1..=120).collect::<Vec<_>>());
    let journal = fs::read_to_string(runs.path("run").join("journal.jsonl")).expect("a journal is text");
    assert_eq!(journal.matches("\"event\":\"rewind\"").count(), 1, "{journal}");
    assert!(journal.contains("\"lr_scale\":0.1"), "{journal}");
    let lr = outcome.metrics.last("lr").expect("it is logged");
    assert!((lr - 0.6).abs() < 1e-12, "{lr}");
}

#[test]
fn what_is_written_into_tensors_lasts_and_goes_with_the_steps_that_are_taken_back() {
    let runs = Runs::new();
    let whole = runs.run("writing.lua", "whole", 0);
    let journal = fs::read_to_string(runs.path("whole").join("journal.jsonl")).expect("a journal is text");
    assert!(journal.contains("\"event\":\"rewind\""), "{journal}");
    for (step, count) in whole.metrics.series("count") {
        assert_eq!(*count, *step as f64, "a row for each step that stands");
    }
    assert!(whole.metrics.series("most").iter().all(|(_, most)| *most == 1.0));
    assert!(whole.metrics.series("exact").iter().all(|(_, sum)| (sum - 1.0).abs() < 1e-12));
    for stop in [3, 60] {
        let name = stop.to_string();
        assert!(runs.run("writing.lua", &name, stop).interrupted);
        runs.resume(&name).expect("it goes on");
        runs.assert_same("whole", &name);
    }
}

#[test]
fn every_rule_beside_another_optimizer_with_groups_goes_on_bit_for_bit_and_is_taken_back_with_its_steps() {
    let runs = Runs::new();
    for rule in ["sgd", "adam", "adamw", "rmsprop", "adagrad", "lars", "lamb", "lion", "sam", "lookahead", "of"] {
        // A run that is taken up before it is taken back has other snapshots to go back to.
        for (runaway, stops) in [("0", &[5, 30][..]), ("21", &[30])] {
            let (whole, set) = (format!("{rule}-{runaway}"), &[("rule", rule), ("runaway", runaway)]);
            let outcome = runs.run_with("optimizers.lua", &whole, 0, set);
            let journal = fs::read_to_string(runs.path(&whole).join("journal.jsonl")).expect("a journal is text");
            assert_eq!(journal.contains("\"event\":\"rewind\""), runaway != "0", "{rule}: {journal}");
            for rate in ["lr", "lr.plain", "lr_head_optimizer", "lr_head_optimizer.bias"] {
                assert_eq!(outcome.metrics.series(rate).len(), 40, "{rule}: {rate}");
            }
            for stop in stops {
                let name = format!("{whole}-{stop}");
                assert!(runs.run_with("optimizers.lua", &name, *stop, set).interrupted);
                runs.resume(&name).expect("it goes on");
                runs.assert_same(&whole, &name);
            }
            let place = Some(Place::Exactly(runs.path(&format!("{whole}-fork"))));
            let settings = Settings { place, ..Settings::new("") };
            let run = runs.path(&format!("{whole}-30"));
            engine().0.fork(&Fork { run, script: None, step: Some(30), set: Vec::new(), settings }).expect("it trains");
            assert_eq!(runs.logged(&whole)[30..], runs.logged(&format!("{whole}-fork")), "{rule}");
        }
    }
}

#[test]
fn without_a_word_of_the_script_such_a_loss_stops_the_run_with_the_last_good_state_saved() {
    let runs = Runs::new();
    let script = runs.path("diverging.lua");
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training/diverging.lua")).expect("text");
    fs::write(&script, text.replace("rewind = 10, ", "")).expect("it can be written");
    let place = Some(Place::Exactly(runs.path("run")));
    let error = Engine::new().run(&Settings { place, ..Settings::new(&script) }).expect_err("it diverges").to_string();
    assert!(error.contains("is not finite at step"), "{error}");
    let steps = runs.checkpoints("run").steps();
    let logged = runs.logged("run").len() as u64;
    assert_eq!(steps.last(), Some(&logged), "{steps:?}");
}

#[test]
fn the_best_checkpoint_by_a_metric_stays_also_after_the_run_was_taken_up_again() {
    let runs = Runs::new();
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training/lasting.lua")).expect("text");
    let script = runs.path("best.lua");
    // The lowest is that of step 4, the first to be saved.
    let text =
        text.replace("checkpoint = { every = 4, keep = 2 }", "checkpoint = { every = 4, keep = 1, best = \"sum\" }");
    fs::write(&script, text).expect("it can be written");
    let (engine, interrupt) = engine();
    let set = vec![("stop".to_owned(), "14".to_owned())];
    let place = Some(Place::Exactly(runs.path("run")));
    engine.run(&Settings { set, place, interrupt, ..Settings::new(script) }).expect("it trains");
    assert_eq!(runs.checkpoints("run").steps(), [4, 14]);
    runs.resume("run").expect("it goes on");
    assert_eq!(runs.checkpoints("run").steps(), [4, 23]);
}

#[test]
fn a_run_that_is_stopped_again_at_once_keeps_what_its_loop_made() {
    let runs = Runs::new();
    runs.run("lasting.lua", "whole", 0);
    runs.run("lasting.lua", "run", 14);
    for _ in 0..2 {
        let (engine, interrupt) = engine();
        interrupt.request();
        let resume = runs.take_up("run");
        let settings = Settings { interrupt, ..Settings::new("") };
        assert!(engine.resume(&Resume { settings, ..resume }).expect("it stops").interrupted);
    }
    runs.resume("run").expect("it goes on");
    runs.assert_same("whole", "run");
}

#[test]
fn two_processes_never_write_to_one_run() {
    let runs = Runs::new();
    runs.run("lasting.lua", "run", 6);
    let lock = RunLock::acquire(&runs.path("run")).expect("nobody has it");
    assert!(runs.resume("run").expect_err("it is taken").contains("two processes never write to one folder"));
    drop(lock);
    runs.resume("run").expect("it goes on");
}

#[test]
fn a_folder_that_is_no_run_is_an_error_that_names_it() {
    let runs = Runs::new();
    fs::create_dir(runs.path("empty")).expect("it can be made");
    assert!(runs.resume("empty").expect_err("it is none").contains("empty: is no run's folder"));
    assert!(runs.resume("nowhere").expect_err("it is none").contains("nowhere: is no run's folder"));
}
