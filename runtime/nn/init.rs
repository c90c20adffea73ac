//! How a parameter starts: a distribution, drawn from a stream that is keyed by the parameter's own path.

mod fans;
mod orthogonal;

use std::fmt;

pub use fans::{FanMode, KaimingOptions, Nonlinearity, XavierOptions};

use fans::Spread;

use super::Role;
use crate::{
    Device, Error, Result, Tensor, memory,
    options::{Options, options},
    rng::{DrawKey, Draws, Stream},
    tensor::{Kind, Source, TruncatedNormal, check_shape},
};

options! {
    /// What a parameter starts from.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ParameterOptions {
        /// One value everywhere, where neither `std` nor `init` is given.
        pub value: f64 = 0.0, in ..;
        /// The standard deviation of a normal distribution around 0, from which the first values are drawn.
        pub std: Option<f64> = None, in 0.0..;
        /// What the first values are drawn from: one of mb.nn.init.
        pub init: Option<Init> = None;
        /// What it is to an optimizer: "weight" unless given, "bias" or "norm". Groups choose by it, and decay may leave out
        /// biases and norms.
        pub role: Option<Role> = None;
    }
    /// A normal distribution.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct NormalInitOptions {
        /// The mean.
        pub mean: f64 = 0.0, in ..;
        /// The standard deviation.
        pub std: f64 = 1.0, in 0.0..;
    }
    /// A uniform distribution.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct UniformInitOptions {
        /// The smallest value.
        pub low: f64 = 0.0;
        /// What every value is below.
        pub high: f64 = 1.0;
    }
    /// How large an orthogonal matrix is.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct OrthogonalOptions {
        /// What each element is multiplied by.
        pub gain: f64 = 1.0, in ..;
    }
}

/// The distribution that a parameter starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// One value everywhere.
    Constant(f64),
    /// Uniform in [−bound, bound).
    Uniform { bound: f64 },
    /// Uniform in [low, high).
    Between { low: f64, high: f64 },
    /// Normal around 0.
    Normal { std: f64 },
    /// Normal around a mean.
    Around { mean: f64, std: f64 },
    /// Normal, and cut at both ends.
    Truncated(TruncatedNormal),
    /// Normal, the deviation by the shape.
    ScaledNormal(Spread),
    /// Uniform around 0, the deviation by the shape.
    ScaledUniform(Spread),
    /// Orthonormal rows or columns, times a gain.
    Orthogonal { gain: f64 },
}

