//! VICReg (Bardes, Ponce and LeCun, ICLR 2022): invariance, variance and covariance of the embeddings of two views.

use super::{
    operands::{rows, want_same_shape, wants_rows},
    similarity::{equal_pairs, numbered},
};
use crate::{
    Result, Tensor,
    options::{Options, options},
    tensor::in_float32,
};

options! {
    /// Options of `mb.loss.vicreg`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct VicregOptions {
        /// The weight of the invariance, λ.
        pub invariance: f64 = 25.0, in 0.0..;
        /// The weight of the variance, μ.
        pub variance: f64 = 25.0, in 0.0..;
        /// The weight of the covariance, ν.
        pub covariance: f64 = 1.0, in 0.0..;
        ..terms: VicregTermsOptions;
    }
    /// Options of `mb.loss.vicreg_terms`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct VicregTermsOptions {
        /// The standard deviation that each dim should have.
        pub gamma: f64 = 1.0, in 0.0..;
        /// What is added to a variance before its root is taken.
        pub epsilon: f64 = 1e-4, in 0.0..;
    }
}

/// Invariance, variance and covariance of embeddings `[N, d]` of two views: the mean squared difference; the mean of
/// max(0, γ − √(var + ε)) over dims, the mean of both views; the sum of the squared covariances of different dims, divided
/// by d, of both views. Variances are divided by N − 1.
///
/// # Errors
/// Embeddings that are not float rows; shapes that differ; fewer than 2 rows.
pub fn vicreg_terms(a: &Tensor, b: &Tensor, options: VicregTermsOptions) -> Result<[Tensor; 3]> {
    terms("vicreg_terms", a, b, options)
}

/// The weighted sum of [`vicreg_terms`]. Errors as there.
pub fn vicreg(a: &Tensor, b: &Tensor, options: VicregOptions) -> Result<Tensor> {
    const OP: &str = "vicreg";
    options.check(OP)?;
    let [invariance, variance, covariance] = terms(OP, a, b, options.terms)?;
    let sum = invariance.mul_scalar(options.invariance)?.add(&variance.mul_scalar(options.variance)?)?;
    sum.add(&covariance.mul_scalar(options.covariance)?)
}

fn terms(op: &'static str, a: &Tensor, b: &Tensor, options: VicregTermsOptions) -> Result<[Tensor; 3]> {
    options.check(op)?;
    let [count, _] = rows(op, a)?;
    rows(op, b)?;
    want_same_shape(op, a, b)?;
    if count < 2 {
        return Err(wants_rows(op, "wants at least 2 rows, since one alone has no variance".into(), a));
    }
    let invariance = a.sub(b)?.square()?.mean(None, false)?;
    let both = |of: &dyn Fn(&Tensor) -> Result<Tensor>| of(a)?.add(&of(b)?);
    let variance = both(&|z| {
        let deviation = z.var(Some(0), false, 1.0)?.add_scalar(options.epsilon)?.sqrt()?;
        deviation.neg()?.add_scalar(options.gamma)?.relu()?.mean(None, false)
    })?;
    Ok([invariance, variance.mul_scalar(0.5)?, both(&covariance)?])
}

fn covariance(z: &Tensor) -> Result<Tensor> {
    let &[rows, dims] = z.shape() else { return Ok(z.clone()) };
    let centred = z.sub(&z.mean(Some(0), true)?)?;
    let columns = centred.transpose(0, 1)?;
    let covariances = in_float32(|| columns.matmul(&centred))?.div_scalar(rows as f64 - 1.0)?;
    let own = equal_pairs(&numbered(dims, z, |dim| dim)?)?;
    covariances.masked_fill(&own, 0.0)?.square()?.sum(None, false)?.div_scalar(dims as f64)
}
