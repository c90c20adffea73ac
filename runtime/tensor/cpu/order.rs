//! The order in which the elements of images lie. What has dims `[N, C, H, W]` lies channels last where a kernel made it
//! so: `[N, H, W, C]` in memory, under a layout that permutes it. Every operation sees the same dims and values; those
//! that know the order leave it as it is, and for the others Burn copies.

use std::cell::Cell;

use burn_dispatch::backends::flex::FlexTensor;
#[cfg(test)]
use burn_dispatch::{BackendTensor, DispatchTensor, DispatchTensorKind};

use super::{
    buffer::Buffer,
    floats::{plain, tensor, untaped},
};
use crate::tensor::{Kind, Tensor};

thread_local! {
    static COPIES: Cell<u64> = const { Cell::new(0) };
}

/// How many tensors of the calling thread were copied into another order of elements because a kernel of images wanted
/// it so, or were handed to an operation that knows row-major order alone.
#[cfg(test)]
pub(crate) fn layout_copies() -> u64 {
    COPIES.get()
}

/// Notes that a tensor is handed to an operation that knows row-major order alone, and copies what lies otherwise or
/// changes its order.
#[cfg(test)]
pub(in crate::tensor) fn note_given(raw: &DispatchTensor) {
    if let DispatchTensorKind::Flex(tensor) = &raw.kind {
        let layout = match tensor {
            BackendTensor::Float(tensor) | BackendTensor::Int(tensor) | BackendTensor::Bool(tensor) => tensor.layout(),
            _ => return,
        };
        if layout.num_dims() == 4 && !layout.is_contiguous() && layout.permute(&[0, 2, 3, 1]).is_contiguous() {
            COPIES.set(COPIES.get() + 1);
        }
    }
}

/// Counts a tensor that is copied into another order.
pub(super) fn count_copy(tensor: &FlexTensor) {
    if tensor.layout().num_dims() == 4 {
        COPIES.set(COPIES.get() + 1);
    }
}

/// Images `[N, C, H, W]` as `[N, H, W, C]`, contiguous: the memory itself where it lies so, a copy where not. None where
/// they are not on the CPU device.
pub(super) fn channels_last(images: &Tensor) -> Option<FlexTensor> {
    let last = plain(images.raw_in_any_order())?.permute(&[0, 2, 3, 1]);
    if !last.is_contiguous() {
        count_copy(&last);
    }
    Some(last.to_contiguous())
}

/// Whether images lie channels last. False for those with one channel or one pixel that lie in row-major order too.
pub(in crate::tensor) fn is_channels_last(images: &Tensor) -> bool {
    images.rank() == 4
        && plain(images.raw_in_any_order())
            .is_some_and(|tensor| !tensor.is_contiguous() && tensor.permute(&[0, 2, 3, 1]).is_contiguous())
}

/// Images that were written as `[N, H, W, C]`, under the dims `[N, C, H, W]`; on no tape, on the device of another one.
pub(super) fn beside_channels_last(other: &Tensor, values: Buffer, [n, c, h, w]: [usize; 4]) -> Tensor {
    let last = tensor(values, &[n, h, w, c]);
    let raw = untaped(last.permute(&[0, 3, 1, 2]));
    Tensor::wrap(raw, Kind::Float, vec![n, c, h, w], other.device())
}
