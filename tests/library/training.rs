//! Whole trainings: loops, seeds, run folders, weights.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    rc::Rc,
};

use moonburn::{Engine, Outcome, Settings, run::Place, tensor::is_exact};

fn settings(script: &str) -> Settings {
    Settings::new(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training")).join(script))
}

fn train(script: &str) -> Outcome {
    Engine::new().run(&settings(script)).expect("the training runs")
}

fn losses(outcome: &Outcome) -> Vec<(u64, f64)> {
    outcome.metrics.series("loss").to_vec()
}

#[test]
fn a_loop_of_the_script_trains_as_the_plain_loop_does() {
    let (plain, own) = (train("plain.lua"), train("own_loop.lua"));
    assert_eq!(plain.updates, 4);
    assert_eq!(losses(&plain), losses(&own));
    assert_eq!(own.metrics.series("twice"), [(1, 2.0), (2, 4.0), (3, 6.0), (4, 8.0)]);
}

#[test]
fn the_order_of_construction_does_not_matter() {
    assert_eq!(losses(&train("plain.lua")), losses(&train("other_order.lua")));
}

#[test]
fn another_seed_is_another_training_and_the_same_seed_the_same() {
    let other = Engine::new().run(&Settings { seed: 1, ..settings("plain.lua") }).expect("the training runs");
    assert_ne!(losses(&train("plain.lua")), losses(&other));
    assert_eq!(losses(&train("plain.lua")), losses(&train("plain.lua")));
}

#[test]
fn a_training_with_functions_and_kernels_between_transforms_repeats_itself() {
    let (first, second) = (train("augmenting.lua"), train("augmenting.lua"));
    assert_eq!((first.updates, losses(&first)), (3, losses(&second)));
    let set = vec![("probability".to_owned(), "0".to_owned())];
    let without = Engine::new().run(&Settings { set, ..settings("augmenting.lua") }).expect("the training runs");
    assert_ne!(losses(&first), losses(&without));
}

#[test]
fn an_option_from_outside_changes_the_training() {
    let set = vec![("steps".to_owned(), "2".to_owned())];
    let outcome = Engine::new().run(&Settings { set, ..settings("plain.lua") }).expect("the training runs");
    assert_eq!(outcome.updates, 2);
}

#[test]
fn lars_steps_a_modules_own_vectors_as_sgd_without_decay_and_adapts_its_matrix() {
    let outcome = train("lars.lua");
    let value = |name: &str| outcome.results[name].as_f64().expect("a number");
    // y = Σ (x·M ∘ gain + bias) with x = 1 and all parameters 2: gradients 1, 8 and 2.
    assert!((value("bias") - (2.0 - 0.1)).abs() < 1e-6, "{}", value("bias"));
    assert!((value("gain") - (2.0 - 0.1 * 8.0)).abs() < 1e-6, "{}", value("gain"));
    // You et al. 2017: trust · ‖p‖ / (‖g‖ + decay · ‖p‖) times g + decay · p, both norms being 8.
    let want = 2.0 - 0.1 * (0.001 * 8.0 / (8.0 + 0.5 * 8.0)) * (2.0 + 0.5 * 2.0);
    assert!((value("matrix") - want).abs() < 1e-6, "{} for {want}", value("matrix"));
}

#[test]
fn gradients_of_parts_of_a_batch_add_up_to_the_update_of_the_whole() {
    let trained = |rule: &str, precision: &str, way: &str| {
        let set = [("rule", rule), ("precision", precision), ("way", way)];
        let set = set.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let outcome = Engine::new().run(&Settings { set, ..settings("accumulating.lua") }).expect("the training runs");
        assert_eq!(outcome.updates, 6);
        outcome.metrics.series("whole").to_vec()
    };
    for (rule, precision, tolerance) in [("sgd", "float32", 1e-5), ("lars", "float32", 1e-5), ("sgd", "float16", 1e-2)]
    {
        let whole = trained(rule, precision, "at once");
        for way in ["parts", "mixed"] {
            for ((step, want), (_, got)) in whole.iter().zip(trained(rule, precision, way)) {
                assert!((got / want - 1.0).abs() < tolerance, "{rule}, {precision}, {way}: {got} for {want} at {step}");
            }
        }
    }
}

fn train_in(precision: &str, script: &str) -> Outcome {
    let set = vec![("precision".to_owned(), precision.to_owned())];
    Engine::new().run(&Settings { set, ..settings(script) }).expect("the training runs")
}

#[test]
fn a_training_in_half_precision_has_almost_the_losses_of_float32_and_the_same_evaluation_before_it() {
    let whole = train("small_loss.lua");
    assert!(whole.metrics.series("loss_scale").is_empty());
    // A step back and forth through a ResNet-18 of width 2, whose every product is rounded to 11 and to 8 bits.
    for (precision, tolerance) in [("float16", 0.015), ("bfloat16", 0.12)] {
        let half = train_in(precision, "small_loss.lua");
        assert_eq!((half.updates, half.metrics.series("loss_scale").is_empty()), (8, precision == "bfloat16"));
        for ((step, want), (_, got)) in losses(&whole).into_iter().zip(losses(&half)) {
            let off = (got / want - 1.0).abs();
            assert!(off < tolerance && off > 0.0, "{precision}: {got} at step {step}, {want} in float32");
        }
        assert_eq!(half.results["untrained"], whole.results["untrained"]);
    }
}

#[test]
fn a_loop_of_the_script_skips_the_same_updates_in_float16_as_the_plain_loop() {
    let (plain, own) = (train_in("float16", "plain.lua"), train_in("float16", "own_loop.lua"));
    assert_eq!(losses(&plain), losses(&own));
    assert_ne!(losses(&plain), losses(&train("plain.lua")));
    assert_eq!(plain.metrics.series("loss_scale"), own.metrics.series("loss_scale"));
    assert_eq!(plain.metrics.series("skipped")[0], (1, 1.0));
}

#[test]
fn a_loss_that_is_not_finite_is_a_step_that_a_loop_sees_skipped_in_float16_and_an_error_in_float32() {
    let half = train("skipping.lua");
    assert_eq!(half.metrics.series("left_alone"), [(1, 0.0), (2, 0.0), (3, 1.0), (4, 0.0), (5, 0.0)]);
    assert_eq!((half.updates, half.metrics.series("skipped")[4]), (4, (5, 1.0)));
    let loss = |step: usize| losses(&half)[step - 1].1;
    assert!(loss(3).is_nan() && loss(4) < loss(2));
    let set = vec![("precision".to_owned(), "float32".to_owned())];
    let error = Engine::new().run(&Settings { set, ..settings("skipping.lua") }).expect_err("it fails").to_string();
    assert!(error.contains("update: the loss (NaN) is not finite at step 3"), "{error}");
}

/// Whether convolutions were exact wherever a script asks.
fn exact_in(script: &str, set: &[(&str, &str)]) -> Result<Vec<bool>, String> {
    let seen: Rc<RefCell<Vec<bool>>> = Rc::default();
    let (mut engine, noted) = (Engine::new(), seen.clone());
    engine.function("note()", "Notes whether convolutions are exact.", move || {
        noted.borrow_mut().push(is_exact());
        Ok(())
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("script.lua");
    std::fs::write(&file, script).expect("the script is written");
    let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    engine.run(&Settings { set, ..Settings::new(&file) }).map_err(|error| error.to_string())?;
    Ok(seen.take())
}

#[test]
fn the_option_convolution_holds_in_setup_training_backward_passes_and_evaluation_and_ends_with_them() {
    let script = "local mb = require 'moonburn'
        local function setup(session)
          mb.note()
          session.w = mb.nn.linear(1, 1)
          session.o = mb.optim.sgd { lr = 0.1 }
        end
        local function loss(session)
          local y = session.w(mb.ones(1, 1)):sum()
          y:hook(function() mb.note() end)
          return y
        end
        return {
          options = { steps = 1 },
          setup = setup,
          episode = function() mb.note() return 1 end,
          loss = loss,
          evaluate = function() mb.note() return { x = 1 } end,
        }";
    for (set, want) in [(&[][..], false), (&[("convolution", "exact")], true), (&[("convolution", "fast")], false)] {
        assert_eq!(exact_in(script, set).expect("it trains"), [want; 5], "{set:?}");
        assert!(!is_exact());
    }
    let written = script.replace("steps = 1", "steps = 1, convolution = 'exact'");
    assert_eq!(exact_in(&written, &[]).expect("it trains"), [true; 5]);
    assert_eq!(exact_in(&written, &[("convolution", "fast")]).expect("it trains"), [false; 5]);
    let number = exact_in(&script.replace("steps = 1", "steps = 1, convolution = 4"), &[]).unwrap_err();
    assert!(number.contains("convolution must be \"fast\" or \"exact\", got 4"), "{number}");
}

#[test]
fn the_evaluation_stands_beside_that_of_the_untrained_encoder() {
    let outcome = train("plain.lua");
    for value in [&outcome.results["knn_accuracy"], &outcome.results["untrained"]["knn_accuracy"]] {
        assert!((0.0..=100.0).contains(&value.as_f64().expect("an accuracy is a number")));
    }
}

#[test]
fn a_run_leaves_everything_it_promises() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let place = Some(Place::Exactly(out.clone()));
    Engine::new().run(&Settings { place, ..settings("plain.lua") }).expect("the training runs");
    for name in ["run.json", "script/plain.lua", "script/parts.lua", "weights.safetensors"] {
        assert!(out.join(name).is_file(), "{name} is missing");
    }
    for picture in ["loss.png", "episode.png"] {
        let picture = image::open(out.join(picture)).expect("a picture can be read");
        assert!(picture.width() > 100 && picture.height() > 100);
    }
    let metrics = std::fs::read_to_string(out.join("metrics.jsonl")).expect("metrics are text");
    assert_eq!(metrics.lines().count(), 4);
    let record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("run.json")).expect("a run has a record")).expect("it is JSON");
    assert_eq!(record["status"], "finished");
    assert_eq!(record["options"]["batch"], 6);
    assert!(record["versions"]["burn"].is_string() && record["device"] == "cpu" && record["seed"] == 0);
    let weights = moonburn::nn::weights::load(&out.join("weights.safetensors"), &moonburn::Device::cpu())
        .expect("weights can be read");
    assert!(weights.contains_key("encoder.layer1.0.conv1.weight") && weights.contains_key("encoder.bn1.running_var"));
}

