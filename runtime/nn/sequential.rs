//! Modules one after another. A ReLU behind a module that can compute both at once is computed by that one.

use super::{Layer, Module, module::single};
use crate::{Result, Tensor, tensor::Behind};

struct Sequential(Vec<Module>);

/// Each module's output is the next one's input. The children's names are `0`, `1`, …, as in PyTorch.
pub fn sequential(modules: Vec<Module>) -> Module {
    Module::new(Sequential(modules))
}

impl Layer for Sequential {
    fn kind(&self) -> &str {
        "sequential"
    }

    fn describe(&self) -> String {
        format!("sequential({})", self.0.iter().map(Module::describe).collect::<Vec<_>>().join(", "))
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let mut value = single("sequential", inputs)?.clone();
        let mut rest = &self.0[..];
        while let [module, after @ ..] = rest {
            (value, rest) = match after {
                [relu, after @ ..] if module.joins(relu) => {
                    (module.forward_with(&value, Behind { residual: None, relu: true })?, after)
                }
                _ => (module.forward(&value)?, after),
            };
        }
        Ok(value)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self(self.0.iter().map(Module::fresh).collect()))
    }

    fn children(&self) -> Vec<(String, Module)> {
        self.0.iter().enumerate().map(|(position, module)| (position.to_string(), module.clone())).collect()
    }

    fn is_list(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Device, Tensor,
        nn::{batch_norm, identity, relu, sequential},
        rng::{DrawKey, Stream},
    };

    #[test]
    fn a_norm_with_its_relu_at_once_is_the_two_one_after_another() {
        let with = |relus| {
            let modules = [vec![batch_norm(3, Default::default())], relus].concat();
            let network = sequential(modules);
            network.realise("network", 0, &Device::cpu()).unwrap();
            network
        };
        let x = Tensor::randn(&[7, 3], Stream::new(3, "x"), DrawKey::default(), &Device::cpu()).unwrap();
        for training in [true, false] {
            let found = [vec![relu()], vec![identity(), relu()]].map(|relus| {
                let network = with(relus);
                network.set_training(training);
                network.forward(&x).unwrap().floats().unwrap()
            });
            assert_eq!(found[0], found[1], "training {training}");
            assert!(found[0].iter().all(|value| *value >= 0.0));
        }
    }

    #[test]
    fn a_sequence_that_ends_in_a_norm_or_begins_with_a_relu_is_gone_through_to_its_end() {
        let network =
            sequential(vec![relu(), batch_norm(2, Default::default()), relu(), batch_norm(2, Default::default())]);
        network.realise("network", 0, &Device::cpu()).unwrap();
        let x = Tensor::from_floats(vec![1.0, 2.0, -3.0, 4.0], &[2, 2], &Device::cpu()).unwrap();
        assert!(network.forward(&x).unwrap().floats().unwrap().iter().any(|value| *value < 0.0));
    }
}
