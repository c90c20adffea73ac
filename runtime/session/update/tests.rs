use super::*;
use crate::{
    Device,
    dataset::{Dataset, DatasetOptions, Named},
    nn::linear,
    optim::{Optimizer, Rule, Schedule, Scheme, Sgd, Sharpness},
    session::Component,
    tensor::{Precision, autocast_modules},
};

/// A session that trains a single weight, without momentum's influence on the first update.
fn session(precision: Precision) -> Session {
    let mut session = Session::silent(Device::cpu(), 0);
    session.plan(100);
    session.set("model", Component::Module(linear(1, 1, false))).unwrap();
    let rule = Rule::Sgd(Sgd { momentum: 0.9, ..Sgd::default() });
    let optimizer = Optimizer::new(rule, Schedule::constant(1.0).unwrap()).unwrap();
    session.set("optimizer", Component::Optimizer(Rc::new(optimizer.into()))).unwrap();
    session.set_precision(precision).unwrap();
    session
}

/// One step with the loss `factor · model(1)`, whose gradient is the factor.
fn step(session: &mut Session, factor: f64) -> Result<Update> {
    session.next_step()?;
    let Some(Component::Module(model)) = session.get("model") else { panic!("there is a model") };
    let input = Tensor::ones(&[1, 1], &Device::cpu())?;
    let output = autocast_modules(session.precision(), || model.forward(&input))?;
    let loss = output.mul_scalar(factor)?.sum(None, false)?;
    session.update(&loss)
}

fn weight(session: &Session) -> f64 {
    session.components.parameters()[0].1.value().unwrap().item().unwrap()
}

/// How far one step with a gradient moves the weight.
fn moved(session: &mut Session, factor: f64) -> f64 {
    let before = weight(session);
    step(session, factor).unwrap();
    before - weight(session)
}

#[test]
fn a_gradient_that_float16_cannot_hold_arrives_by_scaling() {
    let small = 2f64.powi(-12) * 1e-4;
    let mut lost = session(Precision::Float16);
    lost.counters.loss_scale = LossScale { scale: 1.0, ..LossScale::default() };
    // The velocity shows a gradient too small to move the weight.
    let velocity = |session: &Session| match session.get("optimizer") {
        Some(Component::Optimizer(optimizer)) => optimizer.borrow().state().tensors()[0].1.item().unwrap(),
        _ => panic!("there is an optimizer"),
    };
    step(&mut lost, small).unwrap();
    assert_eq!(velocity(&lost), 0.0);
    let mut scaled = session(Precision::Float16);
    step(&mut scaled, small).unwrap();
    assert!((velocity(&scaled) / small - 1.0).abs() < 1e-3, "{} of {small}", velocity(&scaled));
}

#[test]
fn an_overflow_skips_the_update_and_halves_the_scale_until_it_fits() {
    let mut session = session(Precision::Float16);
    let before = weight(&session);
    for (skipped, scale) in [65536.0, 32768.0, 16384.0, 8192.0].into_iter().enumerate() {
        assert_eq!(session.counters.loss_scale.scale, scale);
        assert!(step(&mut session, 10.0).unwrap().skipped);
        assert_eq!((weight(&session), session.counters.updates), (before, 0));
        assert_eq!(session.counters.loss_scale.skipped, skipped as u64 + 1);
    }
    let Some(Component::Optimizer(optimizer)) = session.get("optimizer") else { panic!("there is an optimizer") };
    assert!(optimizer.borrow().state().tensors().is_empty());
    assert!((moved(&mut session, 10.0) - 10.0).abs() < 1e-5);
    assert_eq!((session.counters.updates, session.counters.loss_scale.good_steps), (1, 1));
    session.end_step().unwrap();
    let logged = |name: &str| session.output.metrics().series(name).iter().map(|(_, value)| *value).collect::<Vec<_>>();
    assert_eq!(logged("loss_scale"), [65536.0, 32768.0, 16384.0, 8192.0, 4096.0]);
    assert_eq!(logged("skipped"), [1.0, 2.0, 3.0, 4.0, 4.0]);
}

#[test]
fn a_gradient_too_large_for_every_scale_is_an_error_after_24_skipped_steps() {
    let mut session = session(Precision::Float16);
    // The scale falls under 1 where that helps.
    for _ in 0..20 {
        assert!(step(&mut session, 1e6).unwrap().skipped);
    }
    assert!(!step(&mut session, 1e6).unwrap().skipped);
    let mut session = self::session(Precision::Float16);
    for _ in 0..24 {
        assert!(step(&mut session, 1e30).unwrap().skipped);
    }
    let before = weight(&session);
    let message = step(&mut session, 1e30).unwrap_err().to_string();
    let want = "update: the gradient of model.weight, after 24 skipped steps in a row, is not finite at step 25";
    assert_eq!((message.as_str(), weight(&session)), (want, before));
}

#[test]
fn a_loss_that_is_not_finite_is_a_skipped_step_in_float16_and_an_error_after_24() {
    let mut session = session(Precision::Float16);
    assert!(!step(&mut session, 1e-3).unwrap().skipped);
    let before = weight(&session);
    let skipped = step(&mut session, f64::NAN).unwrap();
    assert!(skipped.skipped && skipped.loss.is_some_and(f64::is_nan) && session.counters.loss_scale.has_skipped());
    assert_eq!((weight(&session), session.counters.updates, session.counters.loss_scale.scale), (before, 1, 32768.0));
    assert!(!step(&mut session, 1e-3).unwrap().skipped);
    for _ in 0..24 {
        assert!(step(&mut session, f64::NAN).unwrap().skipped);
    }
    let message = step(&mut session, f64::NAN).unwrap_err().to_string();
    assert_eq!(message, "update: the loss (NaN), after 24 skipped steps in a row, is not finite at step 28");
    session.begin_trial();
    session.counters.loss_scale = LossScale::default();
    let message = step(&mut session, f64::NAN).unwrap_err().to_string();
    assert_eq!(message, "update: the loss (NaN) is not finite at step 29");
}

