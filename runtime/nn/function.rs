//! Functions of one tensor as layers: activations, and softmax along a dim. Each is one operation of the tensor's.

use super::{Layer, Module, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, choices, options, over},
    position,
};

choices! {
    /// Which form of gelu.
    pub enum GeluForm of "gelu" "approximate" {
        /// x · Φ(x), with the normal distribution function itself.
        #[default]
        None = "none",
        /// x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³))).
        Tanh = "tanh",
    }
}

options! {
    /// Options of `mb.nn.gelu`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct GeluOptions {
        /// By which formula Φ is approximated: by none, or by tanh.
        pub approximate: GeluForm = GeluForm::None;
    }

    /// Options of `mb.nn.leaky_relu`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct LeakyReluOptions {
        /// What values below 0 are multiplied by.
        pub negative_slope: f64 = 0.01, in ..;
    }

    /// Options of `mb.nn.elu` and `mb.nn.celu`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct EluOptions {
        /// What values far below 0 go to, but for the sign.
        pub alpha: f64 = 1.0, in over(0.0);
    }

    /// Options of `mb.nn.softplus`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SoftplusOptions {
        /// How sharp the bend is.
        pub beta: f64 = 1.0, in over(0.0);
        /// Where beta · x is over this, the result is x.
        pub threshold: f64 = 20.0, in ..;
    }

    /// Options of `mb.nn.hardtanh`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct HardtanhOptions {
        /// The smallest result.
        pub min: f64 = -1.0, in ..;
        /// The largest result.
        pub max: f64 = 1.0, in ..;
    }

    /// Options of `mb.nn.softshrink` and `mb.nn.hardshrink`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ShrinkOptions {
        /// Values no further than this from 0 become 0.
        pub lambda: f64 = 0.5, in 0.0..;
    }
}

/// A function of one tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// x · Φ(x) (Hendrycks and Gimpel 2016).
    Gelu(GeluOptions),
    /// x · σ(x).
    Silu,
    /// x · tanh(ln(1 + eˣ)) (Misra 2020).
    Mish,
    /// x where that is over 0, else a share of it.
    LeakyRelu(LeakyReluOptions),
    /// x where that is over 0, else α · (eˣ − 1).
    Elu(EluOptions),
    /// x where that is over 0, else α · (e^(x / α) − 1) (Barron 2017).
    Celu(EluOptions),
    /// The elu that keeps mean 0 and variance 1.
    Selu,
    /// min(max(x, 0), 6).
    Relu6,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// ln σ(x).
    Logsigmoid,
    /// tanh x.
    Tanh,
    /// x − tanh x.
    Tanhshrink,
    /// x / (1 + |x|).
    Softsign,
    /// ln(1 + e^(β · x)) / β.
    Softplus(SoftplusOptions),
    /// x · relu6(x + 3) / 6.
    Hardswish,
    /// relu6(x + 3) / 6.
    Hardsigmoid,
    /// Between two bounds.
    Hardtanh(HardtanhOptions),
    /// x where |x| > λ, else 0.
    Hardshrink(ShrinkOptions),
    /// x moved towards 0 by λ, and 0 where that would change its sign.
    Softshrink(ShrinkOptions),
    /// exp(x) / Σ exp(x) along a dim, as users number it.
    Softmax(i64),
    /// ln softmax(x).
    LogSoftmax(i64),
    /// a · σ(b) of the two halves along a dim (Dauphin et al. 2017).
    Glu(i64),
}

/// A function as a layer.
///
/// # Errors
/// An option out of range; a `min` that is not below `max`; a dim of 0.
pub fn function(function: Function) -> Result<Module> {
    function.check()?;
    Ok(Module::new(function))
}

