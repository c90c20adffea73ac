//! A tensor taken apart along a dim by one operation: the gradients of all parts are put together once, where each slice
//! by itself would add its own to a whole tensor.

use super::{Tensor, shape};
use crate::{
    Result,
    tape::{Rule, Step, record_many},
};

struct Together {
    dim: usize,
    /// Of a part.
    shape: Vec<usize>,
}

impl Rule<Tensor> for Together {
    fn backward(&self, by_outputs: Vec<Option<Tensor>>, _: &Step<'_, Tensor>) -> Result<Vec<Option<Tensor>>> {
        let Some(like) = by_outputs.iter().flatten().next().cloned() else { return Ok(vec![None]) };
        let none = like.of_nothing(0.0, like.dtype(), &self.shape)?;
        let all: Vec<Tensor> = by_outputs.into_iter().map(|by| by.unwrap_or_else(|| none.clone())).collect();
        Ok(vec![Some(Tensor::stack(&all, self.dim)?)])
    }
}

impl Tensor {
    /// The parts at each position of a dim, which they no longer have.
    ///
    /// # Errors
    /// No such dim.
    pub fn taken_apart(&self, dim: usize) -> Result<Vec<Self>> {
        shape::check_dim("unbind", self.shape(), dim)?;
        let own = self.detach();
        let parts = (0..self.shape()[dim]).map(|position| own.at(dim, position)).collect::<Result<Vec<_>>>()?;
        let mut shape = self.shape().to_vec();
        shape.remove(dim);
        Ok(record_many("unbind", &[self], parts, |_| true, |_| Together { dim, shape }))
    }
}
