//! Running sums, products, extremes and logarithms of sums along a dim, and differences, which undo a running sum. On
//! the host, in float64, each value rounded once.

use std::cmp::Ordering;

use super::{Kind, Tensor, lines::Lines, order::by_value, recurrence::Way, shape};
use crate::{Result, tape::record};

impl Tensor {
    /// The sum of the values up to each one along a dim. Of bools: counts as int.
    ///
    /// # Errors
    /// A sum of ints that does not fit 32 bits.
    pub fn cumsum(&self, dim: usize) -> Result<Self> {
        shape::check_dim("cumsum", self.shape(), dim)?;
        match self.kind() {
            Kind::Float => self.cast(Kind::Float)?.running_sum(dim, Way::Onward),
            _ => self.running_ints("cumsum", dim, i128::saturating_add),
        }
    }

    fn running_sum(&self, dim: usize, way: Way) -> Result<Self> {
        let output = self.running("cumsum", dim, way, |value, sum| value + sum)?;
        Ok(record("cumsum", [self], output, |_| move |by: Self, _| Ok([Some(by.running_sum(dim, way.other())?)])))
    }

    /// The product of the values up to each one along a dim, of bools as int. The gradient is right where values are 0.
    ///
    /// # Errors
    /// A product of ints that does not fit 32 bits.
    pub fn cumprod(&self, dim: usize) -> Result<Self> {
        shape::check_dim("cumprod", self.shape(), dim)?;
        match self.kind() {
            Kind::Float => self.cast(Kind::Float)?.running_product(dim, Way::Onward),
            _ => self.running_ints("cumprod", dim, i128::saturating_mul),
        }
    }

    /// With p the products and g their gradients: pₖ₋₁ · sₖ, where sₖ = gₖ + xₖ₊₁ · sₖ₊₁.
    pub(super) fn running_product(&self, dim: usize, way: Way) -> Result<Self> {
        let output = self.running("cumprod", dim, way, |value, product| value * product)?;
        Ok(record("cumprod", [self], output.clone(), |tape| {
            let (values, output) = (tape.keep(self), tape.keep_output(&output, 0));
            move |by: Self, step| {
                let following = values.get(step)?.shifted(dim, way.other(), 0.0)?;
                let sums = by.recurrence(&following, dim, way.other())?;
                Ok([Some(sums.mul(&output.get(step)?.shifted(dim, way, 1.0)?)?)])
            }
        }))
    }

    /// ln Σ exp of the values up to each one along a dim, without overflow. Ints become float.
    pub fn logcumsumexp(&self, dim: usize) -> Result<Self> {
        shape::check_dim("logcumsumexp", self.shape(), dim)?;
        let values = self.cast(Kind::Float)?;
        let output = values.running("logcumsumexp", dim, Way::Onward, log_of_sum)?;
        // With y the outputs and g their gradients: exp(xₖ − yₖ) · sₖ, where sₖ = gₖ + exp(yₖ − yₖ₊₁) · sₖ₊₁. No power is
        // over 1, and none is of −∞ − (−∞), which stands for a sum of nothing.
        Ok(record("logcumsumexp", [&values], output.clone(), |tape| {
            let (values, output) = (tape.keep(&values), tape.keep_output(&output, 0));
            move |by: Self, step| {
                let output = output.get(step)?;
                let nothing = output.detach().eq_scalar(f64::NEG_INFINITY)?;
                let share =
                    |part: &Self, whole: &Self| part.sub(whole)?.masked_fill(&nothing, f64::NEG_INFINITY)?.exp();
                let factors = share(&output, &output.shifted(dim, Way::Back, f64::INFINITY)?)?;
                Ok([Some(share(&values.get(step)?, &output)?.mul(&by.recurrence(&factors, dim, Way::Back)?)?)])
            }
        }))
    }

    /// The largest of the values up to each one along a dim, and its position counted from 0, of equals the last; NaN
    /// from the first NaN on, as PyTorch's.
    pub fn cummax(&self, dim: usize) -> Result<(Self, Self)> {
        self.running_extreme("cummax", dim, i64::ge, |new, old| by_value(new, old) != Ordering::Less)
    }

    /// The smallest of the values up to each one along a dim, and its position, as [`Tensor::cummax`].
    pub fn cummin(&self, dim: usize) -> Result<(Self, Self)> {
        self.running_extreme("cummin", dim, i64::le, |new, old| {
            new.is_nan() || (!old.is_nan() && by_value(new, old) != Ordering::Greater)
        })
    }

    /// Differences of neighbours along a dim, taken so many times: a dim becomes that much shorter, down to 0.
    pub fn diff(&self, times: usize, dim: usize) -> Result<Self> {
        shape::check_dim("diff", self.shape(), dim)?;
        let mut values = self.clone();
        for _ in 0..times.min(self.shape()[dim]) {
            let size = values.shape()[dim];
            let (first, second) = (values.slice(dim, 0, size - 1)?, values.slice(dim, 1, size)?);
            values = if values.kind() == Kind::Bool { second.ne(&first)? } else { second.sub(&first)? };
        }
        Ok(values)
    }

    /// What comes out of each value and of what came out before, without a tape.
    fn running(&self, op: &'static str, dim: usize, way: Way, next: impl Fn(f64, f64) -> f64) -> Result<Self> {
        let made = Lines::of(self.shape(), dim).map(op, &self.doubles()?, self.shape()[dim], |line, made| {
            way.go(line, made, |value, before| before.map_or(value, |before| next(value, before)));
        })?;
        Self::from_doubles(made, self.shape(), self)
    }

    fn running_ints(&self, op: &'static str, dim: usize, next: fn(i128, i128) -> i128) -> Result<Self> {
        let ints = self.cast(Kind::Int)?;
        let values = ints.longs(op)?;
        let made = Lines::of(self.shape(), dim).map(op, &values, self.shape()[dim], |line, made| {
            Way::Onward
                .go(line, made, |value: i64, before| before.map_or(value.into(), |before| next(value.into(), before)));
        })?;
        Self::exact(op, made, self.shape(), ints.dtype(), self.device())
    }

    fn running_extreme(
        &self,
        op: &'static str,
        dim: usize,
        int: fn(&i64, &i64) -> bool,
        float: fn(&f64, &f64) -> bool,
    ) -> Result<(Self, Self)> {
        shape::check_dim(op, self.shape(), dim)?;
        let (lines, size) = (Lines::of(self.shape(), dim), self.shape()[dim]);
        let positions = match self.kind() {
            Kind::Int => lines.map(op, &self.longs(op)?, size, |line, made| champions(line, made, int)),
            _ => lines.map(op, &self.doubles()?, size, |line, made| champions(line, made, float)),
        }?;
        let positions = Self::from_ints(positions, self.shape(), self.device())?;
        Ok((self.gather_unchecked(dim, &positions)?, positions))
    }
}

/// The positions of those that beat, or equal, all before them.
fn champions<T>(line: &[T], made: &mut [i32], beats: fn(&T, &T) -> bool) {
    let mut champion = 0;
    for (position, (value, made)) in line.iter().zip(made).enumerate() {
        if beats(value, &line[champion]) {
            champion = position;
        }
        *made = champion as i32;
    }
}

/// ln(eᵃ + eᵇ).
fn log_of_sum(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    // NaN is neither less nor more, and comes through here or in the sum.
    if large.is_infinite() && !small.is_nan() { large } else { large + (small - large).exp().ln_1p() }
}
