//! The optimizers of a session, which make a step together.

use std::{
    cell::{RefCell, RefMut},
    rc::Rc,
};

use crate::{
    Error, Result,
    optim::{Now, Optimizer, Together},
};

/// An optimizer by its name.
pub(super) type Named = (String, Rc<RefCell<Optimizer>>);

/// An error where it is not clear who moves what: no optimizer; several that would each move everything; one twice.
pub(super) fn check(optimizers: &[Named]) -> Result<()> {
    let of_all = optimizers.iter().filter(|(_, it)| it.borrow().scheme().moves.is_everything()).count();
    if optimizers.is_empty() || of_all > 1 {
        let count = optimizers.len();
        let reason =
            format!("a session updates with one optimizer, this one has {count}: session.optimizer = mb.optim.…");
        return Err(Error::State { op: "update", reason });
    }
    for (position, (second, optimizer)) in optimizers.iter().enumerate() {
        if let Some((first, _)) = optimizers[..position].iter().find(|(_, other)| Rc::ptr_eq(other, optimizer)) {
            let reason = format!("'{first}' and '{second}' are one and the same optimizer");
            return Err(Error::State { op: "update", reason });
        }
    }
    Ok(())
}

/// What each learning rate is logged as: `lr` the first optimizer's, `lr.head` a group's, `lr_second` another
/// optimizer's, `lr_second.head` a group's of that one.
pub(super) fn rates(optimizers: &[Named], now: Now) -> Vec<(String, f64)> {
    let mut rates = Vec::new();
    for (position, (name, optimizer)) in optimizers.iter().enumerate() {
        let owner = (position > 0).then_some(name.as_str());
        for (group, lr) in optimizer.borrow().rates(now) {
            let owner = owner.map_or_else(String::new, |owner| format!("_{owner}"));
            // Neither name has a dot in it, so no two are alike.
            let group = if group.is_empty() { String::new() } else { format!(".{group}") };
            rates.push((format!("lr{owner}{group}"), lr));
        }
    }
    rates
}

/// Lets all optimizers make one step.
pub(super) fn together<T>(optimizers: &[Named], step: impl FnOnce(&mut Together<'_>) -> Result<T>) -> Result<T> {
    let mut borrowed: Vec<(&str, RefMut<'_, Optimizer>)> =
        optimizers.iter().map(|(name, optimizer)| (name.as_str(), optimizer.borrow_mut())).collect();
    let each = borrowed.iter_mut().map(|(name, optimizer)| (*name, &mut **optimizer));
    step(&mut Together::new(each))
}

#[cfg(test)]
mod tests;
