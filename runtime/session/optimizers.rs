//! The optimizers of a session, which make a step together.

use std::{
    cell::{RefCell, RefMut},
    rc::Rc,
};

use crate::{
    Error, Result,
    nn::Parameter,
    optim::{self, Now, Optimizer, Setting, Together},
};

/// An optimizer as a session and a script hold it.
pub type Shared = Rc<RefCell<Optimizer>>;

/// An optimizer by its name.
pub(super) type Named = (String, Shared);

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

/// Which of them an optimizer is.
///
/// # Errors
/// It is none of them.
pub(super) fn position(optimizers: &[Named], only: &Shared) -> Result<usize> {
    optimizers.iter().position(|(_, own)| Rc::ptr_eq(own, only)).ok_or_else(|| {
        let reason = "it is none of the session's: assign it to a name first, session.optimizer = mb.optim.…".into();
        Error::State { op: "optimizer", reason }
    })
}

/// The parameters that one of them moves. Errors as [`optim::moved_by`].
pub(super) fn moved_by(
    optimizers: &[Named],
    position: usize,
    parameters: Vec<(String, Parameter)>,
) -> Result<Vec<(String, Parameter)>> {
    let borrowed: Vec<_> = optimizers.iter().map(|(name, optimizer)| (name.as_str(), optimizer.borrow())).collect();
    let shown: Vec<(&str, &Optimizer)> = borrowed.iter().map(|(name, optimizer)| (*name, &**optimizer)).collect();
    optim::moved_by(position, &shown, parameters)
}

/// What each goes by in a step. No optimizer is held while a function of a script runs. Errors as [`Scheme::settings`].
///
/// [`Scheme::settings`]: crate::optim::Scheme::settings
pub(super) fn settings(optimizers: &[Named], now: Now) -> Result<Vec<Vec<Setting>>> {
    let of = |(_, optimizer): &Named| {
        let scheme = optimizer.borrow().scheme().clone();
        scheme.settings(now)
    };
    optimizers.iter().map(of).collect()
}

/// What a number of an optimizer is logged as: `lr` the first one's, `lr_second` another one's.
pub(super) fn logged_as(what: &str, position: usize, name: &str) -> String {
    if position == 0 { what.to_owned() } else { format!("{what}_{name}") }
}

/// Learning rates and scheduled hyperparameters by what they are logged as: `lr` the first optimizer's, `lr.head` a
/// group's, `lr_second.head` a group's of another one, `weight_decay` one with a schedule.
pub(super) fn logged(optimizers: &[Named], first: usize, settings: &[Vec<Setting>]) -> Vec<(String, f64)> {
    let mut logged = Vec::new();
    for (position, ((name, _), settings)) in (first..).zip(optimizers.iter().zip(settings)) {
        for setting in settings {
            // Neither name has a dot in it, so no two are alike.
            let group = if setting.group.is_empty() { String::new() } else { format!(".{}", setting.group) };
            let scheduled = setting.scheduled.iter().map(|(what, value)| (what.as_str(), *value));
            let all = [("lr", setting.lr)].into_iter().chain(scheduled);
            logged.extend(all.map(|(what, value)| (logged_as(what, position, name) + &group, value)));
        }
    }
    logged
}

/// Lets all optimizers make one step.
pub(super) fn together<T>(
    optimizers: &[Named],
    settings: &[Vec<Setting>],
    step: impl FnOnce(&mut Together<'_>) -> Result<T>,
) -> Result<T> {
    let mut borrowed: Vec<(&str, RefMut<'_, Optimizer>)> =
        optimizers.iter().map(|(name, optimizer)| (name.as_str(), optimizer.borrow_mut())).collect();
    let each = borrowed.iter_mut().zip(settings);
    let each = each.map(|((name, optimizer), settings)| (*name, &mut **optimizer, settings.clone()));
    step(&mut Together::by(each))
}

#[cfg(test)]
mod tests;
