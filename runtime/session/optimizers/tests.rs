use crate::{
    nn::Role,
    optim::{AddDecayedWeights, Mask, ParameterGroup, Rule, Schedule, Scheduled, Scheme, Selection, Sgd},
    session::{
        Component, Session,
        trained::{
            BEFORE, LARS, PROBE, SGD, beginning_with, bits, optimizer, read, scheme, session, step, steps, weights,
            written,
        },
    },
    tensor::Precision,
};

fn at(rule: Rule, path: &str) -> Scheme {
    Scheme { moves: Selection::at([path]), ..scheme(rule) }
}

fn group(name: &str, of: Selection, rule: Rule, lr: f64) -> ParameterGroup {
    ParameterGroup {
        name: name.into(),
        of,
        rule,
        schedule: Schedule::constant(lr).unwrap(),
        scheduled: Scheduled::new(),
    }
}

fn sgd(weight_decay: f64) -> Rule {
    Rule::Sgd(Sgd { momentum: 0.9, weight_decay, ..Default::default() })
}

#[test]
fn optimizers_that_share_the_parameters_move_them_as_one_does() {
    let mut one = session(3, &[("optimizer", scheme(SGD))]);
    let mut two = session(3, &[("first", at(SGD, "encoder")), ("second", at(SGD, "head"))]);
    let mut rest = session(
        3,
        &[
            ("first", at(SGD, "encoder.0")),
            ("second", Scheme { moves: Selection::at(["encoder.1", "head"]), ..scheme(SGD) }),
        ],
    );
    [&mut one, &mut two, &mut rest].into_iter().for_each(|session| steps(session, 5));
    for session in [&two, &rest] {
        for path in ["encoder.", "head."] {
            assert_eq!(weights(session, path), weights(&one, path));
        }
    }
    assert_eq!(
        (optimizer(&two, "first").borrow().state().parameters.len(), weights(&two, "second.head").len()),
        (3, 2)
    );
}

#[test]
fn a_saved_session_of_any_optimizers_goes_on_bit_for_bit() {
    let slow = |rule| group("slow", Selection::at(["encoder.0"]), rule, 0.01);
    let cases: Vec<Vec<(&str, Scheme)>> = vec![
        vec![("optimizer", scheme(SGD))],
        vec![("optimizer", scheme(LARS))],
        vec![("optimizer", scheme(PROBE))],
        vec![("optimizer", Scheme { before: vec![BEFORE, BEFORE], ..scheme(SGD) })],
        vec![(
            "optimizer",
            Scheme { groups: vec![group("biases", Selection::of([Role::Bias]), LARS, 0.1)], ..scheme(SGD) },
        )],
        vec![("optimizer", Scheme { groups: vec![slow(PROBE)], before: vec![BEFORE], ..scheme(PROBE) })],
        vec![("first", at(PROBE, "head")), ("second", Scheme { groups: vec![slow(PROBE)], ..at(LARS, "encoder") })],
    ];
    for optimizers in cases {
        let mut whole = session(3, &optimizers);
        steps(&mut whole, 4);
        let mut again = beginning_with(read(&written(&whole)).unwrap(), 3, &optimizers);
        assert!(again.takeovers().values().all(|found| found.is_complete()), "{:?}", again.takeovers());
        assert_eq!(bits(&again), bits(&whole));
        // Without what is kept it would be another training.
        let mut bare = beginning_with(read(&written(&whole)).unwrap(), 3, &optimizers);
        optimizer(&bare, optimizers[0].0).borrow_mut().set_state(Default::default());
        [&mut whole, &mut again, &mut bare].into_iter().for_each(|session| steps(session, 3));
        assert_eq!(bits(&again), bits(&whole), "{optimizers:?}");
        assert_ne!(bits(&bare).0, bits(&whole).0, "{optimizers:?}");
        assert!(again.settle().iter().all(|(_, found)| found.is_complete()));
    }
}

#[test]
fn an_overflow_skips_the_step_of_every_optimizer() {
    let mut session = session(3, &[("first", at(PROBE, "encoder")), ("second", at(PROBE, "head"))]);
    steps(&mut session, 2);
    session.set_precision(Precision::Float16).unwrap();
    let before = bits(&session);
    assert!(step(&mut session, 1e36).unwrap().skipped);
    assert_eq!((bits(&session), session.counters().updates), (before.clone(), 2));
    assert!(!step(&mut session, 1e-3).unwrap().skipped);
    assert_ne!(bits(&session), before);
}

#[test]
fn an_update_of_one_optimizer_that_fails_changes_nothing_of_another() {
    let huge = Scheme { schedule: Schedule::constant(1e39).unwrap(), ..at(sgd(0.0), "head") };
    let mut session = session(3, &[("first", at(PROBE, "encoder")), ("second", huge)]);
    let before = bits(&session);
    let error = step(&mut session, 1.0).unwrap_err().to_string();
    assert_eq!((error.as_str(), bits(&session)), ("step: the update of head.weight is not finite at step 1", before));
}

fn error(optimizers: &[(&str, Scheme)]) -> String {
    let mut session = session(3, optimizers);
    let before = bits(&session);
    let error = step(&mut session, 1.0).unwrap_err().to_string();
    assert_eq!(bits(&session), before);
    error
}

