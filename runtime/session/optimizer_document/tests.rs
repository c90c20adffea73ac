use std::{path::Path, rc::Rc};

use serde_json::{Value, json};

use crate::{
    Device, Tensor,
    optim::{ParameterGroup, Rule, Schedule, Scheduled, Scheme, Selection, Sgd, Slots},
    run::Files,
    session::{
        Session,
        checkpoint::decode,
        trained::{
            BEFORE, LARS, PROBE, SGD, beginning_with, bits, kept, optimizer, read, scheme, session, step, steps,
            weights, written,
        },
    },
};

const SESSION: &str = "session.json";

fn after(count: usize, scheme: &Scheme) -> Session {
    let mut session = session(3, &[("optimizer", scheme.clone())]);
    steps(&mut session, count);
    session
}

fn document(files: &Files) -> Value {
    serde_json::from_slice(&files[SESSION]).unwrap()
}

fn with(files: &Files, change: impl FnOnce(&mut Value)) -> Files {
    let mut value = document(files);
    change(&mut value);
    let mut files = files.clone();
    files.insert(SESSION.into(), serde_json::to_vec(&value).unwrap());
    files
}

fn slow(rule: Rule) -> ParameterGroup {
    ParameterGroup {
        name: "slow".into(),
        of: Selection::at(["head"]),
        rule,
        schedule: Schedule::constant(0.01).unwrap(),
        scheduled: Scheduled::new(),
    }
}

#[test]
fn a_checkpoint_names_what_is_kept_by_parameter_and_transform() {
    let files = written(&after(2, &scheme(SGD)));
    let saved = &document(&files)["components"]["optimizer"];
    assert_eq!(saved["state"]["encoder.0.weight"], json!({ "tensors": ["trace"] }));
    assert_eq!((saved.get("shared"), saved.get("groups"), saved.get("tensors")), (None, None, None));
    let names: Vec<String> = read(&files).unwrap().tensors().into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"optimizer.encoder.0.weight/trace".to_owned()), "{names:?}");
    let both = Scheme { groups: vec![slow(PROBE)], before: vec![BEFORE, BEFORE], ..scheme(SGD) };
    let saved = &document(&written(&after(2, &both)))["components"]["optimizer"];
    let tensors = ["probe/mean", "probe/row", "probe_2/mean", "probe_2/row", "probe_3/mean", "probe_3/row"];
    let counters = json!({ "probe/count": 2, "probe_2/count": 2, "probe_3/count": 2 });
    assert_eq!(saved["state"]["head.weight"], json!({ "tensors": tensors, "counters": counters }));
    assert_eq!(saved["shared"]["slow"], json!({ "tensors": ["probe_3/norm"], "counters": { "probe_3/steps": 2 } }));
    assert_eq!(saved["shared"][""]["counters"], json!({ "probe/steps": 2, "probe_2/steps": 2 }));
}

#[test]
fn damaged_names_and_numbers_are_refused_by_one_sentence() {
    let files = written(&after(2, &scheme(PROBE)));
    let message = |change: &dyn Fn(&mut Value)| {
        let damaged = with(&files, |value| change(&mut value["components"]["optimizer"]));
        read(&damaged).err().unwrap().to_string()
    };
    let head = "/state/head.weight";
    let error = message(&|it| *it.pointer_mut(&format!("{head}/tensors/0")).unwrap() = "prbe/mean".into());
    let want = "checkpoint: checkpoint/session.json: optimizer: head.weight has 'prbe/mean', which no optimizer of \
                this version keeps";
    assert_eq!(error, want);
    let error = message(&|it| *it.pointer_mut(&format!("{head}/tensors/0")).unwrap() = "probe/maen".into());
    assert!(error.ends_with("has no tensor 'optimizer.head.weight/probe/maen'"), "{error}");
    let error = message(&|it| it["state"] = json!({ "haed.weight": { "tensors": ["probe/mean"] } }));
    assert!(error.ends_with("has no tensor 'optimizer.haed.weight/probe/mean'"), "{error}");
    let error = message(&|it| it["shared"][""]["counters"] = json!({ "steps": 2 }));
    assert!(error.ends_with("optimizer: shared has 'steps', which no optimizer of this version keeps"), "{error}");
    for count in [json!(1.5), json!(-1), json!("2"), json!(null)] {
        let error = message(&|it| it["state"]["head.weight"]["counters"]["probe/count"] = count.clone());
        assert!(error.starts_with("checkpoint: checkpoint/session.json: optimizer: "), "{error}");
    }
    let error = message(&|it| it["rule"] = json!({ "adma": {} }));
    assert!(error.contains("unknown variant `adma`"), "{error}");
}

#[test]
fn what_a_later_version_may_say_besides_is_passed_over() {
    let one = after(2, &scheme(PROBE));
    let files = with(&written(&one), |value| {
        let saved = &mut value["components"]["optimizer"];
        saved["unheard"] = json!({ "of": 1 });
        saved["state"]["head.weight"]["unheard"] = json!([1]);
    });
    assert_eq!(bits(&beginning_with(read(&files).unwrap(), 3, &[("optimizer", scheme(PROBE))])), bits(&one));
}

#[test]
fn a_trace_that_is_not_finite_stops_the_first_update_and_changes_nothing() {
    let one = after(2, &scheme(SGD));
    let mut state = kept(&one, "optimizer");
    let poison = Tensor::from_floats(vec![0.0, f32::NAN], &[1, 2], &Device::cpu()).unwrap();
    let slots = Slots::default().tensor("trace", poison);
    Rc::make_mut(state.parameters.get_mut("head.weight").unwrap()).insert("trace".into(), slots);
    optimizer(&one, "optimizer").borrow_mut().set_state(state);
    let mut again = beginning_with(read(&written(&one)).unwrap(), 3, &[("optimizer", scheme(SGD))]);
    let before = bits(&again);
    let error = step(&mut again, 1.0).unwrap_err().to_string();
    assert_eq!((error.as_str(), bits(&again)), ("step: the update of head.weight is not finite at step 3", before));
}

