//! Recording an operation: its outputs are put on the tape of its inputs.

use std::{borrow::Cow, marker::PhantomData, rc::Rc};

use super::{
    is_recording,
    kept::Kept,
    node::{Edge, Node, Rule, Step, Value},
    site,
};
use crate::Result;

/// An operation that is being recorded, for what it keeps.
pub struct Recording<V: Value> {
    tracked: u64,
    value: PhantomData<V>,
}

impl<V: Value> Recording<V> {
    /// Whether an input is on the tape, so that a pass may ask for its gradient.
    pub fn tracks(&self, input: usize) -> bool {
        self.tracked & (1 << input.min(63)) != 0
    }

    /// Keeps a value.
    pub fn keep(&self, value: &V) -> Kept<V> {
        Kept::new(value, None)
    }

    /// Keeps a value that the gradient of an input needs, if that input is on the tape.
    pub fn keep_for(&self, input: usize, value: &V) -> Option<Kept<V>> {
        self.tracks(input).then(|| self.keep(value))
    }

    /// Keeps one of the operation's own outputs.
    pub fn keep_output(&self, value: &V, output: u32) -> Kept<V> {
        Kept::new(value, Some(output))
    }
}

/// A leaf with the same value.
pub fn leaf<V: Value>(value: V) -> V {
    value.on(Some(Edge { node: Node::leaf(), output: 0 }))
}

/// Puts the output of an operation on the tape of its inputs, unless none is on one or nothing is recorded. `rule` is
/// asked for only where it is recorded: it keeps what is needed, and gives the gradients of the inputs from that of the
/// output.
pub fn record<V, R, const N: usize>(
    op: impl Into<Cow<'static, str>>,
    inputs: [&V; N],
    output: V,
    rule: impl FnOnce(&Recording<V>) -> R,
) -> V
where
    V: Value,
    R: Fn(V, &Step<'_, V>) -> Result<[Option<V>; N]> + 'static,
{
    let Some(recording) = recording_of(&inputs) else { return output };
    let rule = Rc::new(Single(rule(&recording)));
    let inputs = inputs.iter().map(|input| input.edge().cloned()).collect();
    let node = Node::new(op.into(), site::here(), inputs, Some(rule), 1);
    output.on(Some(Edge { node, output: 0 }))
}

/// As [`record`], of any number of inputs and outputs. An output of which `differentiable` says no stays a constant.
pub fn record_many<V: Value, R: Rule<V> + 'static>(
    op: impl Into<Cow<'static, str>>,
    inputs: &[&V],
    outputs: Vec<V>,
    differentiable: impl Fn(&V) -> bool,
    rule: impl FnOnce(&Recording<V>) -> R,
) -> Vec<V> {
    let Some(recording) = recording_of(inputs) else { return outputs };
    let rule = Rc::new(rule(&recording));
    let inputs = inputs.iter().map(|input| input.edge().cloned()).collect();
    let node = Node::new(op.into(), site::here(), inputs, Some(rule), outputs.len() as u32);
    let on = |(number, output): (usize, V)| match differentiable(&output) {
        true => output.on(Some(Edge { node: Rc::clone(&node), output: number as u32 })),
        false => output,
    };
    outputs.into_iter().enumerate().map(on).collect()
}

fn recording_of<V: Value>(inputs: &[&V]) -> Option<Recording<V>> {
    if !is_recording() {
        return None;
    }
    let place = |(number, input): (usize, &&V)| u64::from(input.edge().is_some()) << number.min(63);
    let tracked = inputs.iter().enumerate().map(place).fold(0, |all, one| all | one);
    (tracked != 0).then_some(Recording { tracked, value: PhantomData })
}

/// The rule of an operation with one output.
struct Single<R>(R);

impl<V, R, const N: usize> Rule<V> for Single<R>
where
    V: Value,
    R: Fn(V, &Step<'_, V>) -> Result<[Option<V>; N]>,
{
    fn backward(&self, by_outputs: Vec<Option<V>>, step: &Step<'_, V>) -> Result<Vec<Option<V>>> {
        match by_outputs.into_iter().next().flatten() {
            Some(by_output) => Ok((self.0)(by_output, step)?.into()),
            None => Ok(std::iter::repeat_with(|| None).take(N).collect()),
        }
    }
}
