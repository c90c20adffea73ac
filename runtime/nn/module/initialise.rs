//! First values of a module's own parameters and buffers, and of those that are to begin anew.

use std::collections::BTreeSet;

use super::{Beginning, Module, join};
use crate::{
    Device, Error, Result,
    nn::{Buffer, Init, Parameter, Start},
};

impl Module {
    pub(super) fn realise_own(&self, path: &str, seed: u64, device: &Device) -> Result<()> {
        let lacks = |own: &&(String, Parameter)| own.1.value().is_err();
        let parameters = self.0.parameters.iter().filter(lacks).map(|(name, _)| name.as_str());
        let lacks = |own: &&(String, Buffer)| own.1.value().is_err();
        let buffers = self.0.buffers.iter().filter(lacks).map(|(name, _)| name.as_str());
        let new = parameters.chain(buffers).collect();
        self.0.parameters.iter().try_for_each(|(own, parameter)| parameter.realise(seed, &join(path, own), device))?;
        self.0.buffers.iter().try_for_each(|(_, buffer)| buffer.realise(device))?;
        self.0.layer.begin(&Beginning { path, seed, device, new })
    }

    /// Lets parameters begin with another distribution: at once where they have values, else when they get them. What is
    /// drawn is a function of the seed and of the parameter's path alone, as ever. `takes` chooses among the parameters,
    /// by their paths from here; one that `goes_on` keeps the value that it has. Returns how many it took.
    ///
    /// # Errors
    /// A shape that the distribution has no values for; no parameter that is taken. Nothing has changed then.
    pub fn initialise(
        &self,
        init: Init,
        seed: u64,
        device: &Device,
        takes: impl Fn(&str, &Parameter) -> bool,
        goes_on: impl Fn(&Parameter) -> bool,
    ) -> Result<usize> {
        let mut taken = self.parameters();
        taken.retain(|(path, parameter)| takes(path, parameter));
        self.located(self.begin_with(init, seed, device, taken, goes_on))
    }

    fn begin_with(
        &self,
        init: Init,
        seed: u64,
        device: &Device,
        taken: Vec<(String, Parameter)>,
        goes_on: impl Fn(&Parameter) -> bool,
    ) -> Result<usize> {
        if taken.is_empty() {
            let reason = format!("none of the parameters of {} is chosen", self.kind());
            return Err(Error::State { op: "init", reason });
        }
        let name = self.name();
        for (path, parameter) in &taken {
            let path = join(name.as_deref().unwrap_or_default(), path);
            init.check(parameter.shape()).map_err(|error| error.within(&path))?;
        }
        let mut begun = BTreeSet::new();
        for (path, parameter) in &taken {
            parameter.set_start(Start::Drawn(init));
            if parameter.value().is_err() || goes_on(parameter) {
                continue;
            }
            match &name {
                Some(name) => {
                    parameter.begin_anew(seed, &join(name, path), device)?;
                    begun.insert(path.clone());
                }
                // A copy's, which is drawn with the name.
                None => parameter.forget(),
            }
        }
        if let Some(name) = &name {
            self.begin_layers(name, &begun, seed, device)?;
        }
        Ok(taken.len())
    }

    /// Lets each layer set what it works out from values of its own that have begun anew.
    fn begin_layers(&self, name: &str, begun: &BTreeSet<String>, seed: u64, device: &Device) -> Result<()> {
        let mut layers = Vec::new();
        self.visit("", &mut |path, module| layers.push((path.to_owned(), module.clone())));
        for (path, module) in layers {
            let own = module.0.parameters.iter().map(|(own, _)| own.as_str());
            let new: Vec<&str> = own.filter(|own| begun.contains(&join(&path, own))).collect();
            if !new.is_empty() {
                let path = if path.is_empty() { name.to_owned() } else { join(name, &path) };
                module.0.layer.begin(&Beginning { path: &path, seed, device, new })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Role, batch_norm, linear, sequential};

    fn model() -> Module {
        sequential(vec![linear(3, 4, true), batch_norm(4, Default::default()), linear(4, 2, true)])
    }

    fn weight(module: &Module) -> Vec<f32> {
        module.parameters()[0].1.value().unwrap().floats().unwrap()
    }

    #[test]
    fn another_beginning_before_a_name_and_after_it_gives_the_same_values() {
        let device = Device::cpu();
        let init = Init::Orthogonal { gain: 1.0 };
        let of_weights = |_: &str, parameter: &Parameter| parameter.role() == Role::Weight;
        let (before, after, plain) = (model(), model(), model());
        assert_eq!(before.initialise(init, 5, &device, of_weights, |_| false).unwrap(), 2);
        [&before, &after, &plain].into_iter().for_each(|module| module.realise("model", 5, &device).unwrap());
        assert_eq!(weight(&after), weight(&plain));
        after.initialise(init, 5, &device, of_weights, |_| false).unwrap();
        assert_eq!(weight(&before), weight(&after));
        assert_ne!(weight(&after), weight(&plain));
        let bias = |module: &Module| module.parameters()[1].1.value().unwrap().floats().unwrap();
        assert_eq!(bias(&after), bias(&plain));
        let again = before.fresh();
        again.realise("model", 5, &device).unwrap();
        assert_eq!(weight(&again), weight(&before));
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let (device, module) = (Device::cpu(), model());
        module.realise("model", 1, &device).unwrap();
        let before = weight(&module);
        let error = module.initialise(Init::Orthogonal { gain: 1.0 }, 1, &device, |_, _| true, |_| false).unwrap_err();
        assert_eq!(error.to_string(), "model.0.bias: init: orthogonal wants 2 dims or more, got shape [4]");
        assert_eq!(weight(&module), before);
        let error = module.initialise(Init::Constant(0.0), 1, &device, |_, _| false, |_| false).unwrap_err();
        assert_eq!(error.to_string(), "model: init: none of the parameters of sequential is chosen");
    }
}
