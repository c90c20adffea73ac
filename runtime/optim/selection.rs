//! Which parameters an optimizer, or a group of one, moves.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    nn::{Parameter, Role},
};

/// Some of the parameters, by path and by role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// Paths of modules and parameters, of which one must be the parameter's or lead to it: `encoder`,
    /// `encoder.conv1.weight`; a * stands for any part of a name, and ** for any names in a row or none. With none any
    /// path will do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Of which one must be the parameter's. With none any role will do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

impl Selection {
    /// What lies at these paths.
    pub fn at(paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), roles: Vec::new() }
    }

    /// What has one of these roles.
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self { paths: Vec::new(), roles: roles.into_iter().collect() }
    }

    /// Whether no parameter is left out.
    pub fn is_everything(&self) -> bool {
        self.paths.is_empty() && self.roles.is_empty()
    }

    /// Whether a parameter is among them.
    pub fn contains(&self, path: &str, role: Role) -> bool {
        (self.paths.is_empty() || self.paths.iter().any(|own| leads_to(own, path)))
            && (self.roles.is_empty() || self.roles.contains(&role))
    }

    /// A path that leads to none of these.
    pub(super) fn unled<'a>(&self, paths: impl Iterator<Item = &'a str> + Clone) -> Option<&str> {
        self.paths.iter().map(String::as_str).find(|own| !paths.clone().any(|path| leads_to(own, path)))
    }

    /// An error where a path leads to none of the parameters.
    pub(super) fn check(&self, parameters: &[(String, Parameter)]) -> Result<()> {
        self.check_paths("optimizer", parameters)
    }

    /// The same for whoever chooses parameters.
    ///
    /// # Errors
    /// A path that leads to none of them.
    pub fn check_paths(&self, op: &str, parameters: &[(String, Parameter)]) -> Result<()> {
        let leads = |own: &&String| parameters.iter().any(|(path, _)| leads_to(own, path));
        let Some(lost) = self.paths.iter().find(|own| !leads(own)) else { return Ok(()) };
        let known = parameters.iter().flat_map(|(path, _)| {
            let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
            ends.map(|end| path[..end].to_owned()).collect::<Vec<_>>()
        });
        let known = known.collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        Err(Error::Unknown { op: op.into(), what: "module or parameter", got: lost.clone(), known })
    }
}

fn leads_to(own: &str, path: &str) -> bool {
    let (patterns, names): (Vec<&str>, Vec<&str>) = (own.split('.').collect(), path.split('.').collect());
    lead_to(&patterns, &names)
}

fn lead_to(patterns: &[&str], names: &[&str]) -> bool {
    match patterns {
        [] => true,
        ["**", rest @ ..] => (0..=names.len()).any(|skipped| lead_to(rest, &names[skipped..])),
        [first, rest @ ..] => {
            names.split_first().is_some_and(|(name, below)| is_like(first, name) && lead_to(rest, below))
        }
    }
}

/// Whether a name is made of the parts of a pattern between its stars, in their order.
fn is_like(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(first) else { return false };
    name.char_indices().map(|(start, _)| start).chain([name.len()]).any(|start| is_like(rest, &name[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Init;

    #[test]
    fn a_path_leads_to_what_lies_below_it_and_not_to_what_begins_alike() {
        let selection = Selection { paths: vec!["encoder.conv1".into(), "head".into()], roles: vec![Role::Weight] };
        let contains = |path: &str| selection.contains(path, Role::Weight);
        assert!(contains("encoder.conv1.weight") && contains("encoder.conv1") && contains("head.0.weight"));
        assert!(!contains("encoder.conv10.weight") && !contains("encoder") && !contains("header.weight"));
        assert!(!selection.contains("head.0.bias", Role::Bias));
        assert!(Selection::default().contains("any", Role::Norm) && Selection::default().is_everything());
    }

    #[test]
    fn a_star_is_any_part_of_a_name_and_no_dot() {
        let selection = Selection::at(["blocks.*.norm*", "layer*.0.*conv1"]);
        let contains = |path: &str| selection.contains(path, Role::Weight);
        assert!(contains("blocks.0.norm1.weight") && contains("blocks.11.norm") && contains("layer4.0.conv1.bias"));
        assert!(!contains("blocks.0.attn.norm1") && !contains("blocks.norm1") && !contains("layer4.1.conv1"));
        assert!(is_like("*", "") && is_like("a*b*c", "abbc") && !is_like("a*b*c", "acb"));
    }

    #[test]
    fn two_stars_are_any_names_in_a_row_or_none() {
        let selection = Selection::at(["encoder.**.bn*", "**.bias"]);
        let contains = |path: &str| selection.contains(path, Role::Weight);
        assert!(contains("encoder.bn1.weight") && contains("encoder.layer1.0.bn2.weight") && contains("head.0.bias"));
        assert!(contains("bias") && !contains("encoder.layer1.0.conv1.weight") && !contains("head.bn1.weight"));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_told_with_the_nearest() {
        let parameter = Parameter::new(&[1], Init::Constant(0.0), Role::Weight);
        let parameters = [("encoder.conv1.weight".to_owned(), parameter)];
        assert!(Selection::at(["encoder", "encoder.conv1.weight"]).check(&parameters).is_ok());
        let error = Selection::at(["encoder", "encodr"]).check(&parameters).unwrap_err().to_string();
        assert_eq!(error, "optimizer: unknown module or parameter 'encodr'; did you mean 'encoder'?");
    }
}
