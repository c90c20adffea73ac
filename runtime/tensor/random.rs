//! Keyed random tensors of other distributions than `rand` and `randn`. All are drawn on the host, so that they are the
//! same on every device, and have no gradient.

use std::f64::consts::FRAC_1_SQRT_2;

use super::{Tensor, shape, special};
use crate::{
    Device, Error, Result, memory,
    options::{Options, options, over},
    rng::{DrawKey, Draws, Stream},
};

/// What a random tensor is a function of, and where it is to lie.
pub struct Source<'a> {
    /// The stream of the distribution.
    pub stream: Stream,
    /// The place in it.
    pub key: DrawKey,
    /// The device.
    pub device: &'a Device,
}

impl Source<'_> {
    fn draws(&self) -> Draws {
        self.stream.at(self.key.step, self.key.call, 0, 0)
    }
}

/// A parameter of a distribution: the same for all elements, or one for each, which broadcasts.
pub enum Parameter {
    /// For all.
    Number(f64),
    /// For each.
    Tensor(Tensor),
}

impl Parameter {
    fn shape(&self) -> &[usize] {
        match self {
            Self::Number(_) => &[],
            Self::Tensor(tensor) => tensor.shape(),
        }
    }

    /// One for each element of a shape, or one for all.
    fn values(&self, op: &'static str, shape: &[usize]) -> Result<Vec<f64>> {
        let tensor = match self {
            Self::Number(number) => return Ok(vec![*number]),
            Self::Tensor(tensor) => tensor,
        };
        if !shape::aligned(op, tensor.shape(), shape).is_ok_and(|together| together == shape) {
            let (left, right) = (tensor.shape().to_vec(), shape.to_vec());
            return Err(Error::Unfit { op, left, right, rule: "a parameter broadcasts to the sizes".into() });
        }
        tensor.detach().expand(shape)?.doubles()
    }
}

options! {
    /// Options of `mb.truncated_normal`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TruncatedNormal as "TruncatedNormalOptions" {
        /// The mean of the normal distribution, before it is cut.
        pub mean: f64 = 0.0;
        /// Its standard deviation.
        pub std: f64 = 1.0, in over(0.0);
        /// The smallest value.
        pub min: f64 = -2.0;
        /// The largest value.
        pub max: f64 = 2.0;
    }
}

