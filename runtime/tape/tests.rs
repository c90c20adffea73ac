//! The tape under numbers: what it does is the same for tensors.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    thread::LocalKey,
};

use super::*;
use crate::{Error, Result};

#[derive(Clone)]
struct Number {
    value: f64,
    keepers: Rc<Cell<usize>>,
    edge: Option<Edge<Number>>,
}

thread_local! {
    static SCOPES: RefCell<Vec<Scope<Number>>> = const { RefCell::new(Vec::new()) };
}

impl Value for Number {
    fn edge(&self) -> Option<&Edge<Self>> {
        self.edge.as_ref()
    }

    fn on(self, edge: Option<Edge<Self>>) -> Self {
        Self { edge, ..self }
    }

    fn plus(self, other: Self) -> Result<Self> {
        Ok(self.add(&other))
    }

    fn keep(&self) -> usize {
        if self.keepers.replace(self.keepers.get() + 1) == 0 { 8 } else { 0 }
    }

    fn let_go(&self) -> usize {
        if self.keepers.replace(self.keepers.get() - 1) == 1 { 8 } else { 0 }
    }

    fn outline(&self) -> String {
        "a number".into()
    }

    fn scopes() -> &'static LocalKey<RefCell<Vec<Scope<Self>>>> {
        &SCOPES
    }
}

fn number(value: f64) -> Number {
    Number { value, keepers: Rc::default(), edge: None }
}

impl Number {
    fn add(&self, other: &Self) -> Self {
        record("add", [self, other], number(self.value + other.value), |_| {
            |by: Self, _: &Step<'_, Self>| Ok([Some(by.clone()), Some(by)])
        })
    }

    fn mul(&self, other: &Self) -> Self {
        record("mul", [self, other], number(self.value * other.value), |tape| {
            let (left, right) = (tape.keep(self), tape.keep(other));
            move |by: Self, step: &Step<'_, Self>| {
                let by_left = || Ok(by.mul(&right.get(step)?));
                Ok([step.of(0, by_left)?, step.of(1, || Ok(by.mul(&left.get(step)?)))?])
            }
        })
    }

    /// It keeps its output.
    fn exp(&self) -> Self {
        let output = number(self.value.exp());
        record("exp", [self], output.clone(), |tape| {
            let output = tape.keep_output(&output, 0);
            move |by: Self, step: &Step<'_, Self>| Ok([Some(by.mul(&output.get(step)?))])
        })
    }
}

fn grad(output: &Number, input: &Number, pass: Pass) -> Result<Number> {
    let targets = [input.edge.clone().unwrap()];
    Ok(gradients(vec![(output.clone(), number(1.0))], &targets, pass)?.remove(0).unwrap_or(number(0.0)))
}

const AGAIN: Pass = Pass { create_graph: true, retain_graph: true };

#[test]
fn gradients_of_every_order_of_a_cube_and_of_what_keeps_its_output() {
    let x = leaf(number(2.0));
    let mut cube = x.mul(&x).mul(&x);
    for want in [12.0, 12.0, 6.0, 0.0] {
        cube = grad(&cube, &x, AGAIN).unwrap();
        assert_eq!(cube.value, want);
        if cube.edge().is_none() {
            break;
        }
    }
    let (x, y) = (leaf(number(0.3)), leaf(number(0.7)));
    let mut power = x.mul(&y).exp();
    for order in 1..6 {
        power = grad(&power, &x, AGAIN).unwrap();
        assert!((power.value - 0.7f64.powi(order) * (0.21f64).exp()).abs() < 1e-12);
    }
    assert!(
        (grad(&power, &y, AGAIN).unwrap().value - (5.0 * 0.7f64.powi(4) + 0.7f64.powi(5) * 0.3) * 0.21f64.exp()).abs()
            < 1e-12
    );
}

#[test]
fn a_pass_lets_go_of_what_it_used_and_a_second_one_says_so() {
    let before = counts();
    let x = leaf(number(3.0));
    let y = x.mul(&x).exp();
    assert_eq!((counts().operations - before.operations, counts().bytes - before.bytes), (2, 16));
    assert_eq!(grad(&y, &x, Pass { retain_graph: true, ..Pass::default() }).unwrap().value, 6.0 * 9f64.exp());
    assert_eq!(counts().bytes - before.bytes, 16);
    grad(&y, &x, Pass::default()).unwrap();
    assert_eq!(counts().bytes, before.bytes);
    assert!(matches!(grad(&y, &x, Pass::default()), Err(Error::State { .. })));
    drop(y);
    assert_eq!(counts(), before);
}

#[test]
fn a_chain_of_a_million_operations_is_gone_through_and_dropped() {
    let x = leaf(number(1.0));
    let mut y = x.clone();
    for _ in 0..1_000_000 {
        y = y.mul(&number(1.0));
    }
    assert_eq!(grad(&y, &x, Pass { retain_graph: true, ..Pass::default() }).unwrap().value, 1.0);
    let before = counts().operations;
    drop(y);
    assert_eq!(before - counts().operations, 1_000_000);
}

