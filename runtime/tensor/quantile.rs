//! Quantiles: where a share of the values lies below. On the host, in float64.

use super::{Kind, Tensor, order::by_value, shape};
use crate::{Error, Result, options::choices, tape::record};

choices! {
    /// What a quantile between two values is.
    pub enum Interpolation of "quantile" "interpolation" {
        /// On the line between them.
        #[default]
        Linear = "linear",
        /// The lower one.
        Lower = "lower",
        /// The higher one.
        Higher = "higher",
        /// The nearer one, halfway the one of even position.
        Nearest = "nearest",
        /// Halfway between them.
        Midpoint = "midpoint",
    }
}

impl Interpolation {
    /// The positions in ascending order of the two values, and the weight of the second.
    fn between(self, rank: f64) -> (usize, usize, f64) {
        let (low, high) = (rank.floor() as usize, rank.ceil() as usize);
        match self {
            Self::Linear => (low, high, rank - rank.floor()),
            Self::Lower => (low, low, 0.0),
            Self::Higher => (high, high, 0.0),
            Self::Nearest => (rank.round_ties_even() as usize, rank.round_ties_even() as usize, 0.0),
            Self::Midpoint => (low, high, if low == high { 0.0 } else { 0.5 }),
        }
    }
}

impl Tensor {
    /// The quantiles of a dim, or of all elements, for shares of 0 to 1, as PyTorch's: those of n values lie at the
    /// positions (n − 1) · share of their ascending order. A dim of so many shares comes first: `[shares, …]`. NaN where
    /// there is one. Ints become float.
    ///
    /// # Errors
    /// No shares, or one outside of 0 to 1; no values.
    pub fn quantile(&self, shares: &[f64], dim: Option<usize>, keep: bool, between: Interpolation) -> Result<Self> {
        if let Some(wrong) = shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            return Err(Error::argument("quantile", "q", "0 to 1", wrong));
        }
        if shares.is_empty() {
            return Err(Error::argument("quantile", "q", "at least one number", "none"));
        }
        let floats = self.cast(Kind::Float)?;
        let found = match dim {
            Some(dim) => {
                shape::check_dim("quantile", self.shape(), dim)?;
                floats.quantiles(shares, dim, between)?
            }
            None => floats.reshape(&[self.len()])?.quantiles(shares, 0, between)?,
        };
        let mut order: Vec<usize> = (0..found.rank()).collect();
        order.remove(dim.unwrap_or(0));
        order.insert(0, dim.unwrap_or(0));
        let mut out = self.reduced(dim, keep);
        out.insert(0, shares.len());
        found.permute(&order)?.reshape(&out)
    }

    /// The quantiles along a dim, in its place.
    fn quantiles(&self, shares: &[f64], dim: usize, between: Interpolation) -> Result<Self> {
        self.check_some("quantile", dim)?;
        let last = (self.shape()[dim] - 1) as f64;
        let places: Vec<_> = shares.iter().map(|share| between.between(last * share)).collect();
        let choose = |of: fn(&(usize, usize, f64)) -> usize| {
            self.in_order("quantile", dim, shares.len(), |order, first_nan, made| {
                let found = places.iter().map(|place| first_nan.unwrap_or(order[of(place)]));
                made.iter_mut().zip(found).for_each(|(made, found)| *made = found);
            })
        };
        let [low, high] = [choose(|place| place.0)?, choose(|place| place.1)?];
        let mut weights = vec![1; self.rank()];
        weights[dim] = shares.len();
        let weights = Self::from_doubles(places.iter().map(|place| place.2).collect(), &weights, self)?;
        let weights = weights.expand(low.shape())?;
        let of = |positions| self.detach().gather_unchecked(dim, positions)?.doubles();
        let pairs = of(&low)?.into_iter().zip(of(&high)?).zip(weights.doubles()?);
        let made = pairs.map(|((low, high), weight)| match high - low {
            _ if by_value(&low, &high).is_eq() => low,
            apart if apart.is_finite() => low + apart * weight,
            _ if weight == 0.0 => low,
            _ => low * (1.0 - weight) + high * weight,
        });
        let output = Self::from_doubles(made.collect(), low.shape(), self)?;
        Ok(record("quantile", [self], output, |tape| {
            let kept = [tape.keep(&low), tape.keep(&high), tape.keep(&weights)];
            let shape = self.shape().to_vec();
            move |by: Self, step| {
                let [low, high, weights] = [kept[0].get(step)?, kept[1].get(step)?, kept[2].get(step)?];
                let by_high = by.mul(&weights)?;
                let by_low = by.sub(&by_high)?.gathered_from(dim, &low, &shape)?;
                Ok([Some(by_low.add(&by_high.gathered_from(dim, &high, &shape)?)?)])
            }
        }))
    }
}