#[test]
fn a_check_does_one_step_and_leaves_no_folder() {
    let before = files(Path::new("tests/training"));
    let outcome = Engine::new().check(&settings("plain.lua")).expect("the script works");
    assert_eq!(outcome.updates, 1);
    assert!(outcome.folder.is_none());
    assert_eq!(files(Path::new("tests/training")), before);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .expect("a folder can be listed")
        .map(|entry| entry.expect("and its entries").path())
        .collect()
}

#[test]
fn a_module_composed_in_lua_trains_saves_and_loads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("weights.safetensors").display().to_string();
    let set = vec![("file".to_owned(), file)];
    let outcome = Engine::new().run(&Settings { set, ..settings("composed.lua") }).expect("the training runs");
    assert_eq!(outcome.results["taken"], 5);
    assert_eq!(outcome.results["distance"], 0.0);
    assert_ne!(outcome.results["scale"], 2.0);
    let losses = losses(&outcome);
    assert!(losses[2].1 < losses[0].1, "{losses:?}");
}

#[test]
fn a_step_that_fails_leaves_neither_parameters_nor_running_statistics_changed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let saved = |steps: &str, name: &str| {
        let out = folder.path().join(name);
        let set = vec![("steps".to_owned(), steps.to_owned())];
        let outcome =
            Engine::new().run(&Settings { set, place: Some(Place::Exactly(out.clone())), ..settings("poisoned.lua") });
        let weights = moonburn::nn::weights::load(&out.join("weights.safetensors"), &moonburn::Device::cpu());
        let values = weights
            .expect("weights can be read")
            .into_iter()
            .map(|(name, tensor)| (name, tensor.floats().expect("floats")));
        (outcome.map(|outcome| outcome.updates).map_err(|error| error.to_string()), values.collect::<Vec<_>>())
    };
    let (good, poisoned) = (saved("1", "good"), saved("3", "poisoned"));
    assert_eq!(good.0, Ok(1));
    assert!(poisoned.0.expect_err("the second step fails").contains("the loss (NaN) is not finite at step 2"));
    assert_eq!(good.1, poisoned.1);
}

