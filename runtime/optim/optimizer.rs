//! The velocity of every parameter by path, beside an update rule and its schedule.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, Schedule};
use crate::{
    Result, Tensor,
    nn::{LoadReport, Parameter},
    tensor::Kind,
};

/// Moves named parameters against their gradients.
pub struct Optimizer {
    pub(super) rule: Rule,
    schedule: Schedule,
    pub(super) velocities: BTreeMap<String, Tensor>,
}

impl Optimizer {
    /// An optimizer without velocities yet.
    ///
    /// # Errors
    /// Hyperparameters that make no sense.
    pub fn new(rule: Rule, schedule: Schedule) -> Result<Self> {
        rule.check()?;
        Ok(Self { rule, schedule, velocities: BTreeMap::new() })
    }

    /// How it moves a parameter.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Its learning rate for every step.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Changes rule and schedule and keeps the velocities. Errors as [`Optimizer::new`], and changes nothing then.
    pub fn configure(&mut self, rule: Rule, schedule: Schedule) -> Result<()> {
        rule.check()?;
        (self.rule, self.schedule) = (rule, schedule);
        Ok(())
    }

    /// The velocity of every parameter that has one, under the parameter's path.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        self.velocities.iter().map(|(name, velocity)| (name.clone(), velocity.clone())).collect()
    }

    /// Replaces all velocities, whatever parameters there are: those that belong to none are not used.
    pub fn set_velocities(&mut self, velocities: impl IntoIterator<Item = (String, Tensor)>) {
        self.velocities = velocities.into_iter().collect();
    }

    /// Drops the velocities of another shape than the parameter of their path has, and with `strays` those whose path no
    /// parameter has. Returns the paths and shapes of the dropped ones.
    pub fn drop_misfits(&mut self, parameters: &[(String, Parameter)], strays: bool) -> Vec<(String, Vec<usize>)> {
        let shapes: BTreeMap<&str, &[usize]> =
            parameters.iter().map(|(name, parameter)| (name.as_str(), parameter.shape())).collect();
        let fits = |name: &String, velocity: &Tensor| match shapes.get(name.as_str()) {
            Some(shape) => *shape == velocity.shape(),
            None => !strays,
        };
        let (kept, dropped): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.velocities).into_iter().partition(|(name, velocity)| fits(name, velocity));
        self.velocities = kept;
        dropped.into_iter().map(|(name, velocity)| (name, velocity.shape().to_vec())).collect()
    }

    /// Takes the velocities that fit the parameters by path and shape, drops its own, and reports all others.
    ///
    /// # Errors
    /// A device failed; nothing has changed then.
    pub fn load(&mut self, state: &BTreeMap<String, Tensor>, parameters: &[(String, Parameter)]) -> Result<LoadReport> {
        let mut report = LoadReport::default();
        let mut velocities = BTreeMap::new();
        for (name, parameter) in parameters {
            match state.get(name) {
                None => report.missing.push(name.clone()),
                Some(velocity) if velocity.shape() == parameter.shape() && velocity.kind() == Kind::Float => {
                    let device = parameter.value()?.device().clone();
                    velocities.insert(name.clone(), velocity.to_device(&device)?.detach());
                    report.kept.push(name.clone());
                }
                Some(_) => report.misfits.push(name.clone()),
            }
        }
        let known: BTreeSet<&String> = parameters.iter().map(|(name, _)| name).collect();
        report.unexpected = state.keys().filter(|name| !known.contains(name)).cloned().collect();
        self.velocities = velocities;
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use crate::optim::fixture::{gradients, model, optimizer, values};

    #[test]
    fn a_saved_optimizer_goes_on_as_if_it_had_never_stopped() {
        let (one, two) = (model(), model());
        let (mut first, mut second) = (optimizer(), optimizer());
        first.step(&one.parameters(), &mut gradients(&one, 1.0), 0, 0.1).unwrap();
        two.load(&one.state().into_iter().collect()).unwrap();
        let report = second.load(&first.state().into_iter().collect(), &two.parameters()).unwrap();
        assert_eq!((report.kept.len(), report.missing.len()), (3, 0));
        for (model, optimizer) in [(&one, &mut first), (&two, &mut second)] {
            optimizer.step(&model.parameters(), &mut gradients(model, 1.0), 1, 0.1).unwrap();
        }
        assert_eq!(values(&one.state()), values(&two.state()));
    }
}
