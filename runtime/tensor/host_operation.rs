//! Operations that are computed on the host, whatever device the tensors are on, as single operations on Burn's tape:
//! for what a device has no kernel for. Forward and backward pass each read and write the device once.

use std::{fmt::Debug, marker::PhantomData};

use burn_backend::{AutodiffBackend, Backend, TensorData, TensorMetadata, tensor::FloatTensor};
use burn_dispatch::{
    BackendTensor, Dispatch, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind,
    backends::{
        Autodiff,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
    },
};

use super::Tensor;
use crate::{Error, Result};

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
    let operands = inputs.map(Tensor::raw);
    let context =
        operands.iter().map(|operand| operand.autodiff).find(|context| *context != DispatchAutodiffContext::Disabled);
    let Some(context) = context else { return Ok(output) };
    let shapes = inputs.map(|input| input.raw.shape().to_vec());
    let lifted = operands.map(|operand| match operand.autodiff {
        DispatchAutodiffContext::Disabled => Dispatch::from_inner(operand),
        DispatchAutodiffContext::Enabled(_) => operand,
    });
    let kind = match output.raw.kind.clone() {
        DispatchTensorKind::Flex(output) => all(lifted, |kind| match kind {
            DispatchTensorKind::Flex(tensor) => Some(tensor.autodiff()),
            _ => None,
        })
        .map(|operands| DispatchTensorKind::Flex(track(operands, output.float(), shapes, operation))),
        DispatchTensorKind::Cube(output) => all(lifted, |kind| match kind {
            DispatchTensorKind::Cube(tensor) => Some(tensor.autodiff()),
            _ => None,
        })
        .map(|operands| DispatchTensorKind::Cube(track(operands, output.float(), shapes, operation))),
        DispatchTensorKind::Autodiff(_) => None,
    };
    let Some(kind) = kind else {
        return Err(Error::State { op, reason: "its tensors are on different devices".into() });
    };
    let raw = DispatchTensor { kind: DispatchTensorKind::Autodiff(Box::new(kind)), autodiff: context };
    Ok(Tensor { raw, ..output })
}

fn all<T, const N: usize>(
    operands: [DispatchTensor; N],
    convert: impl Fn(DispatchTensorKind) -> Option<T>,
) -> Option<[T; N]> {
    let converted = operands.into_iter().map(|operand| match operand.kind {
        DispatchTensorKind::Autodiff(inner) => convert(*inner),
        _ => None,
    });
    converted.collect::<Option<Vec<T>>>()?.try_into().ok()
}

fn track<B: Backend, O: HostOperation<N>, const N: usize>(
    operands: [FloatTensor<Autodiff<B>>; N],
    output: B::FloatTensorPrimitive,
    shapes: [Vec<usize>; N],
    operation: O,
) -> BackendTensor<B> {
    let nodes = operands.each_ref().map(|operand| operand.node());
    let state = (operation, shapes, output.device());
    let step = HostStep::<O>(PhantomData);
    BackendTensor::Autodiff(
        match Backward::<B, N>::prepare::<NoCheckpointing>(step, nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        },
    )
}

/// A step of the backward pass that goes through the host.
#[derive(Debug)]
struct HostStep<O>(PhantomData<O>);

impl<B: Backend, O: HostOperation<N>, const N: usize> Backward<B, N> for HostStep<O> {
    type State = (O, [Vec<usize>; N], B::Device);

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (operation, shapes, device) = ops.state;
        let by_output = pollster::block_on(B::float_into_data(gradients.consume::<B>(&ops.node)));
        // Burn gives a backward step no way to fail; the guard around the backward pass makes an error of the panic.
        let by_output = by_output.expect("a gradient can be read from the device");
        let by_output: Vec<f32> = by_output.try_into_vec().expect("a gradient is float32");
        let found = operation.backward(&by_output).into_iter().zip(shapes);
        for (parent, (values, shape)) in ops.parents.into_iter().zip(found) {
            if let Some(node) = parent {
                gradients.register::<B>(node.id, B::float_from_data(TensorData::new(values, shape), &device));
            }
        }
    }
}
