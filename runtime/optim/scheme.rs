//! How an optimizer moves what: its rule and schedule, and those of groups of parameters that differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Custom, FunctionSchedule, Link, Now, Rule, Schedule, Selection, Sharpness, chain::Chain};
use crate::{Error, Result, nn::Role};

/// Hyperparameters that differ from step to step, by name.
pub type Scheduled = BTreeMap<String, Schedule>;

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
    /// Of the rule's hyperparameters those with a schedule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scheduled: Scheduled,
}

/// What a part of an optimizer goes by in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The group's name; the empty name is that of what belongs to no group.
    pub group: String,
    /// The learning rate.
    pub lr: f64,
    /// The hyperparameters that have a schedule.
    pub scheduled: Vec<(String, f64)>,
    /// The rule with all of them.
    pub rule: Rule,
}

/// An optimizer apart from what it keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scheme {
    /// How a gradient moves a parameter that belongs to no group.
    pub rule: Rule,
    /// The learning rate of these.
    pub schedule: Schedule,
    /// Of the rule's hyperparameters those with a schedule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scheduled: Scheduled,
    /// Which parameters it moves.
    #[serde(default, skip_serializing_if = "Selection::is_everything")]
    pub moves: Selection,
    /// A parameter belongs to the first that has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<ParameterGroup>,
    /// What all gradients go through together, before the rule of each group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Link>,
    /// What all steps go through after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Link>,
    /// Where the gradients are taken, if not where the parameters are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharpness: Option<Sharpness>,
}

impl Scheme {
    /// One rule and one schedule for all parameters.
    pub fn new(rule: Rule, schedule: Schedule) -> Self {
        Self {
            rule,
            schedule,
            scheduled: Scheduled::new(),
            moves: Selection::default(),
            groups: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            sharpness: None,
        }
    }

    /// An error where a hyperparameter or a group makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        self.rule.check()?;
        self.before.iter().chain(&self.after).try_for_each(|link| link.transform().check())?;
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

    /// What each part goes by in a step: the first is what belongs to no group.
    ///
    /// # Errors
    /// A learning rate that is negative or not finite; a hyperparameter that makes no sense; those of a function.
    pub fn settings(&self, now: Now) -> Result<Vec<Setting>> {
        self.parts().map(|part| setting(part, now)).collect()
    }

    /// Leaves its functions out, as a checkpoint does: those of a script last as long as its VM.
    pub fn forget_functions(&mut self) {
        self.for_functions(Custom::forget_functions, FunctionSchedule::forget);
    }

    /// Notes that the script's loop has given its functions. A state does not take others in their place, which `setup` has.
    pub fn note_loop(&mut self) {
        self.for_functions(Custom::note_loop, FunctionSchedule::note_loop);
    }

    fn for_functions(&mut self, of_rule: impl Fn(&mut Custom), of_schedule: impl Fn(&mut FunctionSchedule)) {
        let rest = (&mut self.rule, &mut self.schedule, &mut self.scheduled);
        let groups = self.groups.iter_mut();
        let groups = groups.map(|group| (&mut group.rule, &mut group.schedule, &mut group.scheduled));
        for (rule, schedule, scheduled) in [rest].into_iter().chain(groups) {
            if let Rule::Custom(custom) = rule {
                of_rule(custom);
            }
            let schedules = [schedule].into_iter().chain(scheduled.values_mut());
            schedules.flat_map(Schedule::functions).for_each(&of_schedule);
        }
    }

    /// Takes functions that it lacks, since it comes from a state, from what stands at their places in another one.
    pub(super) fn find_functions(&mut self, other: &Self) {
        let find = |own: (&mut Rule, &mut Schedule, &mut Scheduled), (_, rule, schedule, scheduled): Part<'_>| {
            if let (Rule::Custom(own), Rule::Custom(theirs)) = (own.0, rule) {
                own.find_functions(theirs);
            }
            own.1.find_functions(schedule);
            let pairs = own.2.iter_mut().filter_map(|(name, own)| Some((own, scheduled.get(name)?)));
            pairs.for_each(|(own, theirs)| own.find_functions(theirs));
        };
        find((&mut self.rule, &mut self.schedule, &mut self.scheduled), other.parts().next().expect("the first part"));
        for group in &mut self.groups {
            if let Some(theirs) = other.parts().skip(1).find(|(name, ..)| *name == group.name) {
                find((&mut group.rule, &mut group.schedule, &mut group.scheduled), theirs);
            }
        }
    }

    /// Name, rule and schedules of what belongs to no group, and of each group.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let groups = self.groups.iter();
        let of_groups = groups.map(|group| (group.name.as_str(), &group.rule, &group.schedule, &group.scheduled));
        [("", &self.rule, &self.schedule, &self.scheduled)].into_iter().chain(of_groups)
    }

    /// The chain of each of these, for what it keeps.
    pub(super) fn chains(&self) -> Vec<Chain> {
        self.parts().map(|(_, rule, ..)| self.chain(rule)).collect()
    }

    /// The chain of a rule.
    pub(super) fn chain(&self, rule: &Rule) -> Chain {
        Chain::new(&self.before, &rule.links(), &self.after)
    }
}

/// What a part goes by in a step. What a schedule fails with tells which one it is, by what its numbers are logged as.
fn setting((group, rule, schedule, scheduled): Part<'_>, now: Now) -> Result<Setting> {
    let named = |what: &str| if group.is_empty() { what.to_owned() } else { format!("{what}.{group}") };
    let at = |what: &str, schedule: &Schedule| {
        schedule.at(now.step.saturating_sub(1), now.total).map_err(|error| error.within(&named(what)))
    };
    let lr = now.lr_scale * at("lr", schedule)?;
    if !(lr.is_finite() && lr >= 0.0) {
        return Err(Error::argument("step", named("lr"), "a number of at least 0", lr));
    }
    let value = |(name, schedule): (&String, &Schedule)| Ok((name.clone(), at(name, schedule)?));
    let scheduled = scheduled.iter().map(value).collect::<Result<Vec<_>>>()?;
    let rule = rule.with(&scheduled).map_err(|error| if group.is_empty() { error } else { error.within(group) })?;
    Ok(Setting { group: group.to_owned(), lr, rule, scheduled })
}

/// Name, rule, learning rate and other schedules.
pub(super) type Part<'a> = (&'a str, &'a Rule, &'a Schedule, &'a Scheduled);