#[test]
fn every_shipped_script_passes_its_check_and_is_read_in_120_lines() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts"));
    let scripts: Vec<PathBuf> = files(folder).into_iter().filter(|file| file.is_file()).collect();
    assert!(scripts.len() >= 9, "{scripts:?}");
    for script in scripts {
        let outcome = Engine::new().check(&Settings::new(&script)).unwrap_or_else(|error| panic!("{error}"));
        // Two where two optimizers make a step each.
        assert!([1, 2].contains(&outcome.updates), "{}: {}", script.display(), outcome.updates);
        assert!(outcome.evaluation.is_some(), "{}: its evaluation is tried", script.display());
        let lines = std::fs::read_to_string(&script).expect("a script is text").lines().count();
        assert!(lines <= 120, "{} has {lines} lines", script.display());
    }
}

#[test]
fn every_trick_goes_with_every_head_and_with_byol() {
    let tricks = ["shots=2", "queries=2", "rotate=0.5", "rotations=2", "mix=true", "rotated=0.3", "batch=4"];
    let set: Vec<_> = tricks.iter().filter_map(|option| option.split_once('=')).collect();
    for name in ["simclr", "protonet", "r2d2", "metaoptnet", "byol", "byol_tricks"] {
        let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts")).join(name).with_extension("lua");
        let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let outcome = Engine::new().check(&Settings { set, ..Settings::new(script) });
        let outcome = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(outcome.metrics.last("rotation_loss").is_some_and(|loss| loss > 0.0), "{name} predicts rotations");
    }
}

