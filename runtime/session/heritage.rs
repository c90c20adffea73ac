//! A state that a new session takes over while a script's `setup` names its components: what fits by name and shape
//! goes on, all else starts anew, and both are reported.

use std::collections::{BTreeMap, BTreeSet};

use super::{Component, Configuration, Counters, Plain, Saved, Session, SetUp, State};
use crate::{Result, tensor::format_shape};

/// A state on its way into a session.
#[derive(Clone)]
pub(super) struct Heritage {
    state: State,
    /// Components that have taken over what was theirs.
    claimed: BTreeSet<String>,
    /// What came of each.
    matches: BTreeMap<String, Match>,
}

/// What a component took over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// The number of tensors that go on.
    pub kept: usize,
    /// Tensors that start anew since they have another shape now, with both shapes.
    pub reshaped: Vec<String>,
    /// Tensors that start anew, with their shapes.
    pub initialised: Vec<String>,
    /// Tensors of the old state that fit nowhere, with their shapes.
    pub dropped: Vec<String>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

impl Match {
    /// Whether everything goes on and nothing is new.
    pub fn is_complete(&self) -> bool {
        [&self.reshaped, &self.initialised, &self.dropped, &self.notes].iter().all(|list| list.is_empty())
    }

    fn drop_velocities(&mut self, dropped: Vec<(String, Vec<usize>)>) {
        self.kept = self.kept.saturating_sub(dropped.len());
        self.dropped.extend(dropped.iter().map(|(name, shape)| titled(name, shape)));
    }

    /// `encoder: kept 60, fc.weight [10, 512] became [20, 512], new fc3.weight [128, 512]`.
    pub fn describe(&self, name: &str) -> String {
        self.list(name, usize::MAX)
    }

    /// The same with no more than two names of each kind, for a terminal.
    pub fn summary(&self, name: &str) -> String {
        self.list(name, 2)
    }

    fn list(&self, name: &str, most: usize) -> String {
        let mut parts = Vec::new();
        if self.kept > 0 {
            parts.push(format!("kept {}", self.kept));
        }
        for (what, tensors) in [("", &self.reshaped), ("new", &self.initialised), ("dropped", &self.dropped)] {
            // A component as a whole has no name.
            let named: Vec<&str> = tensors.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
            let more = named.len().saturating_sub(most);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown = named[..named.len().min(most)].join(", ") + &more;
            if !tensors.is_empty() {
                parts.push([what, &shown].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
            }
        }
        parts.extend(self.notes.iter().cloned());
        format!("{name}: {}", parts.join(", "))
    }
}

fn titled(name: &str, shape: &[usize]) -> String {
    format!("{name} {}", format_shape(shape))
}

fn became(name: &str, before: &[usize], now: &[usize]) -> String {
    format!("{} became {}", titled(name, before), format_shape(now))
}

impl Session {
    /// Begins with a state, that of another session or of a checkpoint: components that are named from now on take over
    /// what fits them. [`Session::finish_setup`] must follow, once the script's `setup` has run.
    pub fn begin_with(&mut self, state: State) {
        // How many steps it has is for `setup` to say.
        self.counters = Counters { total: self.counters.total, ..state.counters.clone() };
        self.draws.begin_early();
        self.setting_up = true;
        self.heritage = Some(Heritage { state, claimed: BTreeSet::new(), matches: BTreeMap::new() });
    }

    /// Lets a component take over what the old one of its name had. In `setup` each naming does, as the last one holds;
    /// later only the first one of a name that `setup` did not give.
    pub(super) fn take_over(&mut self, name: &str, component: &Component) -> Result<()> {
        let (device, progress) = (self.device.clone(), &self.progress);
        let realise = || component.realise(name, self.counters.seed, &device, progress);
        let Some(heritage) = self.heritage.as_mut() else { return realise() };
        let is_late = !self.setting_up;
        let saved = heritage.state.components.iter().find(|(known, _)| known == name).map(|(_, saved)| saved.clone());
        let Some(saved) = saved.filter(|_| !(is_late && heritage.claimed.contains(name))) else { return realise() };
        let mut found = saved.hand_over(component, &device)?;
        realise()?;
        if let (Component::Images(images), Some(cursor)) = (component, saved.cursor) {
            images.seek(cursor)?;
            found.notes.extend(saved.other_images(component));
        }
        if is_late {
            component.configure(&saved.configuration)?;
        }
        heritage.claimed.insert(name.to_owned());
        heritage.matches.insert(name.to_owned(), found);
        Ok(())
    }

