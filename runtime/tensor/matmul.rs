//! The matrix product.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{
    Kind, Precision, Tensor,
    operation::{Operation, Saved, record},
    shape,
};
use crate::{Error, Result, memory};

impl Tensor {
    /// The matrix product `[..., n, k] · [..., k, m] → [..., n, m]`; leading dims broadcast. Inside
    /// [`autocast`](super::autocast) it is computed in that precision.
    ///
    /// # Errors
    /// Fewer than 2 dims; inner or leading dims that differ; a precision that the device does not have.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        self.want_float("matmul")?;
        other.want_float("matmul")?;
        self.want_device("matmul", other)?;
        let unfit = |rule| Error::Unfit { op: "matmul", left: self.shape.clone(), right: other.shape.clone(), rule };
        let (left, right) = (self.rank(), other.rank());
        if left < 2 || right < 2 {
            return Err(unfit("both must have 2 dims or more".into()));
        }
        if self.shape[left - 1] != other.shape[right - 2] {
            return Err(unfit(inner_dims(&self.shape, &other.shape)));
        }
        let (lead_left, rows) = self.shape.split_at(left - 2);
        let (lead_right, columns) = other.shape.split_at(right - 2);
        let leads =
            || format!("the dims before the last two must be equal or 1, {lead_left:?} and {lead_right:?} are not");
        let lead = shape::broadcast("matmul", lead_left, lead_right).map_err(|_| unfit(leads()))?;
        let with = |tail: [usize; 2]| [lead.as_slice(), &tail].concat();
        shape::check("matmul", &with([rows[0], columns[1]]))?;
        // The backward pass makes each operand's gradient and turns it once, and nothing asks before it does.
        memory::check_room("matmul", [self, other].iter().filter(|t| t.is_tracked()).map(|t| t.len() * 8).sum())?;
        let precision = Precision::of_product(self.device())?;
        let left = precision.operand(self).expand(&with([rows[0], rows[1]]))?;
        let right = precision.operand(other).expand(&with([columns[0], columns[1]]))?;
        if columns[1] == 1 && right.is_tracked() && precision == Precision::Float32 && !self.device().is_gpu() {
            let product = Dispatch::float_matmul(left.untracked_raw(), right.untracked_raw());
            let product = self.with(product, Kind::Float, with([rows[0], 1]));
            return record("matmul", [&left, &right], product, Column([&left, &right].map(Saved::new)));
        }
        let product = precision.result(Dispatch::float_matmul(left.raw(), right.raw()), self.device());
        Ok(self.with(product, Kind::Float, with([rows[0], columns[1]])))
    }
}

/// The gradients of a product with a single column. The gradient by the column would be a product of a row, and Burn's
/// adds one value after another.
#[derive(Clone, Debug)]
struct Column([Saved; 2]);

impl Operation<2> for Column {
    fn backward(&self, by_output: &Tensor, wanted: [bool; 2]) -> Result<[Option<Tensor>; 2]> {
        let [left, column] = self.0.each_ref().map(Saved::tensor);
        let (rows, width) = (left.rank() - 2, left.rank() - 1);
        let by_left = || by_output.mul(&column.transpose(rows, width)?);
        let by_column = || left.mul(by_output)?.sums(Some(rows))?.transpose(rows, width);
        Ok([wanted[0].then(by_left).transpose()?, wanted[1].then(by_column).transpose()?])
    }
}

/// Which dims must be equal, and whether they would be with one of the two transposed.
fn inner_dims(left: &[usize], right: &[usize]) -> String {
    let [rows, inner] = [left[left.len() - 2], left[left.len() - 1]];
    let [other, columns] = [right[right.len() - 2], right[right.len() - 1]];
    let hint = match () {
        () if inner == columns => "; it would fit with the second transposed",
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
        assert!(refused(&[3], &[3, 2]).ends_with("both must have 2 dims or more"));
        assert!(refused(&[2, 3, 4], &[5, 4, 3]).ends_with("must be equal or 1, [2] and [5] are not"));
    }
}
