//! Which of several optimizers moves which parameter.

use std::collections::BTreeMap;

use super::{Optimizer, Scheme};
use crate::{
    Error, Result,
    nn::{Parameter, Role},
};

/// The parameters that one of several optimizers moves.
///
/// # Errors
/// Two optimizers move one parameter; a path that an optimizer selects leads to no parameter; one that a group selects
/// leads to none that its optimizer moves; a group with paths has no parameter.
pub fn moved_by(
    position: usize,
    optimizers: &[(&str, &Optimizer)],
    parameters: Vec<(String, Parameter)>,
) -> Result<Vec<(String, Parameter)>> {
    let owners = owners(optimizers, &parameters)?;
    Ok(parameters.into_iter().zip(owners).filter(|(_, owner)| *owner == Some(position)).map(|(own, _)| own).collect())
}

/// The position of each parameter's optimizer; none where no optimizer moves it.
///
/// # Errors
/// Two optimizers move one parameter; a path that an optimizer selects leads to no parameter; one that a group selects
/// leads to none that its optimizer moves; a group with paths has no parameter.
pub(super) fn owners(
    optimizers: &[(&str, &Optimizer)],
    parameters: &[(String, Parameter)],
) -> Result<Vec<Option<usize>>> {
    check_places(parameters)?;
    optimizers.iter().try_for_each(|(name, optimizer)| check(name, &optimizer.scheme, parameters))?;
    let owner = |(path, parameter): &(String, Parameter)| {
        let moves = |(_, (_, it)): &(usize, &(&str, &Optimizer))| it.scheme.moves.contains(path, parameter.role());
        let mut claims = optimizers.iter().enumerate().filter(moves);
        let first = claims.next();
        if let (Some((_, (first, _))), Some((_, (second, _)))) = (first, claims.next()) {
            let reason = format!("{path} is moved by two optimizers, '{first}' and '{second}'");
            return Err(Error::State { op: "update", reason });
        }
        Ok(first.map(|(position, _)| position))
    };
    parameters.iter().map(owner).collect()
}

/// An error where one parameter has two paths: each of them would make it a step.
fn check_places(parameters: &[(String, Parameter)]) -> Result<()> {
    let mut seen = BTreeMap::new();
    for (path, parameter) in parameters {
        if let Some(first) = seen.insert(parameter.id(), path) {
            let reason = format!("{first} and {path} are one parameter; it has one place, and is used from there");
            return Err(Error::State { op: "update", reason });
        }
    }
    Ok(())
}

/// An error where an optimizer selects what is not there. A group of roles alone may be without parameters, as the biases
/// of a network that has none are.
fn check(name: &str, scheme: &Scheme, parameters: &[(String, Parameter)]) -> Result<()> {
    scheme.moves.check(parameters)?;
    let refused = |reason: String| Err(Error::State { op: "optimizer", reason });
    let all = parameters.iter().map(|(path, parameter)| (path.as_str(), parameter.role()));
    let moved: Vec<(&str, Role)> = all.filter(|(path, role)| scheme.moves.contains(path, *role)).collect();
    for (position, group) in scheme.groups.iter().enumerate() {
        group.of.check(parameters)?;
        if let Some(lost) = group.of.unled(moved.iter().map(|(path, _)| *path)) {
            return refused(format!("group '{}' of '{name}' has '{lost}', which '{name}' does not move", group.name));
        }
        let has = moved.iter().any(|(path, role)| scheme.group_of(path, *role) == position + 1);
        if !(has || group.of.paths.is_empty()) {
            return refused(format!(
                "group '{}' of '{name}' has no parameter: those at its paths have other roles, or belong to a group \
                 before it",
                group.name
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        nn::Init,
        optim::{ParameterGroup, Rule, Schedule, Scheduled, Selection, Sgd},
    };

    fn told(moves: &[&str], groups: Vec<(&str, Selection)>) -> Option<String> {
        let group = |(name, of): (&str, Selection)| ParameterGroup {
            name: name.into(),
            of,
            rule: Rule::Sgd(Sgd::default()),
            schedule: Schedule::Constant(0.1),
            scheduled: Scheduled::new(),
        };
        let scheme = Scheme {
            moves: Selection::at(moves.iter().copied()),
            groups: groups.into_iter().map(group).collect(),
            ..Scheme::new(Rule::Sgd(Sgd::default()), Schedule::Constant(0.1))
        };
        let parameters =
            [("encoder.weight", Role::Weight), ("encoder.bias", Role::Bias), ("head.weight", Role::Weight)];
        let parameters =
            parameters.map(|(path, role)| (path.to_owned(), Parameter::new(&[1], Init::Constant(0.0), role)));
        let optimizer = Optimizer::with(scheme).unwrap();
        let all = owners(&[("one", &optimizer)], &parameters).err().map(|error| error.to_string());
        // What it moves is all that a step of its own alone is given.
        let moved = moved_by(0, &[("one", &optimizer)], parameters.to_vec());
        let alone = moved.and_then(|moved| owners(&[("one", &optimizer)], &moved));
        assert_eq!(all, alone.err().map(|error| error.to_string()));
        all
    }

    #[test]
    fn a_group_without_parameters_is_told_unless_it_goes_by_roles_alone() {
        let head = || Selection::at(["head"]);
        let plain = |role| ("plain", Selection::of([role]));
        assert_eq!(told(&[], vec![plain(Role::Bias), ("head", head())]), None);
        assert_eq!(told(&[], vec![plain(Role::Norm)]), None);
        let biases = Selection { roles: vec![Role::Bias], ..head() };
        let none = "has no parameter: those at its paths have other roles, or belong to a group before it";
        assert_eq!(told(&[], vec![("head", biases)]), Some(format!("optimizer: group 'head' of 'one' {none}")));
        let second = told(&[], vec![plain(Role::Weight), ("head", head())]);
        assert_eq!(second, Some(format!("optimizer: group 'head' of 'one' {none}")));
        let elsewhere = Selection::at(["encoder.bias", "head"]);
        let want = "optimizer: group 'both' of 'one' has 'head', which 'one' does not move";
        assert_eq!(told(&["encoder"], vec![("both", elsewhere)]), Some(want.to_owned()));
    }
}
