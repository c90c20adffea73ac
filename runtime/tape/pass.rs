//! The backward pass.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{
    mode::{is_recording, passing, recording},
    node::{Edge, Node, Step, Value},
};
use crate::{Error, Result};

/// How a pass goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Whether the gradients are on a tape themselves, to be differentiated again.
    pub create_graph: bool,
    /// Whether the tape can be gone through once more. Otherwise a node lets go of what it keeps when it was used.
    pub retain_graph: bool,
}

impl Pass {
    /// A gradient of somebody else's, as it goes on: a constant, unless gradients are to be on the tape.
    fn placed<V: Value>(self, gradient: V) -> V {
        if self.create_graph || gradient.edge().is_none() { gradient } else { gradient.on(None) }
    }
}

/// The gradients at leaves that a pass has come to.
pub type Found<V> = Vec<(Edge<V>, V)>;

/// The gradients of outputs by some values, leaves or not; none where no output depends on one. `roots` are outputs with
/// the gradients to begin with.
///
/// # Errors
/// An output whose tape is used up; what a rule or a hook fails with, with its operation and line.
pub fn gradients<V: Value>(roots: Vec<(V, V)>, targets: &[Edge<V>], pass: Pass) -> Result<Vec<Option<V>>> {
    let needed = needed(&roots, targets);
    let mut found = vec![None; targets.len()];
    let mut places: HashMap<(u64, u32), Vec<usize>> = HashMap::new();
    targets.iter().enumerate().for_each(|(place, edge)| places.entry(edge.id()).or_default().push(place));
    let wants = |edge: &Edge<V>| needed.get(&edge.node.id).copied().unwrap_or(false);
    let mut at = |edge: &Edge<V>, gradient: &V| {
        let places = places.get(&edge.id()).into_iter().flatten();
        places.for_each(|place| found[*place] = Some(gradient.clone()));
    };
    passing(|| walk(roots, pass, &wants, &mut at))?;
    Ok(found)
}

/// The gradients of outputs by every leaf that they depend on. As [`gradients`].
///
/// # Errors
/// As [`gradients`].
pub fn backward<V: Value>(roots: Vec<(V, V)>, pass: Pass) -> Result<Found<V>> {
    let mut found = Vec::new();
    let mut at = |edge: &Edge<V>, gradient: &V| {
        if edge.leaf().is_some() {
            found.push((edge.clone(), gradient.clone()));
        }
    };
    passing(|| walk(roots, pass, &|_| true, &mut at))?;
    Ok(found)
}

/// Which nodes lead to a target.
fn needed<V: Value>(roots: &[(V, V)], targets: &[Edge<V>]) -> HashMap<u64, bool> {
    // Inputs are older than what was computed from them, so nothing older than every target leads to one.
    let oldest = targets.iter().map(|edge| edge.node.id).min().unwrap_or(u64::MAX);
    let mut reached: BTreeMap<u64, &Node<V>> = BTreeMap::new();
    let mut waiting: Vec<&Node<V>> = roots.iter().filter_map(|(root, _)| Some(&*root.edge()?.node)).collect();
    while let Some(node) = waiting.pop() {
        if node.id >= oldest && reached.insert(node.id, node).is_none() {
            waiting.extend(node.inputs.iter().flatten().map(|edge| &*edge.node));
        }
    }
    let mut needed: HashMap<u64, bool> = targets.iter().map(|edge| (edge.node.id, true)).collect();
    for (id, node) in reached {
        let leads = node.inputs.iter().flatten().any(|edge| needed.get(&edge.node.id).copied().unwrap_or(false));
        *needed.entry(id).or_insert(false) |= leads;
    }
    needed
}

/// A node that gradients have come to.
struct Arrived<V: Value> {
    node: Rc<Node<V>>,
    by_outputs: Vec<Option<V>>,
}

/// Goes through the nodes from the youngest to the oldest: all gradients of a node's outputs have then arrived.
fn walk<V: Value>(
    roots: Vec<(V, V)>,
    pass: Pass,
    wants: &dyn Fn(&Edge<V>) -> bool,
    at: &mut dyn FnMut(&Edge<V>, &V),
) -> Result<()> {
    let mut arrived: BTreeMap<u64, Arrived<V>> = BTreeMap::new();
    for (root, gradient) in roots {
        if let Some(edge) = root.edge().cloned() {
            drop(root);
            recording(pass.create_graph, || arrive(&mut arrived, &edge, pass.placed(gradient)))?;
        }
    }
    while let Some((_, Arrived { node, mut by_outputs })) = arrived.pop_last() {
        let placed = |error: Error| match &node.leaf {
            Some(_) => error,
            None => error.in_backward(&node.op, node.site.as_ref().map(ToString::to_string)),
        };
        // A script's hook may ask for gradients: it records as the script does.
        let records = pass.create_graph || is_recording();
        recording(records, || hooked(&node, &mut by_outputs, pass)).map_err(placed)?;
        for (output, gradient) in by_outputs.iter().enumerate() {
            if let Some(gradient) = gradient {
                at(&Edge { node: Rc::clone(&node), output: output as u32 }, gradient);
            }
        }
        let wanted = |input: usize| node.inputs.get(input).and_then(Option::as_ref).is_some_and(wants);
        if node.leaf.is_some() || !(0..node.inputs.len()).any(wanted) {
            continue;
        }
        let rule = if pass.retain_graph { node.rule.borrow().clone() } else { node.rule.take() };
        let Some(rule) = rule else { return Err(used_up(&node)) };
        let step = Step { node: &node, wanted: &wanted };
        let by_inputs = recording(pass.create_graph, || rule.backward(by_outputs, &step)).map_err(placed)?;
        // Before anything is added up: that takes memory.
        drop(rule);
        if !pass.retain_graph {
            node.hooks.clear();
        }
        for (number, gradient) in by_inputs.into_iter().enumerate() {
            if let (true, Some(gradient), Some(Some(edge))) = (wanted(number), gradient, node.inputs.get(number)) {
                let gradient = pass.placed(gradient);
                recording(pass.create_graph, || arrive(&mut arrived, edge, gradient)).map_err(placed)?;
            }
        }
    }
    Ok(())
}

/// Adds a gradient to those that have come to an output.
fn arrive<V: Value>(arrived: &mut BTreeMap<u64, Arrived<V>>, edge: &Edge<V>, gradient: V) -> Result<()> {
    let entry = arrived
        .entry(edge.node.id)
        .or_insert_with(|| Arrived { node: Rc::clone(&edge.node), by_outputs: vec![None; edge.node.outputs as usize] });
    let slot = &mut entry.by_outputs[edge.output as usize];
    let sum = match slot.take() {
        Some(before) => before.plus(gradient)?,
        None => gradient,
    };
    *slot = Some(sum);
    Ok(())
}

/// Calls the hooks of a node's outputs.
fn hooked<V: Value>(node: &Node<V>, by_outputs: &mut [Option<V>], pass: Pass) -> Result<()> {
    for hook in node.hooks.all() {
        if let Some(gradient) = &mut by_outputs[hook.output as usize]
            && let Some(other) = (hook.call)(gradient)?
        {
            *gradient = pass.placed(other);
        }
    }
    Ok(())
}

fn used_up<V: Value>(node: &Node<V>) -> Error {
    let reason = format!(
        "an earlier backward pass has used up the tape; compute the loss anew, add the losses and differentiate once, or \
         keep the tape by retain_graph = true (it is the tape of {})",
        node.op
    );
    Error::State { op: "backward", reason }
}