impl Tensor {
    /// Floats of so many parameters each, of the given shape or of that which the parameters have together.
    fn drawn<const N: usize>(
        op: &'static str,
        parameters: [Checked<'_>; N],
        sizes: Option<&[usize]>,
        source: &Source<'_>,
        draw: impl Fn(&mut Draws, [f64; N]) -> f64,
    ) -> Result<Self> {
        let together = parameters
            .iter()
            .try_fold(Vec::new(), |shape, (_, parameter, ..)| shape::broadcast(op, &shape, parameter.shape()))?;
        let shape = sizes.map_or(together, <[usize]>::to_vec);
        shape::check(op, &shape)?;
        let mut values = Vec::with_capacity(N);
        for (name, parameter, fits, want) in parameters {
            let found = parameter.values(op, &shape)?;
            if let Some(wrong) = found.iter().find(|value| !fits(**value)) {
                return Err(Error::argument(op, name, want, wrong));
            }
            values.push(found);
        }
        let mut draws = source.draws();
        let count = shape.iter().product();
        let mut list = memory::list(op, count)?;
        list.extend((0..count).map(|place| {
            let own = std::array::from_fn(|number| *values[number].get(place).unwrap_or(&values[number][0]));
            draw(&mut draws, own) as f32
        }));
        Self::from_floats(list, &shape, source.device)
    }

    /// Normal floats, of the parameters' shape where no sizes are given.
    ///
    /// # Errors
    /// A standard deviation below 0; parameters that do not broadcast to the sizes.
    pub fn normal(mean: &Parameter, std: &Parameter, sizes: Option<&[usize]>, source: &Source<'_>) -> Result<Self> {
        let parameters: [Checked<'_>; 2] =
            [("mean", mean, f64::is_finite, FINITE), ("std", std, |std| std >= 0.0 && std.is_finite(), "at least 0")];
        Self::drawn("normal", parameters, sizes, source, |draws, [mean, std]| mean + std * draws.wide_normal())
    }

    /// Uniform floats from `low` to below `high`; `low` where both are equal. Shapes as [`Tensor::normal`].
    ///
    /// # Errors
    /// A number `low` over a number `high`; what is not finite.
    pub fn uniform(low: &Parameter, high: &Parameter, sizes: Option<&[usize]>, source: &Source<'_>) -> Result<Self> {
        let parameters: [Checked<'_>; 2] =
            [("low", low, f64::is_finite, FINITE), ("high", high, f64::is_finite, FINITE)];
        if let (Parameter::Number(low), Parameter::Number(high)) = (low, high)
            && low > high
        {
            return Err(Error::argument("uniform", "low", format!("at most high, {high}"), low));
        }
        Self::drawn("uniform", parameters, sizes, source, |draws, [low, high]| {
            let found = (low + (high - low) * draws.inner_uniform()) as f32;
            // Rounding may have reached what is left out.
            if f64::from(found) >= high && low < high { found.next_down().into() } else { found.into() }
        })
    }

    /// Ints from `first` to `last`, both included.
    ///
    /// # Errors
    /// A `first` over `last`; numbers that do not fit 32 bits.
    pub fn randint(first: i64, last: i64, sizes: &[usize], source: &Source<'_>) -> Result<Self> {
        const OP: &str = "randint";
        for (name, number) in [("first", first), ("last", last)] {
            if i32::try_from(number).is_err() {
                return Err(Error::argument(OP, name, "within 32 bits", number));
            }
        }
        if first > last {
            return Err(Error::argument(OP, "first", format!("at most last, {last}"), first));
        }
        shape::check(OP, sizes)?;
        let mut draws = source.draws();
        let mut list = memory::list(OP, sizes.iter().product())?;
        list.extend((0..sizes.iter().product::<usize>()).map(|_| {
            // All of 2³² are one too many.
            let above = match u32::try_from(last - first + 1) {
                Ok(count) => draws.below(count),
                Err(_) => draws.bits(),
            };
            (first + i64::from(above)) as i32
        }));
        Self::from_ints(list, sizes, source.device)
    }

    /// Floats that are 1 with a probability, else 0. Shapes as [`Tensor::normal`].
    ///
    /// # Errors
    /// A probability outside of 0 to 1.
    pub fn bernoulli(probability: &Parameter, sizes: Option<&[usize]>, source: &Source<'_>) -> Result<Self> {
        let parameters: [Checked<'_>; 1] = [("p", probability, |p| (0.0..=1.0).contains(&p), "from 0 to 1")];
        Self::drawn("bernoulli", parameters, sizes, source, |draws, [p]| f64::from(u8::from(draws.inner_uniform() < p)))
    }

    /// Exponential floats of a rate over 0. Shapes as [`Tensor::normal`].
    ///
    /// # Errors
    /// A rate that is not over 0.
    pub fn exponential(rate: &Parameter, sizes: Option<&[usize]>, source: &Source<'_>) -> Result<Self> {
        let parameters: [Checked<'_>; 1] = [("rate", rate, is_over_0, OVER_0)];
        Self::drawn("exponential", parameters, sizes, source, |draws, [rate]| draws.exponential() / rate)
    }

    /// Standard Gumbel floats.
    pub fn gumbel(sizes: &[usize], source: &Source<'_>) -> Result<Self> {
        Self::drawn("gumbel", [], Some(sizes), source, |draws, []| draws.gumbel())
    }

    /// Gamma floats of a shape over 0 and rate 1. Shapes as [`Tensor::normal`].
    ///
    /// # Errors
    /// A shape that is not over 0.
    pub fn gamma(shape: &Parameter, sizes: Option<&[usize]>, source: &Source<'_>) -> Result<Self> {
        let parameters: [Checked<'_>; 1] = [("shape", shape, is_over_0, OVER_0)];
        Self::drawn("gamma", parameters, sizes, source, |draws, [shape]| draws.gamma(shape))
    }

    /// Beta floats of two shapes over 0, between 0 and 1. Shapes as [`Tensor::normal`].
    ///
    /// # Errors
    /// A shape that is not over 0.
    pub fn beta(a: &Parameter, b: &Parameter, sizes: Option<&[usize]>, source: &Source<'_>) -> Result<Self> {
        let parameters: [Checked<'_>; 2] = [("a", a, is_over_0, OVER_0), ("b", b, is_over_0, OVER_0)];
        Self::drawn("beta", parameters, sizes, source, |draws, [a, b]| draws.beta(a, b))
    }

    /// Dirichlet rows: `[sizes…, …, k]` for a concentration `[…, k]`; the last dim sums to 1.
    ///
    /// # Errors
    /// A concentration of rank 0, or one that is not over 0.
    pub fn dirichlet(concentration: &Self, sizes: &[usize], source: &Source<'_>) -> Result<Self> {
        const OP: &str = "dirichlet";
        let Some(&last) = concentration.shape().last() else {
            return Err(Error::Shape { op: OP.into(), want: "wants one dim or more".into(), got: Vec::new() });
        };
        let shapes = concentration.doubles()?;
        if let Some(wrong) = shapes.iter().find(|shape| !is_over_0(**shape)) {
            return Err(Error::argument(OP, "concentration", OVER_0, wrong));
        }
        let shape = [sizes, concentration.shape()].concat();
        shape::check(OP, &shape)?;
        let mut draws = source.draws();
        let mut list = memory::list(OP, shape.iter().product())?;
        for _ in 0..sizes.iter().product() {
            for shapes in shapes.chunks(last.max(1)) {
                list.extend(draws.dirichlet(shapes).into_iter().map(|part| part as f32));
            }
        }
        Self::from_floats(list, &shape, source.device)
    }

    /// Normal floats between two bounds: those of the distribution that is cut there.
    ///
    /// # Errors
    /// A min that is not below max; bounds between which float64 sees no probability.
    pub fn truncated_normal(sizes: &[usize], options: TruncatedNormal, source: &Source<'_>) -> Result<Self> {
        const OP: &str = "truncated_normal";
        options.check(OP)?;
        let TruncatedNormal { mean, std, min, max } = options;
        if min.is_nan() || max.is_nan() || min >= max {
            return Err(Error::argument(OP, "min", format!("below max, {max}"), min));
        }
        let [low, high] = [min, max].map(|bound| (bound - mean) / std);
        // Of two tails the lower one, whose probabilities have digits.
        let (sign, low, high) = if low > 0.0 { (-1.0, -high, -low) } else { (1.0, low, high) };
        let [from, to] = [low, high].map(|bound| 0.5 * special::erfc(-bound * FRAC_1_SQRT_2));
        if to <= from || to.is_nan() || from.is_nan() {
            let want = "such that the distribution reaches between min and max";
            return Err(Error::argument(OP, "min", want, min));
        }
        Self::drawn(OP, [], Some(sizes), source, |draws, []| {
            let share = draws.inner_uniform();
            let (p, rest) = (from + (to - from) * share, (1.0 - to) + (to - from) * (1.0 - share));
            let found = mean + std * sign * special::quantile(p - 0.5, p.min(rest));
            let rounded = found.clamp(min, max) as f32;
            // Rounding must not leave the bounds either.
            match f64::from(rounded) {
                rounded_up if rounded_up > max => rounded.next_down().into(),
                rounded_down if rounded_down < min => rounded.next_up().into(),
                within => within,
            }
        })
    }

    /// Positions from 0 along the last dim, drawn by weights `[n]` or `[rows, n]`: int `[count]` or `[rows, count]`.
    /// Without replacement no position comes twice; an earlier one of a row is drawn as if it were alone.
    ///
    /// # Errors
    /// A weight below 0 or not finite; no weight over 0 in a row, or fewer than count without replacement.
    pub fn multinomial(&self, count: usize, replacement: bool, source: &Source<'_>) -> Result<Self> {
        const OP: &str = "multinomial";
        self.want_float(OP)?;
        let (rows, size) = match *self.shape() {
            [size] => (None, size),
            [rows, size] => (Some(rows), size),
            _ => {
                let want = "wants weights [n] or [rows, n]".into();
                return Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
            }
        };
        let shape: Vec<usize> = rows.into_iter().chain([count]).collect();
        shape::check(OP, &shape)?;
        let weights = self.doubles()?;
        if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
            return Err(Error::argument(OP, "a weight", "finite and at least 0", wrong));
        }
        let mut draws = source.draws();
        let mut list = memory::list(OP, shape.iter().product())?;
        for weights in weights.chunks(size.max(1)) {
            let positive = weights.iter().filter(|weight| **weight > 0.0).count();
            let least = if replacement { 1 } else { count };
            if positive < least {
                let reason = format!("a row has {positive} weights over 0, and {least} are wanted");
                return Err(Error::State { op: OP, reason });
            }
            let found = if replacement { again(weights, count, &mut draws) } else { apart(weights, count, &mut draws) };
            list.extend(found.into_iter().map(|position| position as i32));
        }
        Self::from_ints(list, &shape, source.device)
    }

    /// One value in the shape, of the kind and on the device of this.
    pub fn full_like(&self, value: f64) -> Result<Self> {
        Self::full(value, self.shape(), self.dtype(), self.device())
    }
}

/// A parameter: its name, what it is, whether a value fits, and what does.
type Checked<'a> = (&'a str, &'a Parameter, fn(f64) -> bool, &'a str);

const FINITE: &str = "a finite number";
const OVER_0: &str = "over 0";

fn is_over_0(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}

/// Positions drawn by weights, each anew.
fn again(weights: &[f64], count: usize, draws: &mut Draws) -> Vec<usize> {
    let ends: Vec<f64> = weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let sum = ends[ends.len() - 1];
    // Where rounding leaves nothing above.
    let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0);
    (0..count)
        .map(|_| {
            let at = sum * draws.inner_uniform();
            ends.partition_point(|end| *end <= at).min(last)
        })
        .collect()
}

/// Different positions drawn by weights: an exponential number of the rate of each, the smallest first.
fn apart(weights: &[f64], count: usize, draws: &mut Draws) -> Vec<usize> {
    let mut times: Vec<(f64, usize)> =
        weights.iter().enumerate().map(|(position, weight)| (draws.exponential() / weight, position)).collect();
    times.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    times.into_iter().take(count).map(|(_, position)| position).collect()
}
