//! What a convolution is: its sizes, and which pixels meet which outputs. Knows no values.

/// The sizes of a convolution of images `[N, groups · C, H, W]` with a weight `[groups · O, C, h, w]`; rows first, then
/// columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tensor) struct Geometry {
    pub images: usize,
    /// Of a group.
    pub channels: usize,
    /// Of an image: height, width.
    pub size: [usize; 2],
    /// Of a group.
    pub outputs: usize,
    pub groups: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
    pub dilation: [usize; 2],
    /// Of the result: height, width.
    pub out: [usize; 2],
}

impl Geometry {
    /// Pixels of an image.
    pub fn pixels(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Pixels of an image of the result.
    pub fn positions(&self) -> usize {
        self.out[0] * self.out[1]
    }

    /// Places of the kernel.
    pub fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Channels of a pixel, of all groups.
    pub fn all_channels(&self) -> usize {
        self.channels * self.groups
    }

    /// Outputs of a position, of all groups.
    pub fn all_outputs(&self) -> usize {
        self.outputs * self.groups
    }

    /// Weights of a group.
    pub fn weights(&self) -> usize {
        self.outputs * self.channels * self.taps()
    }

    /// Which pixel, along a dim, an output sees through a tap. It may lie outside.
    fn pixel(&self, dim: usize, output: usize, tap: usize) -> isize {
        (output * self.stride[dim] + tap * self.dilation[dim]) as isize - self.padding[dim] as isize
    }

    /// The outputs along a dim, as they come from pixels.
    pub(super) fn outputs_by_taps(&self, dim: usize) -> Vec<Class> {
        classes((0..self.out[dim]).map(|output| {
            let base = output * self.stride[dim];
            let taps = (0..self.kernel[dim]).filter_map(|tap| {
                let pixel = self.pixel(dim, output, tap);
                (0..self.size[dim] as isize).contains(&pixel).then_some((tap, pixel - base as isize))
            });
            (taps.collect(), (output, base))
        }))
    }

    /// The pixels along a dim, as their gradients come from those of outputs: outputs in ascending order.
    pub(super) fn pixels_by_taps(&self, dim: usize) -> Vec<Class> {
        let stride = self.stride[dim];
        classes((0..self.size[dim]).map(|pixel| {
            let base = pixel / stride;
            let taps = (0..self.kernel[dim]).rev().filter_map(|tap| {
                let first = (pixel + self.padding[dim]).checked_sub(tap * self.dilation[dim])?;
                let output = first / stride;
                (first.is_multiple_of(stride) && output < self.out[dim])
                    .then_some((tap, output as isize - base as isize))
            });
            (taps.collect(), (pixel, base))
        }))
    }
}

/// Targets along a dim that see their sources through the same taps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// Each tap, and how far its source is from the base of a target.
    pub taps: Vec<(usize, isize)>,
    /// Each target, in ascending order, and its base.
    pub targets: Vec<(usize, usize)>,
}

fn classes(targets: impl Iterator<Item = (Vec<(usize, isize)>, (usize, usize))>) -> Vec<Class> {
    let mut found: Vec<Class> = Vec::new();
    for (taps, target) in targets {
        match found.iter_mut().find(|class| class.taps == taps) {
            Some(class) => class.targets.push(target),
            None => found.push(Class { taps, targets: vec![target] }),
        }
    }
    found
}
