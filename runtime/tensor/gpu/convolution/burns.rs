//! Burn's convolutions: on a GPU, and in formats that the CPU device has no kernels of our own for.

use burn_backend::ops::{ConvOptions, ModuleOps};
use burn_dispatch::Dispatch;

use crate::{
    Result,
    tensor::{Kind, Tensor, cpu::Geometry},
};

pub(super) fn outputs(images: &Tensor, weight: &Tensor, geometry: &Geometry) -> Tensor {
    let raw = Dispatch::conv2d(images.raw(), weight.raw(), None, options(geometry));
    let dims = vec![geometry.images, geometry.all_outputs(), geometry.out[0], geometry.out[1]];
    images.with(raw, Kind::Float, dims)
}

pub(super) fn by_images(by_outputs: &Tensor, weight: &Tensor, geometry: &Geometry) -> Result<Tensor> {
    let dims = [geometry.images, geometry.all_channels(), geometry.size[0], geometry.size[1]];
    let like = by_outputs.like(&dims)?;
    let raw = Dispatch::conv2d_x_backward(like, weight.raw(), by_outputs.raw(), options(geometry));
    Ok(by_outputs.with(raw, Kind::Float, dims.to_vec()))
}

pub(super) fn by_weight(by_outputs: &Tensor, images: &Tensor, geometry: &Geometry) -> Result<Tensor> {
    let dims = [geometry.all_outputs(), geometry.channels, geometry.kernel[0], geometry.kernel[1]];
    let like = by_outputs.like(&dims)?;
    let raw = Dispatch::conv2d_weight_backward(images.raw(), like, by_outputs.raw(), options(geometry));
    Ok(by_outputs.with(raw, Kind::Float, dims.to_vec()))
}

fn options(geometry: &Geometry) -> ConvOptions<2> {
    ConvOptions::new(geometry.stride, geometry.padding, geometry.dilation, geometry.groups)
}
