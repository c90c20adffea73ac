//! Counting: what is not 0, what is not NaN, labels, values in bins.

use super::{DType, Dims, Kind, Tensor, shape};
use crate::{Error, Result, memory, position::number, tape::record};

impl Tensor {
    /// Whether any value over dims is not 0; NaN is not.
    pub fn any(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("any", dims, keep, |t, dim, keep| t.nonzeros()?.int_sum(dim, keep)?.gt_scalar(0.0))
    }

    /// Whether no value over dims is 0.
    pub fn all(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("all", dims, keep, |t, dim, keep| t.nonzeros()?.logical_not()?.int_sum(dim, keep)?.eq_scalar(0.0))
    }

    /// How many values over dims are not 0, as int.
    pub fn count_nonzero(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("count_nonzero", dims, keep, |t, dim, keep| t.nonzeros()?.int_sum(dim, keep))
    }

    fn nonzeros(&self) -> Result<Self> {
        if self.kind() == Kind::Bool { Ok(self.detach()) } else { self.ne_scalar(0.0) }
    }

    /// The sum over dims of what is not NaN. Errors as [`Tensor::sum`].
    pub fn nansum(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("nansum", dims, keep, |t, dim, keep| {
            if t.kind() != Kind::Float {
                return t.int_sum(dim, keep);
            }
            let numbers = t.eq(t)?;
            let output = t.detach().masked_fill(&numbers.logical_not()?, 0.0)?.float_sum(dim, keep)?;
            Ok(record("nansum", [t], output, |tape| {
                let (numbers, kept) = (tape.keep(&numbers), t.reduced(dim, true));
                // As a product, so that a gradient that is infinite gives NaN where there was NaN, as PyTorch's.
                move |by: Self, step| Ok([Some(numbers.get(step)?.cast(Kind::Float)?.mul(&by.reshape(&kept)?)?)])
            }))
        })
    }

    /// The mean over dims of what is not NaN, as float; NaN where all are.
    pub fn nanmean(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.cast(Kind::Float)?
            .over("nanmean", dims, keep, |t, dim, keep| t.nansum(dim, keep)?.div(&t.eq(t)?.int_sum(dim, keep)?))
    }

    /// How often each label of 0 to classes − 1 occurs: int of any shape to int `[classes]`. Weights of the labels'
    /// shape, one for each, are added up instead, as float; no gradient flows to them, as in PyTorch.
    ///
    /// # Errors
    /// Labels that are not int, or outside of the classes; weights of another shape.
    pub fn bincount(&self, classes: usize, weights: Option<&Self>) -> Result<Self> {
        shape::check("bincount", &[classes])?;
        let labels = self.longs("bincount")?.into_iter().map(|label| {
            let known = usize::try_from(label).ok().filter(|label| *label < classes);
            let range = || format!("there are {classes} classes");
            known.ok_or_else(|| Error::OutOfRange { op: "bincount", what: "label", got: number(label), range: range() })
        });
        let labels = labels.collect::<Result<Vec<_>>>()?;
        let Some(weights) = weights else {
            let mut counts: Vec<i64> = memory::list("bincount", classes)?;
            counts.resize(classes, 0);
            labels.into_iter().for_each(|label| counts[label] += 1);
            return Self::from_longs(counts, &[classes], DType::Int32, self.device());
        };
        if weights.shape() != self.shape() {
            let (left, right) = (self.shape().to_vec(), weights.shape().to_vec());
            return Err(Error::Shapes { op: "bincount", left, right });
        }
        let mut sums: Vec<f64> = memory::list("bincount", classes)?;
        sums.resize(classes, 0.0);
        labels.into_iter().zip(weights.doubles()?).for_each(|(label, weight)| sums[label] += weight);
        Self::from_doubles(sums, &[classes], weights)
    }

    /// How many values lie in each of so many bins of one width from min to max, both included, as float `[bins]`. What
    /// lies outside is not counted, and neither is NaN. Without a range it is that of the values; one of no width is
    /// widened by 1 on either side.
    ///
    /// # Errors
    /// A min over max; a range that is not finite.
    pub fn histc(&self, bins: usize, range: Option<[f64; 2]>) -> Result<Self> {
        shape::check("histc", &[bins])?;
        let values = self.cast(Kind::Float)?.doubles()?;
        let [mut min, mut max] = match range {
            // As PyTorch's, whose defaults they are.
            None | Some([0.0, 0.0]) => {
                let extremes = [f64::min as fn(f64, f64) -> f64, f64::max];
                extremes.map(|extreme| values.iter().copied().reduce(extreme).unwrap_or(0.0))
            }
            Some(range) => range,
        };
        if min > max || !(max - min).is_finite() {
            return Err(Error::argument(
                "histc",
                "the range",
                "finite, with min at most max",
                format!("{min} to {max}"),
            ));
        }
        if min == max {
            (min, max) = (min - 1.0, max + 1.0);
        }
        let mut counts: Vec<f64> = memory::list("histc", bins)?;
        counts.resize(bins, 0.0);
        for value in values.into_iter().filter(|value| (min..=max).contains(value)) {
            let bin = ((value - min) / (max - min) * bins as f64) as usize;
            counts[bin.min(bins - 1)] += 1.0;
        }
        Self::from_doubles(counts, &[bins], self)
    }
}
