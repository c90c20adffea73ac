//! The order in which the elements of images lie. What has dims `[N, C, H, W]` lies channels last where a kernel made it
//! so: `[N, H, W, C]` in memory, under a layout that permutes it. Every operation sees the same dims and values; those
//! that know the order leave it as it is, and for the others Burn copies.

use burn_dispatch::backends::flex::FlexTensor;

use super::{
    buffer::Buffer,
    copies::note_copy,
    floats::{plain, tensor, untaped},
};
use crate::tensor::{Kind, Tensor};

/// Images `[N, C, H, W]` as `[N, H, W, C]`, contiguous: the memory itself where it lies so, a copy where not. None where
/// they are not on the CPU device.
pub(super) fn channels_last(images: &Tensor) -> Option<FlexTensor> {
    let last = plain(images.raw_in_any_order())?.permute(&[0, 2, 3, 1]);
    if !last.is_contiguous() {
        note_copy();
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

/// The same values in row-major order; none where they lie so, or are not floats on the CPU device.
pub(in crate::tensor) fn row_major(other: &Tensor) -> Option<Tensor> {
    let tensor = plain(other.raw_in_any_order()).filter(|tensor| !tensor.is_contiguous())?;
    Some(Tensor::wrap(untaped(tensor.to_contiguous()), Kind::Float, other.shape().to_vec(), other.device()))
}
