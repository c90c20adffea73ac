//! Sums, means and extremes of values at positions.

use super::{Kind, Tensor};
use crate::{
    Result,
    options::{choices, options},
    tape::record,
};

choices! {
    /// What becomes of several values at one position.
    pub enum Reduce of "scatter_reduce" "reduction" {
        /// Their sum.
        #[default]
        Sum = "sum",
        /// Their mean.
        Mean = "mean",
        /// The largest.
        Max = "amax",
        /// The smallest.
        Min = "amin",
    }
}

options! {
    /// What `scatter_reduce` begins with.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ScatterOptions {
        /// Whether the tensor's own elements are among the values.
        pub include_self: bool = true;
    }
}

impl Tensor {
    /// As [`Tensor::scatter`], with the sum, mean or extreme of all values at a position. The gradient of an extreme is
    /// shared out evenly among equals. Extremes are found on the host.
    ///
    /// # Errors
    /// As [`Tensor::scatter`]; a tensor that is not float.
    pub fn scatter_reduce(
        &self,
        dim: usize,
        positions: &Self,
        source: &Self,
        reduce: Reduce,
        options: ScatterOptions,
    ) -> Result<Self> {
        const OP: &str = "scatter_reduce";
        self.want_float(OP)?;
        let (places, source) = self.scattering(OP, dim, positions, source)?;
        let base = match options.include_self {
            true => self.clone(),
            false => {
                let neutral = match reduce {
                    Reduce::Sum | Reduce::Mean => 0.0,
                    Reduce::Max => f64::NEG_INFINITY,
                    Reduce::Min => f64::INFINITY,
                };
                let neutral = Self::full(neutral, source.shape(), Kind::Float, self.device())?;
                self.overwritten(OP, places.clone(), &neutral)?
            }
        };
        match reduce {
            Reduce::Sum => base.added_at(OP, places, &source),
            Reduce::Mean => {
                let mut counts = vec![if options.include_self { 1.0 } else { 0.0 }; self.len()];
                places.iter().for_each(|place| counts[*place] += 1.0);
                let counts = counts.into_iter().map(|count: f64| count.max(1.0)).collect();
                base.added_at(OP, places, &source)?.div(&Self::from_doubles(counts, self.shape(), self)?)
            }
            Reduce::Max => base.extreme_at(places, &source, |best, value| value > best),
            Reduce::Min => base.extreme_at(places, &source, |best, value| value < best),
        }
    }

    /// The best of self and of the values at each place; NaN where one is.
    fn extreme_at(&self, places: Vec<usize>, values: &Self, beats: fn(f64, f64) -> bool) -> Result<Self> {
        let mut best = self.doubles()?;
        for (place, value) in places.iter().zip(values.doubles()?) {
            let best = &mut best[*place];
            if value.is_nan() || beats(*best, value) {
                *best = value;
            }
        }
        let values = values.flat()?;
        let output = Self::from_doubles(best, self.shape(), self)?;
        Ok(record("scatter_reduce", [self, &values], output.clone(), |tape| {
            let (own, found) = (tape.keep(&self.detach()), tape.keep(&output));
            let kept = tape.keep(&values.detach());
            move |by: Self, step| {
                let (own, kept, found) = (own.get(step)?, kept.get(step)?, found.get(step)?);
                let is_own = own.eq(&found)?.cast(Kind::Float)?;
                let is_value = kept.eq(&found.taken(&places, kept.shape())?)?.cast(Kind::Float)?;
                let share = by.div(&is_own.added_at("scatter_reduce", places.clone(), &is_value)?)?;
                let by_values = || share.taken(&places, kept.shape())?.mul(&is_value);
                Ok([step.of(0, || share.mul(&is_own))?, step.of(1, by_values)?])
            }
        }))
    }
}
