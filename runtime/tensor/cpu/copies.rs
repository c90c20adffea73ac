//! How often images were put into another order of elements. Knows Burn's tensors alone.

use std::cell::Cell;

#[cfg(test)]
use burn_dispatch::{BackendTensor, DispatchTensor, DispatchTensorKind};

thread_local! {
    static COPIES: Cell<u64> = const { Cell::new(0) };
}

/// How many tensors of the calling thread were copied into another order of elements because a kernel of images wanted
/// it so, or lay channels last and were handed to an operation that knows row-major order alone.
#[cfg(test)]
pub(crate) fn layout_copies() -> u64 {
    COPIES.get()
}

/// Notes a copy.
pub(super) fn note_copy() {
    COPIES.set(COPIES.get() + 1);
}

/// Notes that a tensor is handed to an operation that knows row-major order alone, and copies what lies otherwise or
/// changes its order.
#[cfg(test)]
pub(in crate::tensor) fn note_given(raw: &DispatchTensor) {
    let DispatchTensorKind::Flex(tensor) = &raw.kind else { return };
    let layout = match tensor {
        BackendTensor::Float(tensor) | BackendTensor::Int(tensor) | BackendTensor::Bool(tensor) => tensor.layout(),
        _ => return,
    };
    if layout.num_dims() == 4 && !layout.is_contiguous() && layout.permute(&[0, 2, 3, 1]).is_contiguous() {
        note_copy();
    }
}