impl Function {
    fn op(&self) -> &'static str {
        match self {
            Self::Gelu(_) => "gelu",
            Self::Silu => "silu",
            Self::Mish => "mish",
            Self::LeakyRelu(_) => "leaky_relu",
            Self::Elu(_) => "elu",
            Self::Celu(_) => "celu",
            Self::Selu => "selu",
            Self::Relu6 => "relu6",
            Self::Sigmoid => "sigmoid",
            Self::Logsigmoid => "logsigmoid",
            Self::Tanh => "tanh",
            Self::Tanhshrink => "tanhshrink",
            Self::Softsign => "softsign",
            Self::Softplus(_) => "softplus",
            Self::Hardswish => "hardswish",
            Self::Hardsigmoid => "hardsigmoid",
            Self::Hardtanh(_) => "hardtanh",
            Self::Hardshrink(_) => "hardshrink",
            Self::Softshrink(_) => "softshrink",
            Self::Softmax(_) => "softmax",
            Self::LogSoftmax(_) => "log_softmax",
            Self::Glu(_) => "glu",
        }
    }

    fn check(&self) -> Result<()> {
        let op = self.op();
        match self {
            Self::LeakyRelu(options) => options.check(op),
            Self::Elu(options) | Self::Celu(options) => options.check(op),
            Self::Softplus(options) => options.check(op),
            Self::Hardshrink(options) | Self::Softshrink(options) => options.check(op),
            Self::Hardtanh(options) => {
                options.check(op)?;
                match options.min < options.max {
                    true => Ok(()),
                    false => Err(Error::argument(op, "min", format!("below max, {}", options.max), options.min)),
                }
            }
            // The largest rank that there is: whether a tensor has the dim shows when it is there.
            Self::Softmax(dim) | Self::LogSoftmax(dim) | Self::Glu(dim) => {
                position::resolve(op, "dim", *dim, crate::tensor::MAX_RANK).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn of(&self, x: &Tensor) -> Result<Tensor> {
        let dim = |dim: i64| position::resolve(self.op(), "dim", dim, x.rank());
        match *self {
            Self::Gelu(GeluOptions { approximate: GeluForm::None }) => x.gelu(),
            Self::Gelu(GeluOptions { approximate: GeluForm::Tanh }) => x.gelu_by_tanh(),
            Self::Silu => x.silu(),
            Self::Mish => x.mish(),
            Self::LeakyRelu(options) => x.leaky_relu(options.negative_slope),
            Self::Elu(options) => x.elu(options.alpha),
            Self::Celu(EluOptions { alpha }) => x.div_scalar(alpha)?.elu(1.0)?.mul_scalar(alpha),
            Self::Selu => x.selu(),
            Self::Relu6 => x.relu6(),
            Self::Sigmoid => x.sigmoid(),
            Self::Logsigmoid => x.logsigmoid(),
            Self::Tanh => x.tanh(),
            Self::Tanhshrink => x.sub(&x.tanh()?),
            Self::Softsign => x.softsign(),
            Self::Softplus(options) => x.softplus(options.beta, options.threshold),
            Self::Hardswish => x.hardswish(),
            Self::Hardsigmoid => x.add_scalar(3.0)?.relu6()?.div_scalar(6.0),
            Self::Hardtanh(options) => x.hardtanh(options.min, options.max),
            Self::Hardshrink(ShrinkOptions { lambda }) => x.masked_fill(&x.detach().abs()?.le_scalar(lambda)?, 0.0),
            Self::Softshrink(ShrinkOptions { lambda }) => x.sub(&x.clamp(-lambda, lambda)?),
            Self::Softmax(number) => x.softmax(dim(number)?),
            Self::LogSoftmax(number) => x.log_softmax(dim(number)?),
            Self::Glu(number) => self.halves(x, dim(number)?),
        }
    }

    fn halves(&self, x: &Tensor, dim: usize) -> Result<Tensor> {
        let size = x.shape()[dim];
        if !size.is_multiple_of(2) {
            let want = format!("wants an even size of dim {}", position::number(dim));
            return Err(Error::Shape { op: self.op().into(), want, got: x.shape().to_vec() });
        }
        x.slice(dim, 0, size / 2)?.mul(&x.slice(dim, size / 2, size)?.sigmoid()?)
    }
}

impl Layer for Function {
    fn kind(&self) -> &str {
        self.op()
    }

    fn describe(&self) -> String {
        let op = self.op();
        match self {
            Self::Gelu(GeluOptions { approximate: GeluForm::Tanh }) => "gelu(approximate = \"tanh\")".into(),
            Self::LeakyRelu(options) => format!("{op}(negative_slope = {})", options.negative_slope),
            Self::Elu(options) | Self::Celu(options) => format!("{op}(alpha = {})", options.alpha),
            Self::Softplus(SoftplusOptions { beta, threshold }) => {
                format!("{op}(beta = {beta}, threshold = {threshold})")
            }
            Self::Hardtanh(HardtanhOptions { min, max }) => format!("{op}(min = {min}, max = {max})"),
            Self::Hardshrink(options) | Self::Softshrink(options) => format!("{op}(lambda = {})", options.lambda),
            Self::Softmax(dim) | Self::LogSoftmax(dim) | Self::Glu(dim) => format!("{op}({dim})"),
            _ => format!("{op}()"),
        }
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.op(), inputs)?;
        input.want_float(self.op())?;
        self.of(input)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::reference::check};

    fn cases() -> Vec<(&'static str, Function)> {
        let (leaky, elu) = (LeakyReluOptions { negative_slope: 0.2 }, EluOptions { alpha: 1.5 });
        let tanh = GeluOptions { approximate: GeluForm::Tanh };
        let bounds = HardtanhOptions { min: -0.5, max: 1.25 };
        vec![
            ("gelu", Function::Gelu(GeluOptions::default())),
            ("gelu by tanh", Function::Gelu(tanh)),
            ("silu", Function::Silu),
            ("mish", Function::Mish),
            ("leaky_relu", Function::LeakyRelu(leaky)),
            ("elu", Function::Elu(elu)),
            ("celu", Function::Celu(elu)),
            ("selu", Function::Selu),
            ("relu6", Function::Relu6),
            ("sigmoid", Function::Sigmoid),
            ("logsigmoid", Function::Logsigmoid),
            ("tanh", Function::Tanh),
            ("tanhshrink", Function::Tanhshrink),
            ("softsign", Function::Softsign),
            ("softplus", Function::Softplus(SoftplusOptions { beta: 2.0, threshold: 3.0 })),
            ("hardswish", Function::Hardswish),
            ("hardsigmoid", Function::Hardsigmoid),
            ("hardtanh", Function::Hardtanh(bounds)),
            ("hardshrink", Function::Hardshrink(ShrinkOptions::default())),
            ("softshrink", Function::Softshrink(ShrinkOptions::default())),
            ("softmax", Function::Softmax(2)),
            ("log_softmax", Function::LogSoftmax(-2)),
            ("glu", Function::Glu(-1)),
        ]
    }

    #[test]
    fn values_and_gradients_are_pytorchs() {
        for (name, case) in cases() {
            check(name, &function(case).unwrap());
        }
    }

    #[test]
    fn no_two_of_them_are_described_alike() {
        let mut texts: Vec<String> = cases().iter().map(|(_, case)| case.describe()).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), cases().len());
        assert!(texts.contains(&"softplus(beta = 2, threshold = 3)".into()));
    }

    #[test]
    fn mistakes_are_told() {
        let message = |case: Function| function(case).unwrap_err().to_string();
        let same = HardtanhOptions { min: 1.0, max: 1.0 };
        assert_eq!(message(Function::Hardtanh(same)), "hardtanh: min must be below max, 1, got 1");
        assert_eq!(
            message(Function::Softmax(0)),
            "softmax: dim 0 is out of range: 1 to 6, or -1 to -6; dims count from 1, the first"
        );
        let softmax = function(Function::Softmax(3)).unwrap();
        let x = Tensor::zeros(&[2, 3], &Device::cpu()).unwrap();
        let error = softmax.forward(&x).unwrap_err().to_string();
        assert_eq!(error, "softmax: dim 3 is out of range: 1 to 2, or -1 to -2");
        let error = function(Function::Glu(2)).unwrap().forward(&x).unwrap_err().to_string();
        assert_eq!(error, "glu: wants an even size of dim 2, got shape [2, 3]");
        let elu = EluOptions { alpha: 0.0 };
        assert_eq!(message(Function::Elu(elu)), "elu: alpha must be a number over 0, got 0");
    }
}