#[test]
fn who_moves_what_must_be_clear() {
    let both = [("first", at(SGD, "head")), ("second", Scheme { moves: Selection::of([Role::Bias]), ..scheme(SGD) })];
    assert_eq!(error(&both), "update: head.bias is moved by two optimizers, 'first' and 'second'");
    let rest = [("first", at(SGD, "encoder.1")), ("second", scheme(SGD))];
    assert_eq!(error(&rest), "update: encoder.1.weight is moved by two optimizers, 'first' and 'second'");
    let none = "update: head.weight has a gradient, and no optimizer moves it; freeze it, or let one move it";
    assert_eq!(error(&[("first", at(SGD, "encoder"))]), none);
    let lost = "optimizer: unknown module or parameter 'haed'; did you mean 'head'?";
    assert_eq!(error(&[("first", at(SGD, "haed"))]), lost);
    let of_group = Scheme { groups: vec![group("slow", Selection::at(["haed"]), SGD, 0.1)], ..scheme(SGD) };
    assert_eq!(error(&[("first", of_group)]), lost);
    let two = error(&[("first", scheme(SGD)), ("second", scheme(SGD))]);
    assert_eq!(
        two,
        "update: 'first' and 'second' both move all parameters; say by their option parameters which of them moves what"
    );
    assert_eq!(error(&[]), "update: the session has no optimizer: session.optimizer = mb.optim.…");
    let mut session = session(3, &[("first", at(SGD, "head"))]);
    session.set("second", Component::Optimizer(optimizer(&session, "first"))).unwrap();
    let error = step(&mut session, 1.0).unwrap_err().to_string();
    assert_eq!(error, "update: 'first' and 'second' are one and the same optimizer");
}

#[test]
fn what_is_frozen_needs_no_optimizer() {
    let mut session = session(3, &[("first", at(SGD, "encoder"))]);
    let Some(Component::Module(head)) = session.get("head") else { panic!("there is a head") };
    head.freeze();
    let before = weights(&session, "head.");
    steps(&mut session, 2);
    assert_eq!((weights(&session, "head."), session.counters().updates), (before, 2));
}

#[test]
fn a_group_has_its_own_rule_and_rate() {
    let biases = group("biases", Selection::of([Role::Bias, Role::Norm]), sgd(0.0), 0.02);
    let mut grouped = session(3, &[("optimizer", Scheme { groups: vec![biases], ..scheme(sgd(0.5)) })]);
    let mut decayed = session(3, &[("optimizer", scheme(sgd(0.5)))]);
    let slow = Scheme { schedule: Schedule::constant(0.02).unwrap(), ..scheme(sgd(0.0)) };
    let mut plain = session(3, &[("optimizer", slow)]);
    let logged = |session: &Session, name: &str| session.output().metrics().series(name).to_vec();
    [&mut grouped, &mut decayed, &mut plain].into_iter().for_each(|session| steps(session, 1));
    for path in ["encoder.0.weight", "encoder.1.weight", "head.weight"] {
        assert_eq!(weights(&grouped, path), weights(&decayed, path), "{path}");
        assert_ne!(weights(&grouped, path), weights(&plain, path), "{path}");
    }
    for path in ["encoder.0.bias", "head.bias"] {
        assert_eq!(weights(&grouped, path), weights(&plain, path), "{path}");
        assert_ne!(weights(&grouped, path), weights(&decayed, path), "{path}");
    }
    assert_eq!((logged(&grouped, "lr"), logged(&grouped, "lr.biases")), (vec![(1, 0.1)], vec![(1, 0.02)]));
}

#[test]
fn a_parameter_belongs_to_the_first_group_that_has_it() {
    let still = group("still", Selection::at(["head"]), SGD, 0.0);
    let fast = group("fast", Selection::of([Role::Bias]), SGD, 0.5);
    let mut session = session(3, &[("optimizer", Scheme { groups: vec![still, fast], ..scheme(SGD) })]);
    let before = weights(&session, "head.");
    steps(&mut session, 1);
    assert_eq!(weights(&session, "head."), before);
}

#[test]
fn what_all_gradients_go_through_first_is_as_if_each_rule_had_it() {
    let decay = AddDecayedWeights { weight_decay: 0.5, mask: Mask::Everything };
    let slow = |rule| group("slow", Selection::at(["head"]), rule, 0.1);
    let common = Scheme { before: vec![decay.into()], groups: vec![slow(sgd(0.0))], ..scheme(sgd(0.0)) };
    let mut common = session(3, &[("optimizer", common)]);
    let mut own = session(3, &[("optimizer", Scheme { groups: vec![slow(sgd(0.5))], ..scheme(sgd(0.5)) })]);
    [&mut common, &mut own].into_iter().for_each(|session| steps(session, 4));
    assert_eq!(bits(&common), bits(&own));
}

#[test]
fn a_group_without_a_name_of_its_own_is_refused() {
    let named = |name: &str| group(name, Selection::default(), SGD, 0.1);
    for groups in [vec![named("")], vec![named("a.b")], vec![named("a/b")], vec![named("a"), named("a")]] {
        let error = crate::optim::Optimizer::with(Scheme { groups, ..scheme(SGD) }).err().unwrap().to_string();
        assert!(error.starts_with("optimizer: a group's name must be a word of its own"), "{error}");
    }
}