impl ParameterOptions {
    /// What they say that a parameter starts from.
    ///
    /// # Errors
    /// They say it twice; a number out of range; a shape that this does not fit.
    pub fn start(self, shape: &[usize]) -> Result<Init> {
        self.check("parameter")?;
        if self.init.is_some() && (self.std.is_some() || self.value != 0.0) {
            let other = if self.std.is_some() { "std" } else { "value" };
            return Err(Error::argument("parameter", "init", format!("given without {other}"), "both"));
        }
        if self.std.is_some() && self.value != 0.0 {
            return Err(Error::argument("parameter", "std", "given without value", "both"));
        }
        let init = self.init.unwrap_or(match self.std {
            Some(std) => Init::Normal { std },
            None => Init::Constant(self.value),
        });
        init.check(shape)?;
        Ok(init)
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

    /// He's normal distribution, the fan by the shape. Errors: options out of range.
    pub fn kaiming_normal_by_shape(options: KaimingOptions) -> Result<Self> {
        Spread::kaiming("kaiming_normal", options).map(Self::ScaledNormal)
    }

    /// He's uniform distribution, the fan by the shape. Errors: options out of range.
    pub fn kaiming_uniform_by_shape(options: KaimingOptions) -> Result<Self> {
        Spread::kaiming("kaiming_uniform", options).map(Self::ScaledUniform)
    }

    /// Glorot's normal distribution. Errors: a gain that is not finite.
    pub fn xavier_normal(options: XavierOptions) -> Result<Self> {
        options.check("xavier_normal")?;
        Ok(Self::ScaledNormal(Spread::Xavier { gain: options.gain }))
    }

    /// Glorot's uniform distribution. Errors: a gain that is not finite.
    pub fn xavier_uniform(options: XavierOptions) -> Result<Self> {
        options.check("xavier_uniform")?;
        Ok(Self::ScaledUniform(Spread::Xavier { gain: options.gain }))
    }

    /// Orthonormal rows or columns. Errors: a gain that is not finite.
    pub fn orthogonal(options: OrthogonalOptions) -> Result<Self> {
        options.check("orthogonal")?;
        Ok(Self::Orthogonal { gain: options.gain })
    }

    /// One value everywhere. Errors: one that is not finite.
    pub fn constant(value: f64) -> Result<Self> {
        if !value.is_finite() {
            return Err(Error::argument("constant", "value", "a finite number", value));
        }
        Ok(Self::Constant(value))
    }

    /// Uniform between two numbers.
    ///
    /// # Errors
    /// The first is over the second.
    pub fn uniform(options: UniformInitOptions) -> Result<Self> {
        let UniformInitOptions { low, high } = options;
        if low > high || !low.is_finite() || !high.is_finite() {
            return Err(Error::argument("uniform", "low", format!("a finite number of at most high, {high}"), low));
        }
        Ok(Self::Between { low, high })
    }

    /// Normal around a mean. Errors: options out of range.
    pub fn normal(options: NormalInitOptions) -> Result<Self> {
        options.check("normal")?;
        Ok(Self::Around { mean: options.mean, std: options.std })
    }

    /// Normal, cut at both ends.
    ///
    /// # Errors
    /// A smallest value that is not below the largest.
    pub fn truncated_normal(options: TruncatedNormal) -> Result<Self> {
        // What is wrong with them is told where they are written, and not where a parameter is drawn.
        Tensor::truncated_normal(&[0], options, &source(0, "", &Device::cpu()))?;
        Ok(Self::Truncated(options))
    }

    /// Refuses a shape that it makes no sense for.
    pub fn check(self, shape: &[usize]) -> Result<()> {
        match self {
            Self::ScaledNormal(spread) | Self::ScaledUniform(spread) => spread.std(shape).map(drop),
            Self::Orthogonal { .. } => orthogonal::check(shape),
            _ => Ok(()),
        }
    }

    /// The first value of the parameter at `path`: a function of seed, path and shape alone.
    pub(super) fn draw(self, seed: u64, path: &str, shape: &[usize], device: &Device) -> Result<Tensor> {
        check_shape("parameter", shape)?;
        self.check(shape)?;
        let count = shape.iter().product();
        let mut draws = Stream::new(seed, path).at(0, 0, 0, 0);
        let values = match self {
            Self::Constant(value) => return Tensor::full(value, shape, Kind::Float, device),
            Self::Truncated(options) => return Tensor::truncated_normal(shape, options, &source(seed, path, device)),
            Self::Orthogonal { gain } => orthogonal::orthogonal(&mut draws, shape, gain)?,
            Self::Uniform { bound } => drawn(count, || uniform(&mut draws, bound))?,
            Self::ScaledUniform(spread) => {
                // The deviation of U(±b) is b / √3.
                let bound = 3f64.sqrt() * spread.std(shape)?;
                drawn(count, || uniform(&mut draws, bound))?
            }
            Self::Between { low, high } => {
                drawn(count, || ((low + (high - low) * f64::from(draws.uniform())) as f32).min(below(high, low)))?
            }
            Self::Normal { std } => drawn(count, || normal(&mut draws, 0.0, std))?,
            Self::ScaledNormal(spread) => {
                let std = spread.std(shape)?;
                drawn(count, || normal(&mut draws, 0.0, std))?
            }
            Self::Around { mean, std } => drawn(count, || normal(&mut draws, mean, std))?,
        };
        Tensor::from_floats(values, shape, device)
    }
}

fn source<'a>(seed: u64, path: &str, device: &'a Device) -> Source<'a> {
    Source { stream: Stream::new(seed, path), key: DrawKey { step: 0, call: 0 }, device }
}

fn drawn(count: usize, mut draw: impl FnMut() -> f32) -> Result<Vec<f32>> {
    let mut values = memory::list("parameter", count)?;
    values.extend((0..count).map(|_| draw()));
    Ok(values)
}

fn uniform(draws: &mut Draws, bound: f64) -> f32 {
    ((2.0 * f64::from(draws.uniform()) - 1.0) * bound) as f32
}

fn normal(draws: &mut Draws, mean: f64, std: f64) -> f32 {
    (mean + f64::from(draws.normal()) * std) as f32
}

/// The largest float below `high`, which rounding might reach; `low` where both are equal.
fn below(high: f64, low: f64) -> f32 {
    if low < high { (high as f32).next_down() } else { low as f32 }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "constant {value}"),
            Self::Uniform { bound } => write!(f, "uniform ±{bound}"),
            Self::Between { low, high } => write!(f, "uniform {low} to {high}"),
            Self::Normal { std } => write!(f, "normal {std}"),
            Self::Around { mean, std } => write!(f, "normal {mean} ± {std}"),
            Self::Truncated(TruncatedNormal { mean, std, min, max }) => {
                write!(f, "normal {mean} ± {std} from {min} to {max}")
            }
            Self::ScaledNormal(spread) => write!(f, "{spread} normal"),
            Self::ScaledUniform(spread) => write!(f, "{spread} uniform"),
            Self::Orthogonal { gain } => write!(f, "orthogonal {gain}"),
        }
    }
}

#[cfg(test)]
mod tests;
