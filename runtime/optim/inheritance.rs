//! What of an inherited state fits the parameters that there are, tensor by tensor.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{Kept, Optimizer, Scheme, Slots};
use crate::nn::Parameter;

impl Scheme {
    /// Asks functions of the caller's what they keep for the parameters that it moves: [`Optimizer::drop_misfits`] goes by
    /// what is known. What fails here fails in the step as well, and is told there.
    pub fn ask(&self, parameters: &[(String, Parameter)]) {
        let chains = self.chains();
        for (path, parameter) in parameters.iter().filter(|(path, it)| self.moves.contains(path, it.role())) {
            let _ = chains[self.group_of(path, parameter.role())].ask(parameter.shape());
        }
    }
}

impl Optimizer {
    /// Drops what does not fit: tensors of another shape than a transform keeps for the parameter of their path, and
    /// with `strays` whatever no parameter, no group or no transform has. Without `strays` that may still be asked for.
    /// Returns names and shapes of the dropped tensors.
    pub fn drop_misfits(&mut self, parameters: &[(String, Parameter)], strays: bool) -> Vec<(String, Vec<usize>)> {
        let before = self.state.tensors();
        let chains = self.scheme.chains();
        let known: BTreeMap<&str, &Parameter> = parameters.iter().map(|(path, it)| (path.as_str(), it)).collect();
        self.state.parameters.retain(|path, kept| match known.get(path.as_str()) {
            Some(parameter) => {
                let group = self.scheme.group_of(path, parameter.role());
                prune(&chains[group].known(parameter.shape()), Rc::make_mut(kept), strays);
                true
            }
            None => !strays,
        });
        let names: Vec<&str> = self.scheme.parts().map(|(name, ..)| name).collect();
        self.state.shared.retain(|group, kept| match names.iter().position(|name| name == group) {
            Some(group) => {
                let start = chains[group].init_shared().into_iter().map(|(link, slots)| (link, Some(slots)));
                prune(&start.collect(), kept, strays);
                true
            }
            None => !strays,
        });
        self.state.tidy();
        let after: BTreeSet<String> = self.state.tensors().into_iter().map(|(name, _)| name).collect();
        let dropped = before.into_iter().filter(|(name, _)| !after.contains(name));
        dropped.map(|(name, tensor)| (name, tensor.shape().to_vec())).collect()
    }
}

fn prune(start: &BTreeMap<String, Option<Slots>>, kept: &mut Kept, strays: bool) {
    kept.retain(|link, slots| match start.get(link) {
        Some(start) => {
            // What is not known yet, the step finds out.
            start.iter().for_each(|start| start.prune(slots, strays));
            true
        }
        None => !strays,
    });
}
