//! Between Burn's tensors of the CPU device and slices of floats. Knows no tape.

use burn_backend::DType;
use burn_dispatch::{
    BackendTensor, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind,
    backends::flex::{FlexTensor, Layout},
};

use super::buffer::Buffer;
use crate::tensor::{Kind, Tensor};

/// The float32 tensor of the CPU device below a dispatch tensor that is on no tape.
pub(super) fn plain(tensor: DispatchTensor) -> Option<FlexTensor> {
    match tensor.kind {
        DispatchTensorKind::Flex(tensor) => Some(tensor.float()).filter(|tensor| tensor.dtype() == DType::F32),
        _ => None,
    }
}

/// Float tensors without their tapes, in row-major order. None where one is not float32 on the CPU device.
pub(super) fn contiguous<const N: usize>(tensors: [&Tensor; N]) -> Option<[FlexTensor; N]> {
    let found = tensors.into_iter().map(|tensor| Some(plain(tensor.raw())?.to_contiguous()));
    found.collect::<Option<Vec<_>>>()?.try_into().ok()
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
pub(super) fn tensor(values: impl Into<Buffer>, shape: &[usize]) -> FlexTensor {
    FlexTensor::new(values.into().into_bytes(), Layout::contiguous(shape.to_vec().into()), DType::F32)
}

/// The same on the device of another one.
pub(super) fn beside(other: &Tensor, values: impl Into<Buffer>, shape: &[usize]) -> Tensor {
    Tensor::wrap(untaped(tensor(values, shape)), Kind::Float, shape.to_vec(), other.device())
}
