//! The optimizers of a session, which make a step together.

use std::{
    cell::{Ref, RefCell, RefMut},
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

/// An error where it is not clear who moves what: no optimizer; several that would each move everything; one twice. So is
/// one that makes a step just now.
pub(super) fn check(optimizers: &[Named]) -> Result<()> {
    let refused = |reason: String| Err(Error::State { op: "update", reason });
    if optimizers.is_empty() {
        return refused("the session has no optimizer: session.optimizer = mb.optim.…".into());
    }
    let mut of_all = Vec::new();
    for (name, optimizer) in optimizers {
        if opened(optimizer)?.scheme().moves.is_everything() {
            of_all.push(name);
        }
    }
    if let [first, second, ..] = of_all[..] {
        return refused(format!(
            "'{first}' and '{second}' both move all parameters; say by their option parameters which of them moves what"
        ));
    }
    for (position, (second, optimizer)) in optimizers.iter().enumerate() {
        if let Some((first, _)) = optimizers[..position].iter().find(|(_, other)| Rc::ptr_eq(other, optimizer)) {
            return refused(format!("'{first}' and '{second}' are one and the same optimizer"));
        }
    }
    Ok(())
}

/// An optimizer to look at.
///
/// # Errors
/// It makes a step just now, in which a function of a script is called.
pub fn opened(optimizer: &Shared) -> Result<Ref<'_, Optimizer>> {
    optimizer.try_borrow().map_err(|_| at_work())
}

/// An optimizer to change. Errors as [`opened`].
pub fn opened_mut(optimizer: &Shared) -> Result<RefMut<'_, Optimizer>> {
    optimizer.try_borrow_mut().map_err(|_| at_work())
}

fn at_work() -> Error {
    let reason = "it makes a step just now, which a function of its own takes part in";
    Error::State { op: "optimizer", reason: reason.into() }
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
    let borrowed = optimizers.iter().map(|(name, optimizer)| Ok((name.as_str(), opened(optimizer)?)));
    let borrowed = borrowed.collect::<Result<Vec<_>>>()?;
    let shown: Vec<(&str, &Optimizer)> = borrowed.iter().map(|(name, optimizer)| (*name, &**optimizer)).collect();
    optim::moved_by(position, &shown, parameters)
}

/// What each goes by in a step. No optimizer is held while a function of a script runs. Errors as [`Scheme::settings`].
///
/// [`Scheme::settings`]: crate::optim::Scheme::settings
pub(super) fn settings(optimizers: &[Named], now: Now) -> Result<Vec<Vec<Setting>>> {
    let of = |(name, optimizer): &Named| {
        let scheme = opened(optimizer)?.scheme().clone();
        scheme.settings(now).map_err(|error| of_optimizer(name, error))
    };
    optimizers.iter().map(of).collect()
}

/// The same error, which tells the optimizer as well.
fn of_optimizer(name: &str, error: Error) -> Error {
    match error {
        Error::Within { path, source } => Error::Within { path: format!("{name}.{path}"), source },
        error => error.within(name),
    }
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
    let borrowed = optimizers.iter().map(|(name, optimizer)| Ok((name.as_str(), opened_mut(optimizer)?)));
    let mut borrowed = borrowed.collect::<Result<Vec<_>>>()?;
    let each = borrowed.iter_mut().zip(settings);
    let each = each.map(|((name, optimizer), settings)| (*name, &mut **optimizer, settings.clone()));
    step(&mut Together::by(each))
}

#[cfg(test)]
mod tests;