#[test]
fn only_what_leads_to_an_input_is_gone_through() {
    let (x, y) = (leaf(number(2.0)), leaf(number(5.0)));
    let shared = y.mul(&y);
    let loss = x.mul(&shared);
    assert_eq!(grad(&loss, &x, Pass::default()).unwrap().value, 25.0);
    assert_eq!(grad(&shared, &y, Pass::default()).unwrap().value, 10.0);
    // A value between is an input like any other.
    let middle = x.mul(&x);
    assert_eq!(grad(&middle.mul(&middle), &middle, Pass::default()).unwrap().value, 8.0);
}

#[test]
fn a_hook_sees_the_whole_gradient_and_may_put_another_in_its_place() {
    let x = leaf(number(2.0));
    let y = x.mul(&x);
    let seen = Rc::new(Cell::new(0.0));
    let edge = y.edge.clone().unwrap();
    let see = {
        let seen = Rc::clone(&seen);
        move |by: &Number| {
            seen.set(by.value);
            Ok(Some(number(10.0)))
        }
    };
    let hook = edge.hook(see);
    let loss = y.add(&y).add(&y);
    assert_eq!(grad(&loss, &x, AGAIN).unwrap().value, 40.0);
    assert_eq!(seen.get(), 3.0);
    hook.remove();
    assert_eq!(grad(&loss, &x, AGAIN).unwrap().value, 12.0);
}

#[test]
fn leaves_add_up_what_passes_bring() {
    let x = leaf(number(2.0));
    for _ in 0..3 {
        for (edge, gradient) in backward(vec![(x.mul(&x), number(1.0))], Pass::default()).unwrap() {
            edge.leaf().unwrap().add(gradient).unwrap();
        }
    }
    assert_eq!(x.edge.as_ref().unwrap().leaf().unwrap().take().unwrap().value, 12.0);
}

/// y = exp(x · x), forgotten; and how often it was computed.
fn forgotten(x: &Number) -> (Number, Rc<Cell<usize>>) {
    let times = Rc::new(Cell::new(0));
    let body = {
        let (x, times) = (x.clone(), Rc::clone(&times));
        move || {
            times.set(times.get() + 1);
            x.mul(&x).exp()
        }
    };
    let first = body.clone();
    let again = move || {
        body();
        Ok(())
    };
    (recompute::<Number, _>(|| Ok(first()), again).unwrap(), times)
}

#[test]
fn what_is_forgotten_is_computed_again_once_and_has_gradients_of_any_order() {
    let before = counts().bytes;
    let x = leaf(number(0.5));
    let (y, times) = forgotten(&x);
    assert_eq!((counts().bytes, times.get()), (before, 1));
    let first = grad(&y, &x, AGAIN).unwrap();
    assert!((first.value - 0.25f64.exp()).abs() < 1e-12);
    assert_eq!(times.get(), 2);
    // d² exp(x²) = (2 + 4 x²) exp(x²).
    assert!((grad(&first, &x, AGAIN).unwrap().value - 3.0 * 0.25f64.exp()).abs() < 1e-12);
}

#[test]
fn a_function_that_does_something_else_when_it_is_run_again_is_found() {
    let x = leaf(number(0.5));
    let first = x.mul(&x).exp();
    drop(first);
    let other = x.clone();
    let y = recompute::<Number, _>(
        || Ok(x.mul(&x).exp()),
        move || {
            other.exp();
            Ok(())
        },
    );
    let error = grad(&y.unwrap(), &x, Pass::default()).err().unwrap().to_string();
    assert!(
        error.contains("kept 3 values for its gradients when it was first run, and 1 when it was run again"),
        "{error}"
    );
}

#[test]
fn an_error_in_a_rule_names_the_operation_and_where_it_was_called() {
    let site = Site { file: "train.lua".into(), line: 7 };
    let before = locate_by(Some(Rc::new(move || Some(site.clone()))));
    let x = leaf(number(1.0));
    let y = record("half", [&x], number(0.5), |_| {
        |_: Number, _: &Step<'_, Number>| Err(Error::State { op: "half", reason: "has none".into() })
    });
    locate_by(before);
    let error = grad(&y.mul(&y), &x, Pass::default()).err().unwrap();
    assert_eq!(
        (error.to_string().as_str(), error.recorded_at()),
        ("the gradient of half: half: has none", Some("train.lua:7"))
    );
}

#[test]
fn nothing_is_recorded_where_nothing_is_to_be() {
    let x = leaf(number(1.0));
    assert!(recording(false, || x.mul(&x)).edge.is_none());
    assert!(number(1.0).mul(&number(2.0)).edge.is_none());
    assert!(x.mul(&x).edge.is_some());
}
