//! Convolutions of the CPU device, outputs and both gradients, over values that lie channels last: `[N, H, W, C]`. Which
//! kernel computes what stands in `rule.rs`. Each shares its work out by sizes alone, so that the number of threads changes
//! no bit.

mod blocks;
mod direct;
mod dot;
mod few_channels;
mod geometry;
mod images;
mod matrix;
mod outer;
mod patches;
mod rule;
mod shared;
#[cfg(test)]
mod tests;
mod vector;
mod winograd;

use burn_dispatch::backends::flex::FlexTensor;
use pulp::Arch;

pub(in crate::tensor) use self::geometry::Geometry;
use self::{
    blocks::Weight,
    direct::Direction,
    images::{FEW, Images},
    rule::Method,
};
use super::{
    buffer::Buffer,
    floats::{beside, contiguous, floats, plain},
    order::{beside_channels_last, channels_last},
};
use crate::{device::instructions::arch, tensor::Tensor};

/// `[N, C, H, W]` with `[O, C, h, w]` gives `[N, O, H′, W′]`, on no tape; a bias `[O]` is added. None for tensors that are
/// not on the CPU device.
pub(in crate::tensor) fn conv2d(
    images: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    geometry: &Geometry,
    exact: bool,
) -> Option<Tensor> {
    let [kernel] = contiguous([weight])?;
    let bias = match bias {
        Some(bias) => Some(contiguous([bias])?),
        None => None,
    };
    let given = Given::new(images, geometry)?;
    let mut output = Buffer::stale(geometry.images * geometry.positions() * geometry.all_outputs());
    let method = rule::of_images(geometry, exact);
    let bias = bias.as_ref().map(|[bias]| floats(bias));
    outputs(arch(), method, geometry, given.images(), floats(&kernel), bias, &mut output);
    let dims = [geometry.images, geometry.all_outputs(), geometry.out[0], geometry.out[1]];
    Some(beside_channels_last(images, output, dims))
}

/// The gradient by images, for which the weight is given, and that by the weight, for which images are; on no tape. None
/// for tensors that are not on the CPU device.
pub(in crate::tensor) fn gradients(
    images: Option<&Tensor>,
    weight: Option<&Tensor>,
    by_output: &Tensor,
    geometry: &Geometry,
    exact: bool,
) -> Option<[Option<Tensor>; 2]> {
    let output = channels_last(by_output)?;
    let output = floats(&output);
    let by_image = match weight {
        Some(weight) => {
            let [kernel] = contiguous([weight])?;
            let mut result = Buffer::stale(geometry.images * geometry.pixels() * geometry.all_channels());
            let method = rule::of_images(geometry, exact);
            image_gradient(arch(), method, geometry, output, floats(&kernel), &mut result);
            let dims = [geometry.images, geometry.all_channels(), geometry.size[0], geometry.size[1]];
            Some(beside_channels_last(by_output, result, dims))
        }
        None => None,
    };
    let by_weight = match images {
        Some(images) => {
            let given = Given::new(images, geometry)?;
            let mut result = Buffer::stale(geometry.groups * geometry.weights());
            let method = rule::of_weight(geometry, exact);
            weight_gradient(arch(), method, geometry, given.images(), output, &mut result);
            let dims = [geometry.all_outputs(), geometry.channels, geometry.kernel[0], geometry.kernel[1]];
            Some(beside(by_output, result, &dims))
        }
        None => None,
    };
    Some([by_image, by_weight])
}

/// Images that a script gave.
struct Given {
    values: FlexTensor,
    are_planes: bool,
}

impl Given {
    /// Those of few channels are read where they lie, in planes or not.
    fn new(images: &Tensor, geometry: &Geometry) -> Option<Self> {
        let are_planes = geometry.all_channels() <= FEW && plain(images.raw_in_any_order())?.is_contiguous();
        let values =
            if are_planes { plain(images.raw_in_any_order())?.to_contiguous() } else { channels_last(images)? };
        Some(Self { values, are_planes })
    }

    fn images(&self) -> Images<'_> {
        if self.are_planes { Images::Planes(floats(&self.values)) } else { Images::Last(floats(&self.values)) }
    }
}

fn outputs(
    arch: Arch,
    method: Method,
    geometry: &Geometry,
    images: Images<'_>,
    weight: &[f32],
    bias: Option<&[f32]>,
    result: &mut [f32],
) {
    let given = weight_of(geometry, weight, false);
    match (method, images) {
        (Method::Matrix, Images::Last(values)) => matrix::outputs(geometry, values, weight, bias, result),
        (Method::Winograd, Images::Last(values)) => winograd::outputs(arch, geometry, values, given, bias, result),
        _ => Direction::forward(geometry).compute(arch, images, given, bias, result),
    }
}

fn image_gradient(arch: Arch, method: Method, geometry: &Geometry, output: &[f32], weight: &[f32], result: &mut [f32]) {
    let given = weight_of(geometry, weight, true);
    match method {
        Method::Matrix => matrix::image_gradient(geometry, output, weight, result),
        Method::Winograd => winograd::image_gradient(arch, geometry, output, given, result),
        _ => Direction::back(geometry).compute(arch, Images::Last(output), given, None, result),
    }
}

fn weight_gradient(
    arch: Arch,
    method: Method,
    geometry: &Geometry,
    images: Images<'_>,
    output: &[f32],
    result: &mut [f32],
) {
    match (method, images) {
        (Method::Matrix, Images::Last(values)) => matrix::weight_gradient(geometry, values, output, result),
        (Method::Winograd, Images::Last(values)) => winograd::weight_gradient(arch, geometry, values, output, result),
        (Method::Patches, Images::Last(values)) => patches::weight_gradient(geometry, values, output, result),
        _ => few_channels::weight_gradient(arch, geometry, images, output, result),
    }
}

fn weight_of<'a>(geometry: &Geometry, values: &'a [f32], is_back: bool) -> Weight<'a> {
    Weight { values, outputs: geometry.outputs, channels: geometry.channels, taps: geometry.taps(), is_back }
}
