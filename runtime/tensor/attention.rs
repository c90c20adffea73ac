//! Scaled dot product attention (Vaswani et al. 2017) as one operation: softmax(q kᵀ · scale + mask) v. Neither values
//! nor gradients ever hold the scores of all queries: these are computed part by part, and once more in the backward
//! pass (Rabe and Staats 2021), so that memory grows with the length and not with its square.

mod part;
mod plan;
mod settings;
#[cfg(test)]
mod tests;

pub use self::settings::Attention;
use self::{plan::Plan, settings::OP};
use super::{DType, Kind, Tensor, shape};
use crate::{Error, Result};

/// Scores that are held at once, about.
const AT_ONCE: usize = 1 << 21;

impl Tensor {
    /// Queries `[..., L, E]` with keys `[..., S, E]` and values `[..., S, V]`: `[..., L, V]`. A query to which no key takes
    /// part gives 0. Second gradients are right, but hold all scores.
    ///
    /// # Errors
    /// Tensors that are not float, or lie on different devices; shapes that do not fit; a mask that does not broadcast to
    /// the scores, or is of ints.
    pub fn scaled_dot_product_attention(&self, key: &Self, value: &Self, attention: Attention<'_>) -> Result<Self> {
        self.attend([key, value], attention, AT_ONCE)
    }

    fn attend(&self, [key, value]: [&Self; 2], attention: Attention<'_>, at_once: usize) -> Result<Self> {
        let mut dtype = self.dtype().computed();
        for tensor in [self, key, value] {
            tensor.want_float(OP)?;
            self.want_device(OP, tensor)?;
            dtype = dtype.promote(tensor.dtype());
        }
        let scores = scores_of([self, key, value])?;
        let mask = attention.mask.map(|mask| fitting(mask, &scores, dtype)).transpose()?;
        // A lead dim, so that the first one is never that of the queries.
        let operand = |tensor: &Self| tensor.to_dtype(dtype)?.reshape(&led(tensor.shape()));
        let [query, key, value] = [operand(self)?, operand(key)?, operand(value)?];
        let output = match scores.contains(&0) || value.is_empty() || query.is_empty() {
            true => of_nothing(&query, &key, &value)?,
            false => {
                let plan = Plan::new(led(&scores), self.shape()[self.rank() - 1], &attention, at_once)?;
                plan.recorded([&query, &key, &value], mask.as_ref())?
            }
        };
        let columns = value.shape()[value.rank() - 1];
        output.reshape(&[&scores[..scores.len() - 1], &[columns]].concat())
    }
}

/// The shape of all scores.
fn scores_of([query, key, value]: [&Tensor; 3]) -> Result<Vec<usize>> {
    let rank = query.rank();
    if rank < 2 {
        let want = "wants queries [..., L, E]".into();
        return Err(Error::Shape { op: OP.into(), want, got: query.shape().to_vec() });
    }
    let (lead, size) = (&query.shape()[..rank - 2], query.shape()[rank - 1]);
    if key.rank() != rank || key.shape()[..rank - 2] != *lead || key.shape()[rank - 1] != size {
        let rule = "keys are [..., S, E] for queries [..., L, E]".into();
        return Err(Error::Unfit { op: OP, left: query.shape().to_vec(), right: key.shape().to_vec(), rule });
    }
    if value.rank() != rank || value.shape()[..rank - 1] != key.shape()[..rank - 1] {
        let rule = "values are [..., S, V] for keys [..., S, E]".into();
        return Err(Error::Unfit { op: OP, left: key.shape().to_vec(), right: value.shape().to_vec(), rule });
    }
    Ok([lead, &[query.shape()[rank - 2], key.shape()[rank - 2]]].concat())
}

/// A mask with as many dims as the scores have inside.
fn fitting(mask: &Tensor, scores: &[usize], dtype: DType) -> Result<Tensor> {
    if !shape::aligned(OP, scores, mask.shape()).is_ok_and(|together| together == scores) {
        let rule = "a mask broadcasts to the scores [..., L, S]".into();
        return Err(Error::Unfit { op: OP, left: scores.to_vec(), right: mask.shape().to_vec(), rule });
    }
    let mask = match mask.kind() {
        Kind::Int => return Err(Error::Kind { op: OP, want: "bool", got: mask.dtype().name() }),
        Kind::Bool => mask.clone(),
        Kind::Float => mask.to_dtype(dtype)?,
    };
    mask.reshape(&shape::pad(mask.shape(), scores.len().max(3)))
}

/// A shape with a dim of 1 in front where it has but two.
fn led(shape: &[usize]) -> Vec<usize> {
    shape::pad(shape, shape.len().max(3))
}

/// Zeros where there is no key, with gradients of 0.
fn of_nothing(query: &Tensor, key: &Tensor, value: &Tensor) -> Result<Tensor> {
    let rank = query.rank();
    query.matmul(&key.transpose(rank - 2, rank - 1)?)?.matmul(value)
}
