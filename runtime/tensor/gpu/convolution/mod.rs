//! Convolutions that Burn's CPU kernels are not asked for: outputs and both gradients, of tensors on a GPU. Who computes one,
//! Burn or a kernel of our own, stands in `plan.rs` and nowhere else; Burn's calls are in `burns.rs`, ours in `gather.rs` and
//! `by_weight.rs`. Ours are products of matrices of which nothing is laid out in memory (implicit GEMM): what a tile needs is
//! gathered where it lies. Results lie channels last, `[N, H, W, C]`, under the dims `[N, C, H, W]`.

mod burns;
mod by_weight;
mod forms;
mod gather;
mod images;
mod limits;
mod plan;
mod template;

pub use self::plan::ConvolutionKernels;
use self::{
    gather::Direction,
    plan::{Way, way},
};
use crate::{
    Result,
    tensor::{Tensor, cpu::Geometry},
};

/// `[N, C, H, W]` with `[O, C / groups, h, w]` gives `[N, O, H′, W′]`, on no tape.
///
/// # Errors
/// A size over the device's limits; kernels that there are not; the device failed.
pub(in crate::tensor) fn outputs(images: &Tensor, weight: &Tensor, geometry: &Geometry) -> Result<Tensor> {
    match way(images)? {
        Way::Burns => Ok(burns::outputs(images, weight, geometry)),
        Way::Own(tile) => gather::compute(images, weight, geometry, &Direction::forward(geometry), tile),
    }
}

/// The gradient by images, from that by outputs and the weight; on no tape.
///
/// # Errors
/// As [`outputs`].
pub(in crate::tensor) fn by_images(by_outputs: &Tensor, weight: &Tensor, geometry: &Geometry) -> Result<Tensor> {
    match way(by_outputs)? {
        Way::Burns => burns::by_images(by_outputs, weight, geometry),
        Way::Own(tile) => gather::compute(by_outputs, weight, geometry, &Direction::back(geometry), tile),
    }
}

/// The gradient by the weight, from that by outputs and images; on no tape. By our own kernels it is the same to the bit
/// whenever it is computed on a device.
///
/// # Errors
/// As [`outputs`].
pub(in crate::tensor) fn by_weight(by_outputs: &Tensor, images: &Tensor, geometry: &Geometry) -> Result<Tensor> {
    match way(by_outputs)? {
        Way::Burns => burns::by_weight(by_outputs, images, geometry),
        Way::Own(tile) => by_weight::compute(by_outputs, images, geometry, tile),
    }
}
