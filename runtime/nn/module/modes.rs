//! What may be switched about a module: training or evaluation mode, parameters that are constants.

use serde::{Deserialize, Serialize};

use super::{Module, prefixed};

/// Which parameters of a module are constants, and which of its parts are in evaluation mode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modes {
    /// Paths of parameters.
    pub frozen: Vec<String>,
    /// Paths of modules, `` being the module itself.
    pub evaluating: Vec<String>,
}

impl Module {
    /// Training or evaluation mode, for the whole tree.
    pub fn set_training(&self, training: bool) {
        self.0.training.set(training);
        self.0.children.iter().for_each(|(_, child)| child.set_training(training));
    }

    /// Whether it is in training mode, as it is at first.
    pub fn is_training(&self) -> bool {
        self.0.training.get()
    }

    /// Runs `body` with the whole tree in evaluation mode, then gives each module its mode back, also where `body`
    /// fails or panics.
    pub fn evaluating<T>(&self, body: impl FnOnce() -> T) -> T {
        struct Restore(Vec<(Module, bool)>);
        impl Drop for Restore {
            fn drop(&mut self) {
                self.0.iter().for_each(|(module, training)| module.0.training.set(*training));
            }
        }
        let mut modes = Vec::new();
        self.visit("", &mut |_, module| modes.push((module.clone(), module.is_training())));
        let _restore = Restore(modes);
        self.set_training(false);
        body()
    }

    /// Makes every parameter a constant. Running statistics still move in training mode.
    pub fn freeze(&self) {
        self.parameters().iter().for_each(|(_, parameter)| parameter.set_frozen(true));
    }

    /// Lets every parameter be trained again.
    pub fn unfreeze(&self) {
        self.parameters().iter().for_each(|(_, parameter)| parameter.set_frozen(false));
    }

    /// Forgets the gradients that backward passes have added up at the parameters.
    pub fn zero_grad(&self) {
        self.parameters().iter().for_each(|(_, parameter)| parameter.zero_grad());
    }

    /// The paths of the frozen parameters, and of the modules in evaluation mode, the module itself being ``.
    pub fn modes(&self) -> Modes {
        let mut modes = Modes::default();
        self.visit("", &mut |path, module| {
            let frozen = prefixed(path, &module.0.parameters).into_iter().filter(|(_, own)| own.is_frozen());
            modes.frozen.extend(frozen.map(|(name, _)| name));
            if !module.is_training() {
                modes.evaluating.push(path.to_owned());
            }
        });
        modes
    }

    /// Freezes exactly the parameters, and puts exactly the modules into evaluation mode, that `modes` names.
    pub fn set_modes(&self, modes: &Modes) {
        self.visit("", &mut |path, module| {
            for (name, parameter) in prefixed(path, &module.0.parameters) {
                let frozen = modes.frozen.contains(&name);
                // Setting it drops the leaf, which a forward pass may have used already.
                if parameter.is_frozen() != frozen {
                    parameter.set_frozen(frozen);
                }
            }
            module.0.training.set(!modes.evaluating.iter().any(|evaluating| evaluating == path));
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Error, Result,
        nn::{batch_norm, sequential},
    };

    #[test]
    fn modes_come_back_after_an_evaluation_that_fails() {
        let module = sequential(vec![batch_norm(2, Default::default()), batch_norm(2, Default::default())]);
        module.child("1").unwrap().set_training(false);
        let failed: Result<()> = module.evaluating(|| {
            assert!(!module.child("0").unwrap().is_training());
            Err(Error::Interrupted)
        });
        assert!(failed.is_err());
        assert_eq!(["0", "1"].map(|name| module.child(name).unwrap().is_training()), [true, false]);
    }
}
