//! Outputs from pixels, and the gradient by pixels from that by outputs: `shaders/convolution.wgsl`, for which
//! `shaders/convolution_weight.wgsl` lays the weight out.

use super::{
    forms::{Family, Form, kernel},
    images::{Source, new_images},
    limits::{check_floats, check_sides},
    plan::Tile,
};
use crate::{
    Result,
    gpu::Launch,
    tensor::{
        Tensor,
        cpu::Geometry,
        gpu::{built_in, groups, one_group_each},
    },
};

/// Which way a convolution is gone through: where a pixel of the target meets its sources, `(y · up + shift + tap · reach) /
/// down`, and how its weight is read.
pub(super) struct Direction {
    source: [usize; 2],
    /// Channels of a group that are summed over.
    terms: usize,
    target: [usize; 2],
    /// Channels of a group that are made.
    columns: usize,
    up: [usize; 2],
    down: [usize; 2],
    shift: [f64; 2],
    reach: [f64; 2],
    /// In the weight, from a term, and from a column, to the next.
    weight: [usize; 2],
}

impl Direction {
    /// Outputs from pixels.
    pub fn forward(geometry: &Geometry) -> Self {
        let Geometry { channels, outputs, size, out, .. } = *geometry;
        Self {
            source: size,
            terms: channels,
            target: out,
            columns: outputs,
            up: geometry.stride,
            down: [1, 1],
            shift: geometry.padding.map(|padding| -(padding as f64)),
            reach: geometry.dilation.map(|dilation| dilation as f64),
            weight: [geometry.taps(), channels * geometry.taps()],
        }
    }

    /// Pixels from outputs.
    pub fn back(geometry: &Geometry) -> Self {
        let Geometry { channels, outputs, size, out, .. } = *geometry;
        Self {
            source: out,
            terms: outputs,
            target: size,
            columns: channels,
            up: [1, 1],
            down: geometry.stride,
            shift: geometry.padding.map(|padding| padding as f64),
            reach: geometry.dilation.map(|dilation| -(dilation as f64)),
            weight: [channels * geometry.taps(), geometry.taps()],
        }
    }

    /// Pixels of a phase along a dim; every `down`-th is of the same.
    fn of_phase(&self, dim: usize) -> usize {
        self.target[dim].div_ceil(self.down[dim])
    }
}

/// `[N, groups · terms, …]` with the weight `[groups · O, C, h, w]` gives `[N, groups · columns, …]`.
///
/// # Errors
/// Sizes over the device's limits; the device failed.
pub(super) fn compute(
    source: &Tensor,
    weight: &Tensor,
    geometry: &Geometry,
    direction: &Direction,
    tile: Tile,
) -> Result<Tensor> {
    let Geometry { images, groups: parts, kernel: [height, width], .. } = *geometry;
    let Direction { target, terms, columns, up, down, shift, reach, .. } = *direction;
    let device = source.device();
    check_sides(geometry)?;
    let dims = [images, parts * columns, target[0], target[1]];
    let pitch = columns.next_multiple_of(4);
    let weights = parts.saturating_mul(height * width * terms).saturating_mul(pitch);
    check_floats("images", source.len(), device)?;
    check_floats("a result", dims.iter().product(), device)?;
    check_floats("a weight", weights, device)?;

    let packing = built_in!("convolution_weight.wgsl");
    let (packed, _held) = Tensor::scratch(device, weights)?;
    let given = weight.buffer()?;
    let launch = Launch::new(packing).buffer("weight", &given).buffer("packed", &packed);
    let scalars = [
        ("groups", parts),
        ("taps", height * width),
        ("terms", terms),
        ("columns", columns),
        ("pitch", pitch),
        ("term_stride", direction.weight[0]),
        ("column_stride", direction.weight[1]),
    ];
    let launch = scalars.into_iter().fold(launch, |launch, (name, value)| launch.scalar(name, value as f64));
    launch.dispatch(device, groups(packing, weights, device))?;

    let (result, to) = new_images(dims, device)?;
    let from = Source::of(source)?;
    let kernel = kernel(Family::Gather, Form::of(geometry, tile));
    let launch = Launch::new(kernel).buffer("source", &from.buffer).buffer("weight", &packed).buffer("output", &to);
    let skip = [0, 1].map(|dim| down[dim] / common_divisor(down[dim], geometry.dilation[dim]));
    let scalars = [
        ("images", images),
        ("groups", parts),
        ("channels", terms),
        ("outputs", columns),
        ("source_height", direction.source[0]),
        ("source_width", direction.source[1]),
        ("height", target[0]),
        ("width", target[1]),
        ("kernel_height", height),
        ("kernel_width", width),
        ("up_y", up[0]),
        ("up_x", up[1]),
        ("down_y", down[0]),
        ("down_x", down[1]),
        ("skip_y", skip[0]),
        ("skip_x", skip[1]),
        ("pixel_stride", from.pixel),
        ("channel_stride", from.channel),
    ];
    let launch = scalars.into_iter().fold(launch, |launch, (name, value)| launch.scalar(name, value as f64));
    let launch = launch.scalar("shift_y", shift[0]).scalar("shift_x", shift[1]);
    let launch = launch.scalar("reach_y", reach[0]).scalar("reach_x", reach[1]);
    let pixels = images * direction.of_phase(0) * direction.of_phase(1);
    let tiles = tile.count(pixels, columns) * down[0].min(target[0]) * down[1].min(target[1]) * parts;
    launch.dispatch(device, one_group_each(tiles, device))?;
    Ok(result)
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
