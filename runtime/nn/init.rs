//! How a parameter starts: a distribution, drawn from a stream that is keyed by the parameter's own path.

use std::fmt;

use crate::{Device, Result, Tensor, memory, options::options, rng::Stream, tensor::check_shape};

options! {
    /// What a parameter starts from.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ParameterOptions {
        /// One value everywhere, where `std` is not given.
        pub value: f64 = 0.0;
        /// The standard deviation of a normal distribution around 0, from which the first values are drawn.
        pub std: Option<f64> = None, in 0.0..;
    }
}

/// The distribution that a parameter starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// One value everywhere.
    Constant(f64),
    /// Uniform in [−bound, bound).
    Uniform { bound: f64 },
    /// Normal around 0.
    Normal { std: f64 },
}

impl From<ParameterOptions> for Init {
    fn from(options: ParameterOptions) -> Self {
        options.std.map_or(Self::Constant(options.value), |std| Self::Normal { std })
    }
}

impl Init {
    /// He's uniform distribution with a = √5, PyTorch's default for linear and convolution: U(±1/√fan_in).
    pub fn kaiming_uniform(fan_in: usize) -> Self {
        Self::Uniform { bound: 1.0 / (fan_in as f64).sqrt() }
    }

    /// He's normal distribution for ReLU: σ = √(2 / fan). torchvision's ResNet takes a convolution's fan_out.
    pub fn kaiming_normal(fan: usize) -> Self {
        Self::Normal { std: (2.0 / fan as f64).sqrt() }
    }

    /// The first value of the parameter at `path`: a function of seed, path and shape alone.
    pub(super) fn draw(self, seed: u64, path: &str, shape: &[usize], device: &Device) -> Result<Tensor> {
        check_shape("parameter", shape)?;
        let count = shape.iter().product();
        let mut draws = Stream::new(seed, path).at(0, 0, 0, 0);
        let values = match self {
            Self::Constant(value) => return Tensor::full(value, shape, crate::tensor::Kind::Float, device),
            Self::Uniform { bound } => {
                let mut values = memory::list("parameter", count)?;
                values.extend((0..count).map(|_| ((2.0 * f64::from(draws.uniform()) - 1.0) * bound) as f32));
                values
            }
            Self::Normal { std } => {
                let mut values = memory::list("parameter", count)?;
                values.extend((0..count).map(|_| (f64::from(draws.normal()) * std) as f32));
                values
            }
        };
        Tensor::from_floats(values, shape, device)
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "constant {value}"),
            Self::Uniform { bound } => write!(f, "uniform ±{bound}"),
            Self::Normal { std } => write!(f, "normal {std}"),
        }
    }
}