#[test]
fn an_edit_keeps_what_fits_and_tells_the_rest() {
    let mut edited = beginning_with(after(3, &scheme(PROBE)).state(), 4, &[("optimizer", scheme(PROBE))]);
    let found = edited.takeovers()["optimizer"].clone();
    let dropped = [
        "encoder.0.bias/probe/mean [3]",
        "encoder.0.bias/probe/row [3]",
        "encoder.0.weight/probe/mean [3, 2]",
        "encoder.0.weight/probe/row [2]",
        "encoder.1.weight/probe/mean [2, 3]",
        "encoder.1.weight/probe/row [3]",
    ];
    assert_eq!((found.kept, found.dropped), (5, dropped.map(String::from).to_vec()));
    steps(&mut edited, 1);
    let counters = bits(&edited).1;
    let count = |name: &str| counters[&format!("optimizer.{name}")];
    assert_eq!((count("encoder.0.weight/probe/count"), count("head.weight/probe/count")), (1, 4));
    assert_eq!(count("shared/probe/steps"), 4);
    let settled = edited.settle().into_iter().find(|(name, _)| name == "optimizer").unwrap().1;
    assert_eq!((settled.kept, settled.dropped.len()), (5, 6));
}

#[test]
fn another_rule_keeps_the_trace_or_tells_that_it_is_gone() {
    let one = after(3, &scheme(SGD));
    let mut lars = beginning_with(one.state(), 3, &[("optimizer", scheme(LARS))]);
    assert_eq!(weights(&lars, "optimizer."), weights(&one, "optimizer."));
    steps(&mut lars, 1);
    let settled = lars.settle().into_iter().find(|(name, _)| name == "optimizer").unwrap().1;
    assert_eq!((settled.kept, settled.is_complete()), (5, true));
    let mut bare = beginning_with(one.state(), 3, &[("optimizer", scheme(Rule::Sgd(Sgd::default())))]);
    steps(&mut bare, 1);
    let settled = bare.settle().into_iter().find(|(name, _)| name == "optimizer").unwrap().1;
    assert_eq!((settled.kept, settled.dropped[0].as_str()), (0, "encoder.0.bias/trace [3]"));
    assert!(settled.dropped.len() == 5 && weights(&bare, "optimizer.").is_empty(), "{settled:?}");
    // The transforms that two rules have in common go on, the others begin.
    let both = Scheme { before: vec![BEFORE], ..scheme(SGD) };
    let mut more = beginning_with(one.state(), 3, &[("optimizer", both)]);
    steps(&mut more, 1);
    assert_eq!((kept(&more, "optimizer").tensors().len(), bits(&more).1.len()), (5 * 3 + 1, 6));
}

#[test]
fn a_parameter_takes_what_is_kept_for_it_into_another_group() {
    let grouped = Scheme { groups: vec![slow(SGD)], ..scheme(SGD) };
    for (from, to) in [(scheme(SGD), grouped.clone()), (grouped, scheme(LARS))] {
        let one = after(3, &from);
        let mut other = beginning_with(one.state(), 3, &[("optimizer", to)]);
        assert_eq!(weights(&other, "optimizer."), weights(&one, "optimizer."));
        steps(&mut other, 1);
        assert!(other.settle().iter().all(|(_, found)| found.is_complete()));
    }
}

#[test]
fn what_was_kept_for_a_group_that_is_no_more_is_dropped_and_told() {
    let grouped = Scheme { groups: vec![slow(PROBE)], ..scheme(PROBE) };
    let state = read(&written(&after(3, &grouped))).unwrap();
    let mut other = beginning_with(state, 3, &[("optimizer", scheme(PROBE))]);
    steps(&mut other, 1);
    let settled = other.settle().into_iter().find(|(name, _)| name == "optimizer").unwrap().1;
    assert_eq!(settled.dropped, ["shared.slow/probe/norm []"]);
    assert_eq!(bits(&other).1["optimizer.head.weight/probe/count"], 4);
}

#[test]
fn a_checkpoint_of_the_first_format_has_its_velocities_as_traces() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checkpoints/format_1");
    let names = [SESSION, "tensors.safetensors"];
    let files: Files = names.map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap())).into();
    assert_eq!(document(&files)["format"], 1);
    let (state, _) = decode(&files, &folder, &Device::cpu()).unwrap();
    let (_, saved) = state.components.iter().find(|(name, _)| name == "optimizer").unwrap();
    let listed = document(&files)["components"]["optimizer"]["tensors"].as_array().unwrap().clone();
    assert_eq!((listed.len(), saved.optimizer.parameters.len(), saved.tensors.len()), (8, 8, 0));
    let old = crate::nn::weights::decode(&files[names[1]], &folder, &Device::cpu()).unwrap();
    for (path, kept) in &saved.optimizer.parameters {
        let velocity = &old[&format!("optimizer.{path}")];
        assert!(listed.contains(&json!(path)) && kept.len() == 1);
        assert_eq!(kept["trace"].get("trace").unwrap().floats().unwrap(), velocity.floats().unwrap());
    }
    let total: f32 = old["optimizer.encoder.0.weight"].floats().unwrap().iter().map(|value| value.abs()).sum();
    assert!(total > 0.0);
}
