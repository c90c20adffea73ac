//! Update rules by name, as a script or a checkpoint has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(test)]
use super::probe::Probe;
use super::{
    Adagrad, Adam, AdamW, Custom, Lamb, Lars, Link, Lion, ParameterUpdate, RmsProp, Sgd, UpdateTarget,
    chain::{Chain, Item},
    state::Kept,
};
use crate::{Error, Result, Tensor, options::Options};

/// How a gradient moves a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Steps that become shorter with the sum of squared gradients.
    Adagrad(Adagrad),
    /// Adaptive moments.
    Adam(Adam),
    /// Adaptive moments with weight decay apart from the gradient.
    AdamW(AdamW),
    /// A transform of the caller's own.
    Custom(Custom),
    /// Layer-wise adaptive moments.
    Lamb(Lamb),
    /// Layer-wise adaptive rate scaling.
    Lars(Lars),
    /// The sign of a moving average.
    Lion(Lion),
    /// Gradients divided by the root of their mean square.
    RmsProp(RmsProp),
    /// Stochastic gradient descent.
    Sgd(Sgd),
    /// What tests keep.
    #[cfg(test)]
    Probe(Probe),
}

impl Rule {
    /// The transforms that it is a chain of.
    pub fn links(&self) -> Vec<Link> {
        match self {
            Self::Adagrad(adagrad) => adagrad.links(),
            Self::Adam(adam) => adam.links(),
            Self::AdamW(adam_w) => adam_w.links(),
            Self::Custom(custom) => vec![custom.clone().into(), super::ScaleByLearningRate {}.into()],
            Self::Lamb(lamb) => lamb.links(),
            Self::Lars(lars) => lars.links(),
            Self::Lion(lion) => lion.links(),
            Self::RmsProp(rmsprop) => rmsprop.links(),
            Self::Sgd(sgd) => sgd.links(),
            #[cfg(test)]
            Self::Probe(probe) => vec![(*probe).into(), super::ScaleByLearningRate {}.into()],
        }
    }

    /// The next value of a parameter by itself and what is kept for it: a pure function.
    ///
    /// # Errors
    /// Shapes that differ; a device failed.
    pub fn update(&self, target: UpdateTarget, gradient: &Tensor, kept: &Kept) -> Result<ParameterUpdate> {
        let mut item = Item::new(target, gradient.clone(), Some(kept));
        Chain::new(&[], &self.links(), &[]).finish(&mut [&mut item], &mut BTreeMap::new())?;
        let (parameter, kept) = item.end();
        Ok(ParameterUpdate { parameter, kept })
    }

    /// The same with other values of some hyperparameters, each a number.
    ///
    /// # Errors
    /// There is no such hyperparameter; the value makes no sense.
    pub fn with(&self, values: &[(String, f64)]) -> Result<Self> {
        if values.is_empty() {
            return Ok(self.clone());
        }
        if let Self::Custom(custom) = self {
            return custom.with(values).map(Self::Custom);
        }
        let mut written = serde_json::to_value(self).expect("numbers, truth values and lists of numbers");
        let (_, own) = written.as_object_mut().and_then(|rule| rule.iter_mut().next()).expect("a rule has a name");
        for (name, value) in values {
            match own.get_mut(name) {
                Some(known) if known.is_number() => *known = (*value).into(),
                _ => {
                    let known = own.as_object().into_iter().flatten().filter(|(_, value)| value.is_number());
                    return Err(Error::unknown("optimizer", "hyperparameter", name, known.map(|(name, _)| name)));
                }
            }
        }
        // A value that is not finite has no place in it.
        let changed: Self = serde_json::from_value(written).map_err(|_| {
            let (name, value) = values.iter().find(|(_, value)| !value.is_finite()).expect("all others can be written");
            Error::argument("step", name, "finite", value)
        })?;
        match changed {
            // A momentum that a schedule has brought to 0 leaves nothing to look ahead along.
            Self::Sgd(sgd) => sgd.check("sgd")?,
            _ => changed.check()?,
        }
        Ok(changed)
    }

