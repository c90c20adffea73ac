//! What an optimizer does to each parameter in a step, to be looked at.

use super::{Link, Rule, Scheme, Setting};
use crate::nn::{Parameter, Role};

/// A parameter as an optimizer sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// Where it lies.
    pub path: String,
    /// What it is.
    pub role: Role,
    /// The group that it belongs to; empty where it belongs to none.
    pub group: String,
    /// Its learning rate in the step.
    pub lr: f64,
    /// Its weight decay in the step: 0 where the rule leaves it out. A rule of a script's own keeps to itself what it does.
    pub weight_decay: Option<f64>,
}

impl Scheme {
    /// What it does to parameters in a step, whose settings are given. Frozen ones are left out.
    pub fn moved(&self, parameters: &[(String, Parameter)], settings: &[Setting]) -> Vec<Moved> {
        let of = |(path, parameter): &(String, Parameter)| {
            let (role, rank) = (parameter.role(), parameter.shape().len());
            let setting = &settings[self.group_of(path, role)];
            let links = [&self.before[..], &setting.rule.links(), &self.after].concat();
            let decays = links.iter().map(|link| match link {
                Link::AddDecayedWeights(decay) => decay.of(role, rank),
                _ => 0.0,
            });
            let weight_decay = (!matches!(setting.rule, Rule::Custom(_))).then(|| decays.sum());
            Moved { path: path.clone(), role, group: setting.group.clone(), lr: setting.lr, weight_decay }
        };
        parameters.iter().filter(|(_, parameter)| !parameter.is_frozen()).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        nn::Init,
        optim::{AdamW, Now, ParameterGroup, Schedule, Selection},
    };

    #[test]
    fn each_parameter_is_shown_with_its_group_and_what_decays_it() {
        let rule =
            |weight_decay| Rule::AdamW(AdamW { weight_decay, include_bias_and_norm: false, ..Default::default() });
        let scheme = Scheme {
            groups: vec![ParameterGroup {
                name: "head".into(),
                of: Selection::at(["head"]),
                rule: rule(0.5),
                schedule: Schedule::Linear { first: 1.0, last: 0.0 },
                scheduled: [("weight_decay".to_owned(), Schedule::Constant(0.25))].into(),
            }],
            ..Scheme::new(rule(0.1), Schedule::Constant(0.3))
        };
        let parameter = |shape: &[usize], role| Parameter::new(shape, Init::Constant(0.0), role);
        let parameters = [
            ("encoder.weight".to_owned(), parameter(&[2, 2], Role::Weight)),
            ("encoder.scale".to_owned(), parameter(&[2], Role::Weight)),
            ("head.weight".to_owned(), parameter(&[2, 2], Role::Weight)),
            ("head.bias".to_owned(), parameter(&[1, 2], Role::Bias)),
            ("target.weight".to_owned(), parameter(&[2, 2], Role::Weight)),
        ];
        parameters[4].1.set_frozen(true);
        let settings = scheme.settings(Now::new(6, 10)).unwrap();
        let shown = scheme.moved(&parameters, &settings);
        let shown: Vec<_> = shown.iter().map(|own| (&*own.path, &*own.group, own.lr, own.weight_decay)).collect();
        let want = [
            ("encoder.weight", "", 0.3, Some(0.1)),
            ("encoder.scale", "", 0.3, Some(0.0)),
            ("head.weight", "head", 0.5, Some(0.25)),
            ("head.bias", "head", 0.5, Some(0.0)),
        ];
        assert_eq!(shown, want);
    }
}
