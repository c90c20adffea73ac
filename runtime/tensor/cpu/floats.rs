//! Between Burn's dispatch tensors, its tape, and slices of floats.

use burn_backend::{AutodiffBackend, TensorData, tensor::FloatTensor};
use burn_dispatch::{
    BackendTensor, Dispatch, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind,
    backends::{
        Autodiff, Flex,
        autodiff::{
            checkpoint::strategy::NoCheckpointing,
            ops::{Backward, OpsKind},
        },
        flex::FlexTensor,
    },
};

/// A tensor of the CPU device on Burn's tape.
type Tracked = FloatTensor<Autodiff<Flex>>;

/// Runs `forward` on the operands and puts its result on the tape, with `backward` to differentiate it; `forward`
/// also returns what the backward pass needs. Where no operand is on a tape, nothing is recorded. None for operands
/// that are not on the CPU device.
pub(super) fn record<O, S, const N: usize>(
    operands: [DispatchTensor; N],
    backward: O,
    forward: impl FnOnce([FlexTensor; N]) -> (FlexTensor, S),
) -> Option<DispatchTensor>
where
    O: Backward<Flex, N, State = S>,
    S: Clone + Send + std::fmt::Debug + 'static,
{
    let context =
        operands.iter().map(|operand| operand.autodiff).find(|context| *context != DispatchAutodiffContext::Disabled);
    let Some(context) = context else {
        let operands = all(operands, plain)?;
        let (output, _) = forward(operands.map(|operand| operand.to_contiguous()));
        return Some(untaped(output));
    };
    let operands = all(operands, tracked)?;
    let nodes = operands.each_ref().map(|operand| operand.node());
    let (output, state) = forward(operands.map(|operand| operand.into_primitive().to_contiguous()));
    let output = match backward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    let kind = DispatchTensorKind::Autodiff(Box::new(DispatchTensorKind::Flex(BackendTensor::Autodiff(output))));
    Some(DispatchTensor { kind, autodiff: context })
}

fn all<T, const N: usize>(operands: [DispatchTensor; N], convert: fn(DispatchTensor) -> Option<T>) -> Option<[T; N]> {
    let converted: Option<Vec<T>> = operands.into_iter().map(convert).collect();
    converted?.try_into().ok()
}

/// The tensor of the CPU device below a dispatch tensor that is on no tape.
pub(super) fn plain(tensor: DispatchTensor) -> Option<FlexTensor> {
    match tensor.kind {
        DispatchTensorKind::Flex(tensor) => Some(tensor.float()),
        _ => None,
    }
}

fn tracked(tensor: DispatchTensor) -> Option<Tracked> {
    let lifted =
        if tensor.autodiff == DispatchAutodiffContext::Disabled { Dispatch::from_inner(tensor) } else { tensor };
    match lifted.kind {
        DispatchTensorKind::Autodiff(inner) => match *inner {
            DispatchTensorKind::Flex(tensor) => Some(tensor.autodiff()),
            _ => None,
        },
        _ => None,
    }
}

/// The elements of a contiguous tensor.
pub(super) fn floats(tensor: &FlexTensor) -> &[f32] {
    tensor.storage()
}

/// A tensor that is on no tape.
pub(super) fn untaped(tensor: FlexTensor) -> DispatchTensor {
    DispatchTensor {
        kind: DispatchTensorKind::Flex(BackendTensor::Float(tensor)),
        autodiff: DispatchAutodiffContext::Disabled,
    }
}

/// A tensor of elements in row-major order.
pub(super) fn tensor(values: Vec<f32>, shape: &[usize]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape.to_vec()))
}
