//! Gradients that are taken elsewhere than where the parameters are: the parameters go there for a second loss.

use std::cell::RefCell;

use super::{Session, leaves::used_leaves, optimizers::Named, statistics::Statistics};
use crate::{Result, Tensor, nn::Parameter, optim::Sharpness, tensor::Gradients};

/// The gradients by which optimizers make their step: those given, and of an optimizer that asks for others those that
/// `again` gives while its parameters are there. The parameters are then back, whatever came of it. What backward passes
/// have added up at these, which lose it as they move, is part of their gradients.
///
/// # Errors
/// Those of `again`; a device failed.
pub(super) fn ascended(
    session: &RefCell<Session>,
    optimizers: &[Named],
    parameters: &[(String, Parameter)],
    mut gradients: Gradients,
    again: impl FnOnce() -> Result<Gradients>,
) -> Result<Gradients> {
    let sharp: Vec<(Sharpness, &Named)> =
        optimizers.iter().filter_map(|named| Some((named.1.borrow().scheme().sharpness?, named))).collect();
    if sharp.is_empty() {
        return Ok(gradients);
    }
    let used = used_leaves(parameters);
    let mut taken = Vec::with_capacity(used.len());
    for (path, parameter, leaf) in used {
        if let Some(gradient) = gradients.take(&leaf) {
            taken.push((path, parameter, gradient));
        }
    }
    let mut moved: Vec<Moved> = Vec::new();
    for (sharpness, (_, optimizer)) in sharp {
        let optimizer = optimizer.borrow();
        let is_own =
            |position: &usize| optimizer.scheme().moves.contains(&taken[*position].0, taken[*position].1.role());
        let own: Vec<usize> = (0..taken.len()).filter(is_own).collect();
        let by: Vec<(Parameter, Tensor)> =
            own.iter().map(|position| (taken[*position].1.clone(), taken[*position].2.clone())).collect();
        if let Some(there) = sharpness.ascend(&by)? {
            for ((position, (parameter, _)), there) in own.into_iter().zip(by).zip(there) {
                moved.push(Moved { position, here: parameter.value()?, there });
            }
        }
    }
    if moved.is_empty() {
        return given_back(taken);
    }
    let leaves: Vec<Option<Tensor>> = moved.iter().map(|it| taken[it.position].1.used_leaf()).collect();
    let mut added_up = Gradients::added_up(leaves.iter().flatten());
    let statistics = Statistics::of(&session.borrow().components);
    let go = |it: &Moved| taken[it.position].1.set(it.there.clone());
    let found = moved.iter().try_for_each(go).and_then(|()| {
        let mut second = again()?;
        // What its loss does not depend on there stays as it is.
        let leaf = |it: &Moved| taken[it.position].1.used_leaf();
        Ok(moved.iter().map(|it| leaf(it).and_then(|leaf| second.take(&leaf))).collect::<Vec<_>>())
    });
    moved.iter().try_for_each(|it| taken[it.position].1.set(it.here.clone()))?;
    statistics.give_back()?;
    let mut elsewhere: Vec<Option<Option<Tensor>>> = vec![None; taken.len()];
    for ((it, gradient), leaf) in moved.iter().zip(found?).zip(&leaves) {
        let added = leaf.as_ref().and_then(|leaf| added_up.take(leaf));
        elsewhere[it.position] = Some(match (gradient, added) {
            (Some(gradient), Some(added)) => Some(gradient.add(&added)?),
            (gradient, added) => gradient.or(added),
        });
    }
    let all = taken.into_iter().zip(elsewhere).filter_map(|((path, parameter, first), second)| {
        let gradient = second.unwrap_or(Some(first))?;
        Some((path, parameter, gradient))
    });
    given_back(all.collect())
}

/// A parameter that is elsewhere, by its place among those with a gradient.
struct Moved {
    position: usize,
    here: Tensor,
    there: Tensor,
}

/// Gradients at the leaves of the parameters as they are now.
fn given_back(taken: Vec<(String, Parameter, Tensor)>) -> Result<Gradients> {
    let mut gradients = Gradients::default();
    for (_, parameter, gradient) in taken {
        gradients.insert(&parameter.leaf()?, gradient);
    }
    Ok(gradients)
}
