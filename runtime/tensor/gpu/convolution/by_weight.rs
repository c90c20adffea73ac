//! The gradient by the weight: `shaders/convolution_by_weight.wgsl`, whose shares of the pixels
//! `shaders/convolution_sum.wgsl` adds.

use super::{
    forms::{Family, Form, kernel},
    images::Source,
    limits::{binding_limit, check_floats, check_sides},
    plan::Tile,
};
use crate::{
    Device, Result,
    gpu::Launch,
    tensor::{
        Tensor,
        cpu::Geometry,
        gpu::{built_in, groups, one_group_each, output},
    },
};

/// Pixels that a tile takes at once.
const DEPTH: usize = 16;
/// Workgroups that keep any adapter busy.
const BUSY: usize = 512;
/// Pixels below which a share is not worth its place in the sum, and above which its sum loses digits.
const SHARE: [usize; 2] = [256, 8192];
/// Bytes that shares may take together.
const SHARES: usize = 64 << 20;

/// From the gradient by `[N, O, H′, W′]` and `[N, C, H, W]` that by the weight `[O, C / groups, h, w]`.
///
/// # Errors
/// Sizes over the device's limits; the device failed.
pub(super) fn compute(by_outputs: &Tensor, images: &Tensor, geometry: &Geometry, tile: Tile) -> Result<Tensor> {
    let Geometry { channels, outputs, groups: parts, kernel: [height, width], .. } = *geometry;
    let (device, taps) = (images.device(), geometry.taps());
    check_sides(geometry)?;
    let pitch = outputs.next_multiple_of(4);
    let of_share = parts.saturating_mul(taps * channels).saturating_mul(pitch);
    check_floats("images", images.len(), device)?;
    check_floats("a gradient", by_outputs.len(), device)?;
    check_floats("a weight", of_share, device)?;
    let tiles = tile.count(taps * channels, outputs) * parts;
    let [shares, share] = shared(geometry.images * geometry.positions(), tiles, most(of_share, device));

    let (from, by) = (Source::of(images)?, by_outputs.buffer_channels_last()?);
    let (sums, _held) = Tensor::scratch(device, shares * of_share)?;
    let kernel = kernel(Family::ByWeight, Form::of(geometry, tile));
    let launch = Launch::new(kernel).buffer("source", &from.buffer).buffer("by_output", &by).buffer("parts", &sums);
    let scalars = [
        ("images", geometry.images),
        ("groups", parts),
        ("channels", channels),
        ("outputs", outputs),
        ("source_height", geometry.size[0]),
        ("source_width", geometry.size[1]),
        ("height", geometry.out[0]),
        ("width", geometry.out[1]),
        ("kernel_height", height),
        ("kernel_width", width),
        ("stride_y", geometry.stride[0]),
        ("stride_x", geometry.stride[1]),
        ("padding_y", geometry.padding[0]),
        ("padding_x", geometry.padding[1]),
        ("dilation_y", geometry.dilation[0]),
        ("dilation_x", geometry.dilation[1]),
        ("pixel_stride", from.pixel),
        ("channel_stride", from.channel),
        ("shares", shares),
        ("share", share),
    ];
    let launch = scalars.into_iter().fold(launch, |launch, (name, value)| launch.scalar(name, value as f64));
    launch.dispatch(device, one_group_each(tiles * shares, device))?;

    let adding = built_in!("convolution_sum.wgsl");
    let (gradient, to) = output(&[geometry.all_outputs(), channels, height, width], device)?;
    let launch = Launch::new(adding).buffer("parts", &sums).buffer("weight", &to);
    let scalars = [
        ("groups", parts),
        ("channels", channels),
        ("outputs", outputs),
        ("taps", taps),
        ("pitch", pitch),
        ("shares", shares),
    ];
    let launch = scalars.into_iter().fold(launch, |launch, (name, value)| launch.scalar(name, value as f64));
    launch.dispatch(device, groups(adding, gradient.len(), device))?;
    Ok(gradient)
}

/// How many shares of so many floats each there is room for.
fn most(of_share: usize, device: &Device) -> usize {
    let room = SHARES.min(binding_limit(device) as usize);
    (room / 4 / of_share.max(1)).max(1)
}

/// In how many shares pixels are summed, and the pixels of each, for a number of tiles. It follows from sizes alone, so that
/// a repetition takes the same.
fn shared(pixels: usize, tiles: usize, most: usize) -> [usize; 2] {
    let wanted = BUSY.div_ceil(tiles).clamp(1, pixels.div_ceil(SHARE[0]));
    let shares = wanted.max(pixels.div_ceil(SHARE[1])).min(most);
    let share = pixels.div_ceil(shares).next_multiple_of(DEPTH);
    [pixels.div_ceil(share), share]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_hold_every_pixel_and_none_is_empty() {
        for pixels in [1, 15, 16, 17, 255, 257, 4096, 100_003, 2_097_152] {
            for (tiles, most) in [(1, 1000), (9, 1000), (9, 3), (1000, 1000), (1, 1)] {
                let [shares, share] = shared(pixels, tiles, most);
                assert!(shares >= 1 && shares <= most && share.is_multiple_of(DEPTH), "{pixels} {tiles} {most}");
                assert!((shares - 1) * share < pixels && pixels <= shares * share, "{pixels} {tiles} {most}");
                assert!(most < 1000 || share <= SHARE[1], "{pixels}: {share}");
            }
        }
    }
}
