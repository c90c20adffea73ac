//! What parts of a network give in a forward pass.

use std::{cell::RefCell, rc::Rc};

use super::{HookHandle, Module};
use crate::{Error, Result, Tensor};

/// Outputs of parts, in the order of the paths that were asked for, and those of the whole.
pub struct Features {
    /// Of each part every output.
    pub parts: Vec<(String, Vec<Tensor>)>,
    /// Every output of the module itself.
    pub outputs: Vec<Tensor>,
}

/// Hooks that go when this does.
struct Placed(Vec<HookHandle>);

impl Drop for Placed {
    fn drop(&mut self) {
        self.0.iter().for_each(HookHandle::remove);
    }
}

impl Module {
    /// A forward pass, and what the parts at these paths give in it, with gradients: of a part that is called several
    /// times the last.
    ///
    /// # Errors
    /// A path that leads to no part; a part that the pass does not call; as [`Module::call_all`].
    pub fn features(&self, inputs: &[Tensor], paths: &[String]) -> Result<Features> {
        self.located(self.pass_with_features(inputs, paths))
    }

    fn pass_with_features(&self, inputs: &[Tensor], paths: &[String]) -> Result<Features> {
        const OP: &str = "features";
        let mut placed = Placed(Vec::with_capacity(paths.len()));
        let mut kept = Vec::with_capacity(paths.len());
        for path in paths {
            let part = self.part_at(OP, path)?;
            let cell = Rc::new(RefCell::new(None));
            kept.push(cell.clone());
            placed.0.push(part.hook(Rc::new(move |_, _, outputs| {
                cell.replace(Some(outputs.to_vec()));
                Ok(None)
            })));
        }
        let outputs = self.call_all(inputs)?;
        let found = paths.iter().zip(kept).map(|(path, kept)| match kept.take() {
            Some(outputs) => Ok((path.clone(), outputs)),
            None => Err(Error::State { op: OP, reason: format!("the forward pass does not call '{path}'") }),
        });
        Ok(Features { parts: found.collect::<Result<_>>()?, outputs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{batch_norm, linear, relu, sequential},
        tensor::gradients,
    };

    #[test]
    fn features_are_those_of_the_parts_have_gradients_and_leave_nothing_behind() {
        let device = Device::cpu();
        let model = sequential(vec![
            linear(2, 3, true),
            sequential(vec![batch_norm(3, Default::default()), relu()]),
            linear(3, 1, true),
        ]);
        model.realise("model", 0, &device).unwrap();
        model.set_training(false);
        let input = Tensor::from_floats(vec![1.0, -2.0, 0.5, 3.0], &[2, 2], &device).unwrap();
        let names = ["1.0", "0", "", "1"].map(str::to_owned);
        let found = model.features(std::slice::from_ref(&input), &names).unwrap();
        let value = |at: usize| found.parts[at].1[0].floats().unwrap();
        let first = model.child("0").unwrap().forward(&input).unwrap();
        let second = model.child("1.0").unwrap().forward(&first).unwrap();
        assert_eq!((value(1), value(0)), (first.floats().unwrap(), second.floats().unwrap()));
        assert_eq!(value(3), second.relu().unwrap().floats().unwrap());
        assert_eq!(value(2), found.outputs[0].floats().unwrap());
        assert_eq!(found.parts[2].0, "");
        let weight = model.parameters()[0].1.used_leaf().unwrap();
        let loss = found.parts[0].1[0].sum(None, false).unwrap();
        assert!(gradients(&loss, &[weight]).unwrap()[0].floats().unwrap().iter().any(|value| *value != 0.0));
        assert!(model.named_modules().iter().all(|(_, part)| !part.is_hooked()));
    }

    #[test]
    fn a_path_that_leads_nowhere_names_near_ones_and_a_part_that_is_not_called_is_told() {
        let model = sequential(vec![linear(2, 2, true), sequential(vec![relu()])]);
        model.realise("model", 0, &Device::cpu()).unwrap();
        let input = Tensor::ones(&[1, 2], &Device::cpu()).unwrap();
        let told = |path: &str| {
            model.features(std::slice::from_ref(&input), &[path.to_owned()]).err().map(|error| error.to_string())
        };
        assert_eq!(told("1.1").unwrap(), "model: features: unknown part '1.1'; did you mean '1.0'?");
        assert_eq!(told("1.0"), None);
        let wide = Tensor::ones(&[1, 5], &Device::cpu()).unwrap();
        assert!(model.features(&[wide], &["1".to_owned()]).is_err());
        assert!(!model.child("1").unwrap().is_hooked());
    }
}
