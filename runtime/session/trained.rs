//! A small training by any optimizers, for tests.

use std::{cell::RefCell, collections::BTreeMap, path::Path, rc::Rc};

use super::{
    Component, Plain, Session, State, Update,
    checkpoint::{About, decode, encode},
};
use crate::{
    Device, Result, Tensor,
    nn::{Module, linear, sequential},
    optim::{Lars, Link, Optimizer, OptimizerState, Rule, Schedule, Scheme, Sgd, probe::Probe},
    run::Files,
};

pub(super) const SGD: Rule =
    Rule::Sgd(Sgd { momentum: 0.9, nesterov: true, weight_decay: 0.01, include_bias_and_norm: true });
pub(super) const LARS: Rule =
    Rule::Lars(Lars { momentum: 0.9, weight_decay: 0.01, trust_coefficient: 0.1, include_bias_and_norm: false });
pub(super) const PROBE: Rule = Rule::Probe(Probe { decay: 0.5 });
pub(super) const BEFORE: Link = Link::Probe(Probe { decay: 0.25 });

pub(super) fn scheme(rule: Rule) -> Scheme {
    Scheme::new(rule, Schedule::constant(0.1).unwrap())
}

/// What a script's `setup` would do.
fn set_up(session: &mut Session, width: usize, optimizers: &[(&str, Scheme)]) {
    session.plan(100);
    let encoder = sequential(vec![linear(2, width, true), linear(width, 2, false)]);
    session.set("encoder", Component::Module(encoder)).unwrap();
    session.set("head", Component::Module(linear(2, 1, true))).unwrap();
    for (name, scheme) in optimizers {
        let optimizer = Optimizer::with(scheme.clone()).unwrap();
        session.set(name, Component::Optimizer(Rc::new(RefCell::new(optimizer)))).unwrap();
    }
    session.finish_setup(Plain::default()).unwrap();
}

pub(super) fn session(width: usize, optimizers: &[(&str, Scheme)]) -> Session {
    let mut session = Session::silent(Device::cpu(), 5);
    set_up(&mut session, width, optimizers);
    session
}

/// A session that begins with a state.
pub(super) fn beginning_with(state: State, width: usize, optimizers: &[(&str, Scheme)]) -> Session {
    let mut session = Session::silent(Device::cpu(), 5);
    session.begin_with(state);
    set_up(&mut session, width, optimizers);
    session
}

/// The files of a checkpoint.
pub(super) fn written(session: &Session) -> Files {
    encode(&session.state(), &About::default()).unwrap()().unwrap()
}

pub(super) fn read(files: &Files) -> Result<State> {
    decode(files, Path::new("checkpoint"), &Device::cpu()).map(|(state, _)| state)
}

fn module(session: &Session, name: &str) -> Module {
    match session.get(name) {
        Some(Component::Module(module)) => module.clone(),
        _ => panic!("there is a module {name}"),
    }
}

/// One step, with inputs that the step keys.
pub(super) fn step(session: &mut Session, factor: f64) -> Result<Update> {
    let number = session.next_step()?.expect("there are more steps") as f32;
    let input = Tensor::from_floats(vec![1.0, number.sin(), -0.5, 0.3 * number], &[2, 2], &Device::cpu())?;
    let output = module(session, "head").forward(&module(session, "encoder").forward(&input)?)?;
    let loss = output.add_scalar(1.0)?.mul(&output)?.mean(None, false)?.mul_scalar(factor)?;
    session.update(&loss)
}

pub(super) fn steps(session: &mut Session, count: usize) {
    (0..count).for_each(|_| assert!(!step(session, 1.0).unwrap().skipped));
    session.end_step().unwrap();
}

pub(super) fn optimizer(session: &Session, name: &str) -> Rc<RefCell<Optimizer>> {
    match session.get(name) {
        Some(Component::Optimizer(optimizer)) => optimizer.clone(),
        _ => panic!("there is an optimizer {name}"),
    }
}

pub(super) fn kept(session: &Session, name: &str) -> OptimizerState {
    optimizer(session, name).borrow().state().clone()
}

/// Every bit of parameters and of what is kept, and the counters.
pub(super) fn bits(session: &Session) -> (BTreeMap<String, Vec<u32>>, BTreeMap<String, u64>) {
    let state = session.state();
    let bits = |tensor: Tensor| tensor.floats().unwrap().into_iter().map(f32::to_bits).collect();
    (state.tensors().into_iter().map(|(name, tensor)| (name, bits(tensor))).collect(), state.optimizer_counters())
}

/// The bits of the parameters at a path.
pub(super) fn weights(session: &Session, path: &str) -> BTreeMap<String, Vec<u32>> {
    bits(session).0.into_iter().filter(|(name, _)| name.starts_with(path)).collect()
}