    /// The value of a tensor component: the inherited one if it has kind and shape of the new.
    pub(super) fn inherited_value(&self, name: &str, component: Component) -> Result<Component> {
        let Component::Tensor(new) = &component else { return Ok(component) };
        let inherits = self.heritage.as_ref().and_then(|heritage| {
            let is_first = self.setting_up || !heritage.claimed.contains(name);
            let (_, saved) = heritage.state.components.iter().find(|(known, _)| known == name)?;
            let (_, old) = saved.tensors.first().filter(|_| saved.configuration == Configuration::Tensor)?;
            (is_first && old.kind() == new.kind() && old.shape() == new.shape()).then(|| old.clone())
        });
        match inherits {
            Some(old) => Ok(Component::Tensor(old.to_device(&self.device)?)),
            None => Ok(component),
        }
    }

    /// Notes what `setup` has made of the session. After [`Session::begin_with`] it lets everything go on that `setup`
    /// makes as the old version's did: frozen parameters, modes, optimizer, number of steps, `session.state`.
    ///
    /// # Errors
    /// A device failed.
    pub fn finish_setup(&mut self, plain: Plain) -> Result<()> {
        let components = self.components.iter().map(|(name, component)| (name.clone(), component.configuration()));
        self.set_up = SetUp { total: self.counters.total, components: components.collect(), plain: plain.clone() };
        self.plain = plain;
        self.setting_up = false;
        self.draws.end_setup(&self.counters.draws);
        let parameters = self.parameters();
        let Some(heritage) = self.heritage.as_mut() else { return Ok(()) };
        let State { counters, set_up: before, plain: live, components: saved } = heritage.state.clone();
        if self.set_up.total == before.total {
            self.counters.total = counters.total;
        }
        self.plain = Plain::carried_on(&self.set_up.plain, &before.plain, &live);
        for (name, component) in &self.components {
            let of_old = saved.iter().find(|(known, _)| known == name).map(|(_, saved)| &saved.configuration);
            if let Some(of_old) = of_old
                && before.components.get(name) == self.set_up.components.get(name)
            {
                component.configure(of_old)?;
            }
        }
        // Now, since the first step gives a parameter of another shape a new velocity under the old path.
        for (name, component) in &self.components {
            if let (Component::Optimizer(optimizer), Some(found)) = (component, heritage.matches.get_mut(name)) {
                found.drop_velocities(optimizer.borrow_mut().drop_misfits(&parameters, false));
            }
        }
        // A tensor that the loop made is complete as it was saved. A network of the loop waits for its name.
        for (name, saved) in &saved {
            let is_of_the_loop = !before.components.contains_key(name) && !self.set_up.components.contains_key(name);
            if let (true, Configuration::Tensor, Some((_, tensor))) =
                (is_of_the_loop, &saved.configuration, saved.tensors.first())
            {
                self.components.push((name.clone(), Component::Tensor(tensor.to_device(&self.device)?)));
                heritage.claimed.insert(name.clone());
                heritage.matches.insert(name.clone(), Match { kept: 1, ..Match::default() });
            }
        }
        Ok(())
    }

    /// Components that the session began with, which the loop of the script has not asked for yet. What only `setup` made
    /// is not among them: an edit has removed it.
    pub(super) fn unclaimed(&self) -> Vec<(String, Saved)> {
        let Some(heritage) = &self.heritage else { return Vec::new() };
        let is_waiting = |name: &String| {
            !heritage.claimed.contains(name)
                && !heritage.state.set_up.components.contains_key(name)
                && self.get(name).is_none()
        };
        let waiting = heritage.state.components.iter().filter(|(name, _)| is_waiting(name));
        waiting.map(|(name, saved)| (name.clone(), Saved { living: None, ..saved.clone() })).collect()
    }

    /// What became so far of the state that the session began with, by component that has asked for it.
    pub fn matches(&self) -> BTreeMap<String, Match> {
        self.heritage.as_ref().map_or_else(BTreeMap::new, |heritage| heritage.matches.clone())
    }

