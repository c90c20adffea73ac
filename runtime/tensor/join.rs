//! Several tensors as one.

use super::{Kind, Tensor, shape};
use crate::{
    Error, Result,
    position::number,
    tape::{Rule, Step, record_many},
};

impl Tensor {
    /// Tensors joined along a dim that exists. The kinds are promoted.
    ///
    /// # Errors
    /// No tensors; shapes that differ in another dim; labels that count different classes.
    pub fn cat(tensors: &[Self], dim: usize) -> Result<Self> {
        let dtype =
            tensors.iter().map(Self::dtype).reduce(|one, other| if one == other { one } else { one.promote(other) });
        let dtype = dtype.unwrap_or_default();
        // A vector of nothing goes with any shape, as in PyTorch: a queue that nothing is in yet.
        let is_nothing = |tensor: &&Self| tensor.shape() == [0];
        let Some(first) = tensors.iter().find(|tensor| !is_nothing(tensor)).or(tensors.first()) else {
            return Err(nothing("cat"));
        };
        if first.rank() > 1 && tensors.iter().any(|tensor| is_nothing(&tensor)) {
            let parts = tensors.iter().filter(|tensor| !is_nothing(tensor)).map(|tensor| tensor.to_dtype(dtype));
            return Self::cat(&parts.collect::<Result<Vec<_>>>()?, dim);
        }
        shape::check_dim("cat", first.shape(), dim)?;
        let mut out = first.shape().to_vec();
        for tensor in &tensors[1..] {
            first.want_device("cat", tensor)?;
            first.want_classes("cat", tensor)?;
            let fits = tensor.rank() == first.rank()
                && (0..first.rank()).all(|i| i == dim || tensor.shape()[i] == first.shape()[i]);
            if !fits {
                let rule = format!("only dim {} may differ", number(dim));
                return Err(Error::Unfit {
                    op: "cat",
                    left: first.shape().to_vec(),
                    right: tensor.shape().to_vec(),
                    rule,
                });
            }
            out[dim] += tensor.shape()[dim];
        }
        if tensors.len() == 1 {
            return Ok(first.clone());
        }
        shape::check("cat", &out)?;
        let parts = tensors.iter().map(|tensor| tensor.to_dtype(dtype)).collect::<Result<Vec<_>>>()?;
        let joined = if out.contains(&0) {
            first.without_elements(dtype, &out)?
        } else {
            let raws = parts.iter().filter(|part| !part.is_empty()).map(Self::raw).collect();
            first.with(by_kind!(dtype.kind(), float_cat, int_cat, bool_cat(raws, dim)), dtype.kind(), out)
        };
        let parts: Vec<&Self> = parts.iter().collect();
        let sizes = || parts.iter().map(|part| part.shape()[dim]).collect();
        let is_float = |output: &Self| output.kind() == Kind::Float;
        let mut joined = record_many("cat", &parts, vec![joined], is_float, |_| Cat { dim, sizes: sizes() });
        let joined = joined.remove(0);
        // Beside labels without names nobody knows what theirs mean.
        Ok(if tensors.iter().all(|tensor| tensor.classes.is_some()) { joined.counting_as(first) } else { joined })
    }

    /// Tensors of one shape joined along a new dim.
    pub fn stack(tensors: &[Self], dim: usize) -> Result<Self> {
        let Some(first) = tensors.first() else { return Err(nothing("stack")) };
        if let Some(other) = tensors.iter().find(|tensor| tensor.shape() != first.shape()) {
            return Err(Error::Shapes { op: "stack", left: first.shape().to_vec(), right: other.shape().to_vec() });
        }
        let parts = tensors.iter().map(|tensor| tensor.unsqueeze_in("stack", dim)).collect::<Result<Vec<_>>>()?;
        Self::cat(&parts, dim)
    }
}

/// The gradient of tensors joined along a dim: each one's own part.
struct Cat {
    dim: usize,
    sizes: Vec<usize>,
}

impl Rule<Tensor> for Cat {
    fn backward(&self, by_outputs: Vec<Option<Tensor>>, step: &Step<'_, Tensor>) -> Result<Vec<Option<Tensor>>> {
        let Some(by_output) = by_outputs.into_iter().next().flatten() else { return Ok(vec![None; self.sizes.len()]) };
        let mut from = 0;
        let parts = self.sizes.iter().enumerate().map(|(number, size)| {
            let start = from;
            from += size;
            step.of(number, || by_output.slice(self.dim, start, start + size))
        });
        parts.collect()
    }
}

fn nothing(op: &'static str) -> Error {
    Error::argument(op, "tensors", "at least one tensor", "none")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, tensor::Kind};

    #[test]
    fn joining_an_int_and_a_bool_tensor_gives_int() {
        let device = Device::cpu();
        let ints = Tensor::from_ints(vec![5, 6], &[2], &device).unwrap();
        let bools = Tensor::from_bools(vec![true], &[1], &device).unwrap();
        let joined = Tensor::cat(&[ints, bools], 0).unwrap();
        assert_eq!((joined.kind(), joined.floats().unwrap()), (Kind::Int, vec![5.0, 6.0, 1.0]));
    }
}
