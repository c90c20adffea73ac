//! A rectifier whose slope below 0 is learnt (He et al. 2015).

use super::{Init, Layer, Module, Parameter, Role, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
    tensor::size,
};

const OP: &str = "prelu";

options! {
    /// Options of `mb.nn.prelu`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PreluOptions {
        /// How many slopes there are: one for all, or one for each channel.
        pub channels: usize = 1, in 1..;
        /// What the slopes start as.
        pub start: f64 = 0.25, in ..;
    }
}

struct Prelu {
    options: PreluOptions,
    weight: Parameter,
}

/// x where that is over 0, else weight · x.
///
/// # Errors
/// No channels.
pub fn prelu(options: PreluOptions) -> Result<Module> {
    options.check(OP)?;
    size::check(OP, "channels", options.channels)?;
    Ok(Module::new(Prelu::new(options)))
}

impl Prelu {
    fn new(options: PreluOptions) -> Self {
        let weight = Parameter::new(&[options.channels], Init::Constant(options.start), Role::Norm);
        Self { options, weight }
    }
}

impl Layer for Prelu {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let PreluOptions { channels, start } = self.options;
        let start = if start == PreluOptions::default().start { String::new() } else { format!(", start = {start}") };
        format!("prelu(channels = {channels}{start})")
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(OP, inputs)?;
        input.want_float(OP)?;
        let channels = self.options.channels;
        let weight = self.weight.leaf()?;
        let weight = if channels == 1 {
            weight.reshape(&[])?
        } else {
            if input.rank() < 2 || input.shape()[1] != channels {
                let want = format!("wants [N, {channels}, ...]");
                return Err(Error::Shape { op: OP.into(), want, got: input.shape().to_vec() });
            }
            let mut sizes = vec![1; input.rank()];
            sizes[1] = channels;
            weight.reshape(&sizes)?
        };
        Tensor::select_where(&input.detach().gt_scalar(0.0)?, input, &input.mul(&weight)?)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::new(self.options))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        vec![("weight".into(), self.weight.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::reference::check};

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check("prelu", &prelu(PreluOptions::default()).unwrap());
        check("prelu of channels", &prelu(PreluOptions { channels: 3, ..Default::default() }).unwrap());
    }

    #[test]
    fn other_channels_are_told() {
        let module = prelu(PreluOptions { channels: 3, ..Default::default() }).unwrap();
        module.realise("prelu", 0, &Device::cpu()).unwrap();
        let error = module.forward(&Tensor::zeros(&[2, 4], &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "prelu: prelu: wants [N, 3, ...], got shape [2, 4]");
    }
}