#[test]
fn float32_and_bfloat16_scale_nothing_and_skip_nothing() {
    for precision in [Precision::Float32, Precision::BFloat16] {
        let mut session = session(precision);
        assert!((moved(&mut session, 10.0) - 10.0).abs() < 1e-5);
        session.end_step().unwrap();
        assert_eq!(session.counters.loss_scale, LossScale::default());
        assert!(session.output.metrics().series("loss_scale").is_empty());
        let message = step(&mut session, 1e39).unwrap_err().to_string();
        assert!(message.contains("is not finite at step 2"), "{message}");
    }
}

#[test]
fn going_back_to_a_state_brings_its_loss_scale_back() {
    let mut session = session(Precision::Float16);
    step(&mut session, 1.0).unwrap();
    session.end_step().unwrap();
    let (state, scale) = (session.state(), session.counters.loss_scale);
    step(&mut session, 1e6).unwrap();
    assert_ne!(session.counters.loss_scale, scale);
    session.restore(&state).unwrap();
    assert_eq!(session.counters.loss_scale, scale);
}

/// The loss `factor · model(1)` of a session with a running step.
fn loss(session: &Session, factor: f64) -> Tensor {
    let Some(Component::Module(model)) = session.get("model") else { panic!("there is a model") };
    let output = model.forward(&Tensor::ones(&[1, 1], &Device::cpu()).unwrap()).unwrap();
    output.mul_scalar(factor).unwrap().sum(None, false).unwrap()
}

fn backward(loss: &Tensor, session: &Session) {
    loss.backward(None, session.loss_scale(), crate::tensor::Pass::default()).unwrap();
}

#[test]
fn what_was_added_up_outlives_an_update_that_fails_and_goes_with_one_that_does_not() {
    let session = RefCell::new(session(Precision::Float32));
    session.borrow_mut().next_step().unwrap();
    for _ in 0..3 {
        backward(&loss(&session.borrow(), 0.5), &session.borrow());
    }
    let bad = loss(&session.borrow(), f64::NAN);
    assert!(Session::update_shared(&session, Some(&bad), None).is_err());
    let before = weight(&session.borrow());
    Session::update_shared(&session, None, None).unwrap();
    assert!((before - weight(&session.borrow()) - 1.5).abs() < 1e-6);
    assert!(Session::update_shared(&session, None, None).is_err());
    session.borrow_mut().check_tape().unwrap();
}

#[test]
fn gradients_of_a_loss_from_before_the_last_update_are_refused_however_they_arrive() {
    let session = RefCell::new(session(Precision::Float32));
    session.borrow_mut().next_step().unwrap();
    let (old, first) = (loss(&session.borrow(), 1.0), loss(&session.borrow(), 1.0));
    Session::update_shared(&session, Some(&first), None).unwrap();
    backward(&old, &session.borrow());
    let new = loss(&session.borrow(), 1.0);
    let error = Session::update_shared(&session, Some(&new), None).unwrap_err().to_string();
    assert!(error.starts_with("update: the loss was computed before the last update, which has moved "), "{error}");
}

/// A session whose optimizer takes its gradients elsewhere, in its first step.
fn sharp_session() -> RefCell<Session> {
    let mut session = session(Precision::Float32);
    let sharpness = Some(Sharpness { rho: 0.5, adaptive: false });
    let rule = Rule::Sgd(Sgd::default());
    let scheme = Scheme { sharpness, ..Scheme::new(rule, Schedule::constant(1.0).unwrap()) };
    let optimizer = Optimizer::with(scheme).unwrap();
    session.set("optimizer", Component::Optimizer(Rc::new(optimizer.into()))).unwrap();
    session.next_step().unwrap();
    RefCell::new(session)
}

#[test]
fn what_was_added_up_is_part_of_an_update_whose_gradients_are_taken_elsewhere() {
    let session = sharp_session();
    backward(&loss(&session.borrow(), 0.5), &session.borrow());
    let before = weight(&session.borrow());
    Session::update_by(&session, &mut || Ok(loss(&session.borrow(), 0.25)), None).unwrap();
    let moved = before - weight(&session.borrow());
    assert!((moved - 0.75).abs() < 1e-6, "{moved}");
    session.borrow_mut().check_tape().unwrap();
}

#[test]
fn both_losses_of_an_update_whose_gradients_are_taken_elsewhere_see_one_batch_and_the_next_update_another() {
    let session = sharp_session();
    let numbers = Tensor::from_floats((0..9).map(|number| number as f32).collect(), &[9], &Device::cpu()).unwrap();
    let options = DatasetOptions { count: None, capacity: None };
    let set = Dataset::of_tensors("from", Named::from([("x".to_owned(), numbers)]), options).unwrap();
    session.borrow_mut().set("data", Component::Dataset(set.clone())).unwrap();
    let mut seen: Vec<Vec<f32>> = Vec::new();
    let mut update = || {
        let mut compute = || -> Result<Tensor> {
            seen.push(set.next(3)?["x"].floats()?);
            Ok(loss(&session.borrow(), 0.25))
        };
        Session::update_by(&session, &mut compute, None).unwrap();
    };
    update();
    update();
    assert_eq!((seen.len(), &seen[0], &seen[2]), (4, &seen[1], &seen[3]));
    assert!(seen[0] != seen[2] && set.cursor().position == 6, "{seen:?}");
}
