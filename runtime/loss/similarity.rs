//! The cosines of all pairs of rows, and which pairs are of one image or class: what contrastive losses compare.

use super::operands::{rows, wants_rows};
use crate::{Result, Tensor, tensor::in_float32};

/// What a masked logit is: its exponential is 0, and unlike an infinity it has a gradient of 0.
pub(super) const MASKED: f64 = -1e30;

/// `[n]` to `[n, n]`: which pairs of numbers are equal.
pub(super) fn equal_pairs(numbers: &Tensor) -> Result<Tensor> {
    numbers.unsqueeze(1)?.eq(&numbers.unsqueeze(0)?)
}

/// 0, 1, … as a tensor.
pub(super) fn numbered(count: usize, like: &Tensor, number: impl Fn(usize) -> usize) -> Result<Tensor> {
    Tensor::from_ints((0..count).map(|row| number(row) as i32).collect(), &[count], like.device())
}

/// The cosines of all pairs of rows, divided by a temperature.
pub(super) fn logits(z: &Tensor, temperature: f64) -> Result<Tensor> {
    let unit = z.normalize(1)?;
    let columns = unit.transpose(0, 1)?;
    in_float32(|| unit.matmul(&columns))?.div_scalar(temperature)
}

/// The number of images of which embeddings `[views · images, d]` are, at least 2.
///
/// # Errors
/// Embeddings that are not float rows; a number of rows that the views do not divide; one image, whose views have nothing
/// to differ from.
pub(super) fn images_of(op: &'static str, z: &Tensor, views: usize) -> Result<usize> {
    let [count, _] = rows(op, z)?;
    if !count.is_multiple_of(views) {
        return Err(wants_rows(op, format!("wants a multiple of {views} rows, one for each view"), z));
    }
    if count / views < 2 {
        let want = format!(
            "wants rows of at least 2 images, {views} each: the views of one alone have no other to differ from"
        );
        return Err(wants_rows(op, want, z));
    }
    Ok(count / views)
}
