//! The matrix product.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{Kind, Precision, Tensor, shape};
use crate::{
    Error, Result, memory,
    tape::{Kept, record},
};

impl Tensor {
    /// The matrix product `[..., n, k] · [..., k, m] → [..., n, m]`; leading dims broadcast. A vector on the left stands
    /// for a row, one on the right for a column, and the result has no dim for it. Inside
    /// [`autocast`](super::autocast) it is computed in that precision.
    ///
    /// # Errors
    /// A scalar; inner or leading dims that differ; a precision that the device does not have.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        self.want_float("matmul")?;
        other.want_float("matmul")?;
        self.want_device("matmul", other)?;
        let [own, others] = self.promoted(other)?;
        own.product_of_any(&others)
    }

    /// The product of matrices or vectors of one format.
    fn product_of_any(&self, other: &Self) -> Result<Self> {
        let unfit =
            |rule| Error::Unfit { op: "matmul", left: self.shape().to_vec(), right: other.shape().to_vec(), rule };
        let (left, right) = (self.rank(), other.rank());
        if left < 1 || right < 1 {
            return Err(unfit("both must have 1 dim or more".into()));
        }
        if self.shape()[left - 1] != other.shape()[right.saturating_sub(2)] {
            return Err(unfit(inner_dims(self.shape(), other.shape())));
        }
        if left > 1 && right > 1 {
            return self.matrix_product(other);
        }
        let row = if left == 1 { self.unsqueeze_in("matmul", 0)? } else { self.clone() };
        let column = if right == 1 { other.unsqueeze_in("matmul", 1)? } else { other.clone() };
        let product = row.matrix_product(&column)?;
        let mut shape = product.shape().to_vec();
        if right == 1 {
            shape.pop();
        }
        if left == 1 {
            shape.remove(shape.len() + usize::from(right == 1) - 2);
        }
        product.reshape_in("matmul", &shape)
    }

    /// The product of matrices whose inner dims agree.
    fn matrix_product(&self, other: &Self) -> Result<Self> {
        let (left, right) = (self.rank(), other.rank());
        let unfit =
            |rule| Error::Unfit { op: "matmul", left: self.shape().to_vec(), right: other.shape().to_vec(), rule };
        let (lead_left, rows) = self.shape().split_at(left - 2);
        let (lead_right, columns) = other.shape().split_at(right - 2);
        let leads =
            || format!("the dims before the last two must be equal or 1, {lead_left:?} and {lead_right:?} are not");
        let lead = shape::broadcast("matmul", lead_left, lead_right).map_err(|_| unfit(leads()))?;
        let with = |tail: [usize; 2]| [lead.as_slice(), &tail].concat();
        shape::check("matmul", &with([rows[0], columns[1]]))?;
        // The backward pass makes each operand's gradient and turns it once, and nothing asks before it does.
        memory::check_room("matmul", [self, other].iter().filter(|t| t.is_tracked()).map(|t| t.len() * 8).sum())?;
        let precision = Precision::of_product(self.device())?;
        let left = precision.operand(self)?.expand(&with([rows[0], rows[1]]))?;
        let right = precision.operand(other)?.expand(&with([columns[0], columns[1]]))?;
        let dims = with([rows[0], columns[1]]);
        let product = if dims.contains(&0) || rows[1] == 0 {
            // A sum of no products is 0.
            left.of_nothing(0.0, left.dtype(), &dims)?
        } else {
            self.with(Dispatch::float_matmul(left.raw(), right.raw()), Kind::Float, dims)
        };
        // A product of a row, the gradient by a single column, adds one value after another in Burn.
        let is_column = columns[1] == 1 && precision == Precision::Float32 && !self.device().is_gpu();
        let product = record("matmul", [&left, &right], product, |tape| {
            let kept = (tape.keep_for(1, &left), tape.keep_for(0, &right));
            move |by, step| {
                let (rows, columns) = (by.rank() - 2, by.rank() - 1);
                let get = |kept: &Option<Kept<Self>>| {
                    kept.as_ref().expect("what is wanted is on the tape, and was kept for").get(step)
                };
                let turned = |tensor: Self| tensor.transpose(rows, columns);
                let by_left = || match is_column {
                    true => by.mul(&turned(get(&kept.1)?)?),
                    false => by.matmul(&turned(get(&kept.1)?)?),
                };
                let by_right = || match is_column {
                    true => turned(get(&kept.0)?.mul(&by)?.sum(Some(rows), true)?),
                    false => turned(get(&kept.0)?)?.matmul(&by),
                };
                Ok([step.of(0, by_left)?, step.of(1, by_right)?])
            }
        });
        precision.result(product)
    }
}

/// Which dims must be equal, and whether they would be with one of the two transposed.
fn inner_dims(left: &[usize], right: &[usize]) -> String {
    let inner = left[left.len() - 1];
    let ([.., rows, _], [.., other, columns]) = (left, right) else {
        let (what, size) = match right {
            [size] => ("size", size),
            _ => ("last dim but one", &right[right.len() - 2]),
        };
        return format!("the last dim of the first ({inner}) must be the {what} of the second ({size})");
    };
    let hint = match () {
        () if inner == *columns => "; it would fit with the second transposed",
        () if rows == other => "; it would fit with the first transposed",
        () => "",
    };
    format!("the last dim of the first ({inner}) must be the last but one of the second ({other}){hint}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    fn refused(left: &[usize], right: &[usize]) -> String {
        let ones = |shape| Tensor::ones(shape, &Device::cpu()).unwrap();
        ones(left).matmul(&ones(right)).unwrap_err().to_string()
    }

    #[test]
    fn a_product_that_does_not_fit_says_which_dims_must_be_equal() {
        let rule = "the last dim of the first (10) must be the last but one of the second (8)";
        let both = "matmul: [8, 10] and [8, 10] do not fit:";
        assert_eq!(refused(&[8, 10], &[8, 10]), format!("{both} {rule}; it would fit with the second transposed"));
        assert!(refused(&[10, 8], &[10, 4]).ends_with("(10); it would fit with the first transposed"));
        assert!(refused(&[2, 10], &[8, 4]).ends_with("of the second (8)"));
        assert!(refused(&[], &[3, 2]).ends_with("both must have 1 dim or more"));
        assert!(refused(&[2, 3], &[2]).ends_with("the last dim of the first (3) must be the size of the second (2)"));
        assert!(
            refused(&[2], &[4, 3, 2])
                .ends_with("the last dim of the first (2) must be the last dim but one of the second (3)")
        );
        assert!(refused(&[2, 3, 4], &[5, 4, 3]).ends_with("must be equal or 1, [2] and [5] are not"));
    }
}
