//! How an optimizer moves what: its rule and schedule, and those of groups of parameters that differ.

use serde::{Deserialize, Serialize};

use super::{Link, Rule, Schedule, Selection, chain::Chain};
use crate::{Error, Result, nn::Role};

/// Parameters with a rule and a schedule of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// What it is called: a word without dots and slashes.
    pub name: String,
    /// Which of the optimizer's parameters it has.
    #[serde(flatten)]
    pub of: Selection,
    /// How a gradient moves them.
    pub rule: Rule,
    /// Their learning rate.
    pub schedule: Schedule,
}

/// An optimizer apart from what it keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scheme {
    /// How a gradient moves a parameter that belongs to no group.
    pub rule: Rule,
    /// The learning rate of these.
    pub schedule: Schedule,
    /// Which parameters it moves.
    #[serde(default, skip_serializing_if = "Selection::is_everything")]
    pub moves: Selection,
    /// A parameter belongs to the first that has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<ParameterGroup>,
    /// What all gradients go through together, before the rule of each group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Link>,
}

impl Scheme {
    /// One rule and one schedule for all parameters.
    pub fn new(rule: Rule, schedule: Schedule) -> Self {
        Self { rule, schedule, moves: Selection::default(), groups: Vec::new(), before: Vec::new() }
    }

    /// An error where a hyperparameter or a group makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        self.rule.check()?;
        self.before.iter().try_for_each(|link| link.transform().check())?;
        for (position, group) in self.groups.iter().enumerate() {
            group.rule.check()?;
            let is_new = self.groups[..position].iter().all(|other| other.name != group.name);
            if group.name.is_empty() || group.name.contains(['.', '/', '\n']) || !is_new {
                let want = "a word of its own without dots and slashes";
                return Err(Error::argument("optimizer", "a group's name", want, format!("'{}'", group.name)));
            }
        }
        Ok(())
    }

    /// Which of [`Scheme::parts`] a parameter belongs to: the first where it belongs to no group.
    pub(super) fn group_of(&self, path: &str, role: Role) -> usize {
        self.groups.iter().position(|group| group.of.contains(path, role)).map_or(0, |position| position + 1)
    }

    /// Name, rule and schedule of what belongs to no group, and of each group.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&str, &Rule, &Schedule)> {
        let groups = self.groups.iter().map(|group| (group.name.as_str(), &group.rule, &group.schedule));
        [("", &self.rule, &self.schedule)].into_iter().chain(groups)
    }

    /// The chain of each of these.
    pub(super) fn chains(&self) -> Vec<Chain> {
        self.parts().map(|(_, rule, _)| Chain::new(&self.before, &rule.links())).collect()
    }
}
