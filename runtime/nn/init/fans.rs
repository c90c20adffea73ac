//! Distributions whose spread follows from how many values a parameter's elements are summed over: Kaiming's (He et al.
//! 2015) and Xavier's (Glorot and Bengio 2010).

use crate::{
    Error, Result,
    options::{Options, choices, options},
};

choices! {
    /// Which sums keep their variance.
    pub enum FanMode of "kaiming" "mode" {
        /// Those of the forward pass.
        #[default]
        FanIn = "fan_in",
        /// Those of the backward pass.
        FanOut = "fan_out",
    }
}

choices! {
    /// What follows the layer that a parameter belongs to.
    pub enum Nonlinearity of "kaiming" "nonlinearity" {
        /// Nothing: a gain of 1.
        Linear = "linear",
        /// 1 / (1 + e⁻ˣ): a gain of 1.
        Sigmoid = "sigmoid",
        /// A gain of 5/3.
        Tanh = "tanh",
        /// max(x, 0): a gain of √2.
        Relu = "relu",
        /// max(x, a·x): a gain of √(2 / (1 + a²)).
        #[default]
        LeakyRelu = "leaky_relu",
        /// A gain of 3/4.
        Selu = "selu",
    }
}

options! {
    /// How a Kaiming distribution is spread.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct KaimingOptions {
        /// Whether the variance stays in the forward pass, "fan_in", or in the backward pass, "fan_out".
        pub mode: FanMode = FanMode::FanIn;
        /// What follows the layer, which gives the gain.
        pub nonlinearity: Nonlinearity = Nonlinearity::LeakyRelu;
        /// The slope of "leaky_relu" below 0.
        pub slope: f64 = 0.0, in ..;
    }
    /// How a Xavier distribution is spread.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct XavierOptions {
        /// What the standard deviation is multiplied by.
        pub gain: f64 = 1.0, in ..;
    }
}

/// The standard deviation of each element, but for the fans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// gain / √fan.
    Kaiming { mode: FanMode, gain: f64 },
    /// gain · √(2 / (fan_in + fan_out)).
    Xavier { gain: f64 },
}

impl Spread {
    pub(super) fn kaiming(op: &str, options: KaimingOptions) -> Result<Self> {
        options.check(op)?;
        let gain = match options.nonlinearity {
            Nonlinearity::Linear | Nonlinearity::Sigmoid => 1.0,
            Nonlinearity::Tanh => 5.0 / 3.0,
            Nonlinearity::Relu => 2f64.sqrt(),
            Nonlinearity::LeakyRelu => (2.0 / (1.0 + options.slope * options.slope)).sqrt(),
            Nonlinearity::Selu => 0.75,
        };
        Ok(Self::Kaiming { mode: options.mode, gain })
    }

    /// The standard deviation for a shape whose first dim are outputs and whose second are inputs.
    pub(super) fn std(self, shape: &[usize]) -> Result<f64> {
        let &[outputs, inputs, ref field @ ..] = shape else {
            let want = "kaiming and xavier want [outputs, inputs, ...]".into();
            return Err(Error::Shape { op: "init".into(), want, got: shape.to_vec() });
        };
        let field = field.iter().product::<usize>() as f64;
        let (fan_in, fan_out) = (inputs as f64 * field, outputs as f64 * field);
        Ok(match self {
            // Of no elements nothing is drawn.
            _ if fan_in == 0.0 || fan_out == 0.0 => 0.0,
            Self::Kaiming { mode: FanMode::FanIn, gain } => gain / fan_in.sqrt(),
            Self::Kaiming { mode: FanMode::FanOut, gain } => gain / fan_out.sqrt(),
            Self::Xavier { gain } => gain * (2.0 / (fan_in + fan_out)).sqrt(),
        })
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kaiming { mode, gain } => write!(f, "kaiming {mode} {gain}"),
            Self::Xavier { gain } => write!(f, "xavier {gain}"),
        }
    }
}
