//! Losses of the cosine between vectors.

use super::{
    ReductionOptions,
    operands::{signs, want_same_shape},
};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
};

/// What PyTorch adds to squared lengths.
const EPSILON: f64 = 1e-12;

options! {
    /// Options of `mb.loss.cosine_embedding`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct CosineEmbeddingOptions {
        /// The cosine up to which unlike vectors cost nothing.
        pub margin: f64 = 0.0, in -1.0..=1.0;
        ..common: ReductionOptions;
    }
}

/// 1 − cos of vectors `[N, d]` that are alike, target 1, and max(0, cos − margin) of those that are not, target −1.
///
/// # Errors
/// Inputs that are not float or no rows; shapes that differ; a target that is not 1 or −1 for each row.
pub fn cosine_embedding(
    input1: &Tensor,
    input2: &Tensor,
    target: &Tensor,
    options: CosineEmbeddingOptions,
) -> Result<Tensor> {
    const OP: &str = "cosine_embedding";
    options.check(OP)?;
    input1.want_float(OP)?;
    input2.want_float(OP)?;
    want_same_shape(OP, input1, input2)?;
    let shape = input1.shape();
    let (1 | 2, Some((_, rows))) = (shape.len(), shape.split_last()) else {
        return Err(Error::Shape { op: OP.into(), want: "wants rows [N, d]".into(), got: shape.to_vec() });
    };
    if target.shape() != rows {
        let want = format!("wants a target {rows:?}, 1 or -1 for each row");
        return Err(Error::Shape { op: OP.into(), want, got: target.shape().to_vec() });
    }
    let is_alike = signs(OP, input1, target)?.gt_scalar(0.0)?;
    let sum = |left: &Tensor, right: &Tensor| left.mul(right)?.sum(Some(rows.len()), false);
    let squares = |x: &Tensor| sum(x, x)?.add_scalar(EPSILON);
    let cosines = sum(input1, input2)?.div(&squares(input1)?.mul(&squares(input2)?)?.sqrt()?)?;
    let alike = cosines.neg()?.add_scalar(1.0)?;
    let unlike = cosines.sub_scalar(options.margin)?.clamp_min(0.0)?;
    options.common.reduction.of(&Tensor::select_where(&is_alike, &alike, &unlike)?)
}

/// −cos of vectors along the last dim: the loss of BYOL and SimSiam, whose second input is detached by the caller.
///
/// # Errors
/// Inputs that are not float, or scalars; shapes that differ.
pub fn negative_cosine_similarity(input1: &Tensor, input2: &Tensor, options: ReductionOptions) -> Result<Tensor> {
    const OP: &str = "negative_cosine_similarity";
    input1.want_float(OP)?;
    input2.want_float(OP)?;
    want_same_shape(OP, input1, input2)?;
    let Some(last) = input1.rank().checked_sub(1) else {
        return Err(Error::Shape { op: OP.into(), want: "wants vectors [..., d]".into(), got: Vec::new() });
    };
    options.reduction.of(&input1.cosine_similarity(input2, last)?.neg()?)
}