    /// What became of the state that the session began with, by component; empty if there was none. Call it after the
    /// first step: what its components have not asked for by then is dropped.
    pub fn settle(&mut self) -> Vec<(String, Match)> {
        let Some(heritage) = self.heritage.take() else { return Vec::new() };
        let parameters = self.parameters();
        let mut matches = heritage.matches;
        for (name, component) in &self.components {
            let is_new = !matches.contains_key(name);
            let found = matches.entry(name.clone()).or_default();
            if is_new {
                found.initialised.push(String::new());
            }
            if let Component::Optimizer(optimizer) = component {
                found.drop_velocities(optimizer.borrow_mut().drop_misfits(&parameters, true));
            }
        }
        for (name, saved) in heritage.state.components {
            if !self.components.iter().any(|(known, _)| *known == name) {
                let found = matches.entry(name).or_default();
                *found = Match { dropped: vec![String::new(); saved.tensors.len().max(1)], ..Match::default() };
            }
        }
        matches.into_iter().collect()
    }
}

impl Saved {
    /// What to say where a data set now decodes to other images than it did.
    fn other_images(&self, component: &Component) -> Option<String> {
        match (&self.configuration, component.configuration()) {
            (Configuration::Images { fingerprint: old, .. }, Configuration::Images { fingerprint: new, .. }) => {
                (*old != new).then(|| "its images are others than they were".to_owned())
            }
            _ => None,
        }
    }

    /// Gives what fits to a component that is not realised yet.
    fn hand_over(&self, component: &Component, device: &crate::Device) -> Result<Match> {
        let mut found = Match::default();
        let configuration = component.configuration();
        if std::mem::discriminant(&configuration) != std::mem::discriminant(&self.configuration) {
            found.notes.push("another kind of component now".into());
            return Ok(found);
        }
        match component {
            Component::Module(module) => {
                let report = module.inherit(&self.tensors.iter().cloned().collect(), device)?;
                let shapes = module.shapes();
                let now = |name: &String| shapes.get(name).map_or(&[][..], Vec::as_slice);
                let before = |name: &String| {
                    let tensor = self.tensors.iter().find(|(known, _)| known == name);
                    tensor.map_or(&[][..], |(_, tensor)| tensor.shape())
                };
                found.kept = report.kept.len();
                found.reshaped = report.misfits.iter().map(|name| became(name, before(name), now(name))).collect();
                found.initialised = report.missing.iter().map(|name| titled(name, now(name))).collect();
                found.dropped = report.unexpected.iter().map(|name| titled(name, before(name))).collect();
            }
            Component::Optimizer(optimizer) => {
                let moved = self.tensors.iter().map(|(name, tensor)| Ok((name.clone(), tensor.to_device(device)?)));
                optimizer.borrow_mut().set_velocities(moved.collect::<Result<Vec<_>>>()?);
                found.kept = self.tensors.len();
            }
            Component::Images(images) => {
                if let Some(Component::Images(old)) = &self.living {
                    images.share(old);
                }
                found.kept = 1;
            }
            Component::Tensor(new) => match self.tensors.first() {
                Some((_, old)) if old.kind() == new.kind() && old.shape() == new.shape() => found.kept = 1,
                Some((_, old)) if old.kind() == new.kind() => {
                    found.notes.push(became("its shape", old.shape(), new.shape()));
                }
                Some(_) => found.notes.push("another kind of tensor now".into()),
                None => found.initialised.push(String::new()),
            },
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_tells_what_became_of_each_tensor_and_its_summary_is_short() {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let found = Match {
            kept: 8,
            reshaped: names(&[
                "0.weight [32, 32] became [64, 32]",
                "0.bias [32] became [64]",
                "1.bias [32] became [64]",
            ]),
            initialised: names(&["2.weight [1, 64]"]),
            ..Match::default()
        };
        let whole = "model: kept 8, 0.weight [32, 32] became [64, 32], 0.bias [32] became [64], 1.bias [32] became [64], \
                     new 2.weight [1, 64]";
        assert_eq!(found.describe("model"), whole);
        let short = "model: kept 8, 0.weight [32, 32] became [64, 32], 0.bias [32] became [64] and 1 more, new 2.weight [1, 64]";
        assert_eq!(found.summary("model"), short);
    }

    #[test]
    fn a_component_as_a_whole_has_no_names_of_tensors() {
        let new = Match { initialised: vec![String::new()], ..Match::default() };
        let gone = Match { dropped: vec![String::new(); 40], ..Match::default() };
        assert_eq!((new.summary("head").as_str(), gone.describe("old").as_str()), ("head: new", "old: dropped"));
    }
}