    /// An error where a hyperparameter makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Adagrad(adagrad) => adagrad.check("adagrad"),
            Self::Adam(adam) => adam.check("adam"),
            Self::AdamW(adam_w) => adam_w.check("adamw"),
            Self::Custom(custom) => custom.sound(),
            Self::Lamb(lamb) => lamb.check("lamb"),
            Self::Lars(lars) => lars.check("lars"),
            Self::Lion(lion) => lion.check("lion"),
            Self::RmsProp(rmsprop) => rmsprop.check("rmsprop"),
            Self::Sgd(sgd) => sgd.sound(),
            #[cfg(test)]
            Self::Probe(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{
        Device,
        nn::{
            Role,
            fixture::{check, numbers},
        },
        tensor::Kind,
    };

    /// A rule by name with these hyperparameters, all others as they are by default.
    fn rule(name: &str, options: &Value) -> Rule {
        let of = match name {
            "adagrad" => Rule::Adagrad(Adagrad::default()),
            "adam" => Rule::Adam(Adam::default()),
            "adam_w" => Rule::AdamW(AdamW::default()),
            "lamb" => Rule::Lamb(Lamb::default()),
            "lion" => Rule::Lion(Lion::default()),
            "rms_prop" => Rule::RmsProp(RmsProp::default()),
            _ => Rule::Sgd(Sgd::default()),
        };
        let mut written = serde_json::to_value(of).unwrap();
        for (option, value) in options.as_object().unwrap() {
            written[name][option] = value.clone();
        }
        serde_json::from_value(written).unwrap()
    }

    #[test]
    fn a_schedule_may_bring_momentum_to_0_where_nesterov_looks_ahead() {
        let rule = Rule::Sgd(Sgd { momentum: 0.9, nesterov: true, ..Default::default() });
        assert!(rule.with(&[("momentum".into(), 0.0)]).is_ok());
        assert!(rule.with(&[("momentum".into(), 1.0)]).is_err());
        assert!(Rule::Sgd(Sgd { nesterov: true, ..Default::default() }).check().is_err());
    }

    #[test]
    fn a_rule_of_an_older_checkpoint_decays_what_it_did() {
        for (text, rule) in [
            (r#"{"sgd":{"momentum":0.0,"nesterov":false,"weight_decay":0.0}}"#, Rule::Sgd(Sgd::default())),
            (r#"{"adam":{"betas":[0.9,0.999],"eps":1e-8,"weight_decay":0.0}}"#, Rule::Adam(Adam::default())),
        ] {
            assert_eq!(serde_json::from_str::<Rule>(text).unwrap(), rule);
        }
    }

    #[test]
    fn decay_leaves_out_what_is_no_weight_where_it_is_asked_to() {
        let options = serde_json::json!({ "weight_decay": 0.5, "include_bias_and_norm": false });
        for name in ["adagrad", "adam", "adam_w", "lion", "rms_prop", "sgd"] {
            let rule = rule(name, &options);
            for (role, shape, decayed) in
                [(Role::Weight, vec![1, 2], true), (Role::Weight, vec![2], false), (Role::Bias, vec![1, 2], false)]
            {
                let of = |value| Tensor::full(value, &shape, Kind::Float, &Device::cpu()).unwrap();
                let target = UpdateTarget { parameter: of(3.0), role, lr: 0.1, step: 1 };
                let moved = rule.update(target, &of(0.0), &Kept::new()).unwrap().parameter.floats().unwrap();
                assert_eq!(moved.iter().all(|value| *value < 3.0), decayed, "{name} {role:?} {shape:?}");
                assert_eq!(moved.iter().all(|value| *value == 3.0), !decayed, "{name} {role:?} {shape:?}");
            }
        }
    }

    #[test]
    fn ten_steps_of_each_are_pytorchs_or_its_papers() {
        let cases: Vec<Value> = serde_json::from_str(include_str!("../../tests/fixtures/optimizers.json")).unwrap();
        assert_eq!(cases.len(), 40);
        for case in cases {
            let (name, options) = case["rule"].as_object().unwrap().iter().next().unwrap();
            let shape: Vec<usize> = serde_json::from_value(case["shape"].clone()).unwrap();
            let tensor = |value| Tensor::from_floats(numbers(value), &shape, &Device::cpu()).unwrap();
            let (rule, lr) = (rule(name, options), case["lr"].as_f64().unwrap());
            let (mut parameter, mut kept) = (tensor(&case["start"]), Kept::new());
            let both = [&case["gradients"], &case["after_each_step"]].map(|list| list.as_array().unwrap());
            for (step, (gradient, want)) in (1..).zip(both[0].iter().zip(both[1])) {
                let target = UpdateTarget { parameter, role: Role::Weight, lr, step };
                let update = rule.update(target, &tensor(gradient), &kept).unwrap();
                (parameter, kept) = (update.parameter, update.kept);
                check(&format!("{name} {options}, step {step}"), &parameter.floats().unwrap(), &numbers(want), 1e-6);
            }
        }
    }
}
