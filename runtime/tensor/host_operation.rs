//! Operations that are computed on the host, whatever device the tensors are on, as single operations on Burn's tape:
//! for what a device has no kernel for. Forward and backward pass each read and write the device once.

use std::fmt::Debug;

use super::{
    Tensor,
    operation::{self, Operation},
};
use crate::Result;

/// What a backward pass needs to know of an operation on N tensors.
pub(super) trait HostOperation<const N: usize>: Clone + Debug + Send + 'static {
    /// dL/d input for each input, from dL/d output, all in row-major order.
    fn backward(&self, by_output: &[f32]) -> [Vec<f32>; N];
}

/// Puts an output that was computed on the host on the tape of its inputs.
///
/// # Errors
/// Inputs and output on different devices.
pub(super) fn record<O: HostOperation<N>, const N: usize>(
    op: &'static str,
    inputs: [&Tensor; N],
    output: Tensor,
    operation: O,
) -> Result<Tensor> {
    let shapes = inputs.map(|input| input.shape.clone());
    operation::record(op, inputs, output, OnHost { operation, shapes })
}

#[derive(Clone, Debug)]
struct OnHost<O, const N: usize> {
    operation: O,
    shapes: [Vec<usize>; N],
}

impl<O: HostOperation<N>, const N: usize> Operation<N> for OnHost<O, N> {
    fn backward(&self, by_output: &Tensor, _: [bool; N]) -> Result<[Option<Tensor>; N]> {
        let mut found = self.operation.backward(&by_output.floats()?).into_iter().zip(&self.shapes);
        let mut failed = None;
        let gradients = std::array::from_fn(|_| {
            let (values, shape) = found.next()?;
            Tensor::from_floats(values, shape, by_output.device()).map_err(|error| failed = Some(error)).ok()
        });
        failed.map_or(Ok(gradients), Err)
    }
}