#[test]
fn an_option_that_makes_no_sense_is_refused_before_any_image_is_read() {
    for (name, option, want) in [
        ("simclr", "temperature", "nt_xent: temperature must be a number over 0, got 0"),
        ("r2d2", "lambda", "ridge: lambda must be a number over 0, got 0"),
        ("metaoptnet", "c", "svm: c must be a number over 0, got 0"),
    ] {
        let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts")).join(name).with_extension("lua");
        // There is nothing to be read: had it come to that, the error would be another one.
        let set = [(option, "0.0"), ("images", "no/such/folder")];
        let set = set.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
        let error = Engine::new().check(&Settings { set, ..Settings::new(script) }).expect_err("it is refused");
        assert!(error.to_string().contains(want), "{error}");
    }
}

#[test]
fn few_shot_tasks_draw_classes_and_images_anew_each_time_and_the_same_again_in_another_run() {
    let outcome = train("few_shot.lua");
    assert_eq!(outcome.results["repeats"], false);
    let again = train("few_shot.lua");
    assert_eq!(losses(&outcome), losses(&again));
    assert_eq!(outcome.results["first"], again.results["first"]);
}

#[test]
fn the_contact_sheet_shows_the_episode_that_is_learnt_from() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let place = Some(Place::Exactly(out.clone()));
    Engine::new().run(&Settings { place, ..settings("few_shot.lua") }).expect("the training runs");
    // Three ways with two shots and three queries: three columns and five rows of tiles of 64 pixels with gaps of 2,
    // beside the names of the parts, below those of the classes, and a line between support and queries.
    let sheet = image::open(out.join("episode.png")).expect("a picture can be read");
    assert_eq!((sheet.width(), sheet.height()), (56 + 3 * 66 + 2, 15 + 5 * 66 + 2 + 10));
}

#[test]
fn an_episode_of_two_sizes_trains_one_encoder_and_its_picture_shows_both() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let place = Some(Place::Exactly(out.clone()));
    let outcome = Engine::new().run(&Settings { place, ..settings("multi_crop.lua") }).expect("the training runs");
    assert_eq!(outcome.updates, 3);
    assert_eq!(losses(&outcome), losses(&train("multi_crop.lua")));
    // Four images with a support view, a query view and three crops, in tiles of 72 pixels: twelve six times, and the six of a crop.
    let sheet = image::open(out.join("episode.png")).expect("a picture can be read");
    assert_eq!((sheet.width(), sheet.height()), (56 + 4 * 74 + 2, 15 + 5 * 74 + 2 + 2 * 10));
}

#[path = "../../examples/embed.rs"]
mod embed;

#[test]
fn the_embedding_example_runs() {
    embed::main().expect("the example runs");
}

#[test]
fn a_run_frees_everything_when_it_ends() {
    let live = || moonburn::memory::account().live;
    train("composed_only.lua");
    let before = live();
    train("composed_only.lua");
    assert_eq!(live(), before);
    assert_eq!(before, 0);
}
