//! Layers that compute nothing.

use super::{Layer, Module, module::single};
use crate::{Error, Result, Tensor};

#[derive(Clone, Copy)]
enum Reshape {
    Flatten,
    Identity,
}

/// `[N, …]` to `[N, everything else]`.
pub fn flatten() -> Module {
    Module::new(Reshape::Flatten)
}

/// The input itself.
pub fn identity() -> Module {
    Module::new(Reshape::Identity)
}

impl Layer for Reshape {
    fn kind(&self) -> &str {
        match self {
            Self::Flatten => "flatten",
            Self::Identity => "identity",
        }
    }

    fn describe(&self) -> String {
        format!("{}()", self.kind())
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.kind(), inputs)?;
        match self {
            Self::Identity => Ok(input.clone()),
            Self::Flatten if input.rank() > 1 => input.flatten(1, input.rank() - 1),
            Self::Flatten => {
                Err(Error::Shape { op: "flatten".into(), want: "wants [N, ...]".into(), got: input.shape().to_vec() })
            }
        }
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn flatten_keeps_the_rows() {
        let input = Tensor::zeros(&[2, 3, 4], &Device::cpu()).unwrap();
        assert_eq!(flatten().forward(&input).unwrap().shape(), [2, 12]);
        assert_eq!(identity().forward(&input).unwrap().shape(), [2, 3, 4]);
    }
}
