//! What tests of several operations share.

use super::{Pass, Tensor, grad};
use crate::rng::{DrawKey, Stream};

/// The gradients by leaves of an output times noise: as they are computed where nothing is recorded, and where they are
/// put on a tape themselves, operation by operation.
pub(crate) fn at_once_and_recorded(output: &Tensor, leaves: &[Tensor]) -> Vec<[Tensor; 2]> {
    let noise = Tensor::randn(output.shape(), Stream::new(5, "loss"), DrawKey::default(), output.device()).unwrap();
    let loss = output.mul(&noise).unwrap().sum(None, false).unwrap();
    let by = |create_graph| {
        let pass = Pass { create_graph, retain_graph: true };
        grad(std::slice::from_ref(&loss), &[None], leaves, pass).unwrap()
    };
    by(false).into_iter().zip(by(true)).map(|(at_once, recorded)| [at_once, recorded.detach()]).collect()
}

/// By how much two tensors differ at most.
pub(crate) fn worst(got: &Tensor, want: &Tensor) -> f32 {
    assert_eq!(got.shape(), want.shape());
    got.sub(want).unwrap().abs().unwrap().max(None, false).unwrap().item().unwrap() as f32
}
