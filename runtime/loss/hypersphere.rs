//! Alignment and uniformity on the hypersphere (Wang and Isola, ICML 2020).

use super::{
    operands::{rows, want_same_shape, wants_rows},
    similarity::{self, equal_pairs, numbered},
};
use crate::{
    Result, Tensor,
    options::{Options, options, over},
};

options! {
    /// Options of `mb.loss.alignment`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct AlignmentOptions {
        /// The power of a distance.
        pub alpha: f64 = 2.0, in over(0.0);
    }
    /// Options of `mb.loss.uniformity`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct UniformityOptions {
        /// What multiplies squared distances.
        pub t: f64 = 2.0, in over(0.0);
    }
}

/// The mean of ‖x − y‖ᵅ over pairs of rows `[N, d]`, normalised.
///
/// # Errors
/// Embeddings that are not float rows; shapes that differ; an alpha that is not over 0.
pub fn alignment(x: &Tensor, y: &Tensor, options: AlignmentOptions) -> Result<Tensor> {
    const OP: &str = "alignment";
    options.check(OP)?;
    rows(OP, x)?;
    rows(OP, y)?;
    want_same_shape(OP, x, y)?;
    let distances = x.normalize(1)?.sub(&y.normalize(1)?)?.norm(Some(1), false)?;
    distances.pow_scalar(options.alpha)?.mean(None, false)
}

/// The logarithm of the mean of exp(−t ‖x − y‖²) over all pairs of different rows `[N, d]`, normalised.
///
/// # Errors
/// Embeddings that are not float rows; fewer than 2 rows; a t that is not over 0.
pub fn uniformity(x: &Tensor, options: UniformityOptions) -> Result<Tensor> {
    const OP: &str = "uniformity";
    options.check(OP)?;
    let [count, _] = rows(OP, x)?;
    if count < 2 {
        return Err(wants_rows(OP, "wants at least 2 rows, since one alone has no distance".into(), x));
    }
    // −t ‖x − y‖² = 2t (cos − 1) of unit rows.
    let exponents = similarity::logits(x, 0.5 / options.t)?.sub_scalar(2.0 * options.t)?;
    let own = equal_pairs(&numbered(count, x, |row| row)?)?;
    let pairs = (count * (count - 1)) as f64;
    exponents.masked_fill(&own, similarity::MASKED)?.logsumexp(None, false)?.sub_scalar(pairs.ln())
}
