//! Which of several optimizers moves which parameter.

use super::Optimizer;
use crate::{Error, Result, nn::Parameter};

/// The parameters that one of several optimizers moves.
///
/// # Errors
/// Two optimizers move one parameter; a path that an optimizer or a group selects leads to no parameter.
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
/// Two optimizers move one parameter; a path that an optimizer or a group selects leads to no parameter.
pub(super) fn owners(
    optimizers: &[(&str, &Optimizer)],
    parameters: &[(String, Parameter)],
) -> Result<Vec<Option<usize>>> {
    for (_, optimizer) in optimizers {
        let scheme = &optimizer.scheme;
        let groups = scheme.groups.iter().map(|group| &group.of);
        [&scheme.moves].into_iter().chain(groups).try_for_each(|selection| selection.check(parameters))?;
    }
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
