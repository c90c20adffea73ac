//! Two-dimensional convolution, as PyTorch's `conv2d`: a cross-correlation with zeros around the image.

use burn_backend::ops::{ConvOptions, ModuleOps};
use burn_dispatch::Dispatch;

use super::{Kind, Precision, Tensor, cpu, memory, shape, size};
use crate::{Error, Result};

/// How a kernel moves over an image; rows first, then columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Pixels from one position to the next.
    pub stride: [usize; 2],
    /// Zeros on every side.
    pub padding: [usize; 2],
    /// Channels are split into this many groups that do not see each other.
    pub groups: usize,
}

impl Default for Convolution {
    fn default() -> Self {
        Self { stride: [1, 1], padding: [0, 0], groups: 1 }
    }
}

impl Tensor {
    /// Convolves `[N, C, H, W]` with a weight `[O, C / groups, h, w]` and adds a bias `[O]`; the result is
    /// `[N, O, (H + 2·padding − h) / stride + 1, …]`, rounded down. Inside [`autocast`](super::autocast) it is computed
    /// in that precision, and the bias is added in float32.
    ///
    /// # Errors
    /// Tensors that are not float or lie on different devices; shapes that do not fit; a kernel larger than the
    /// padded image; a stride or group count of 0; groups that do not divide C and O; a precision that the device
    /// does not have.
    pub fn conv2d(&self, weight: &Self, bias: Option<&Self>, options: Convolution) -> Result<Self> {
        const OP: &str = "conv2d";
        let Convolution { stride, padding, groups } = options;
        for tensor in [self, weight].into_iter().chain(bias) {
            tensor.want_float(OP)?;
            self.want_device(OP, tensor)?;
        }
        let &[out, channels, height, width] = weight.shape() else {
            let want = "wants a weight [out, in / groups, height, width]".into();
            return Err(Error::Shape { op: OP.into(), want, got: weight.shape().to_vec() });
        };
        if groups == 0 || !out.is_multiple_of(groups) {
            return Err(Error::argument(OP, "groups", format!("a divisor of the {out} output channels"), groups));
        }
        want_images(OP, self, Some(size::product(OP, "channels · groups", &[channels, groups])?))?;
        if let Some(bias) = bias.filter(|bias| bias.shape() != [out]) {
            return Err(Error::Shape {
                op: OP.into(),
                want: format!("wants a bias [{out}]"),
                got: bias.shape().to_vec(),
            });
        }
        let positions = windows(OP, self, [height, width], stride, padding)?;
        let dims = [self.shape()[0], out, positions[0], positions[1]];
        shape::check(OP, &dims)?;
        // The backward pass makes each operand's gradient, and its parts, and nothing asks before it does.
        memory::check_room(OP, [self, weight].iter().filter(|t| t.is_tracked()).map(|t| t.len() * 8).sum())?;
        let precision = Precision::of_product(self.device())?;
        let (images, kernel) = (precision.operand(self), precision.operand(weight));
        let result = |raw| self.with(precision.result(raw, self.device()), Kind::Float, dims.to_vec());
        // Here and not in Burn's convolution, whose gradient by the bias adds one value after another.
        let with_bias = |output: Self| match bias {
            Some(bias) => output.add(&bias.reshape(&[1, out, 1, 1])?),
            None => Ok(output),
        };
        if groups == 1 && !self.device().is_gpu() {
            let [count, channels, rows, columns] = [0, 1, 2, 3].map(|dim| self.shape()[dim]);
            let geometry = cpu::Geometry {
                images: count,
                channels,
                size: [rows, columns],
                outputs: out,
                kernel: [height, width],
                stride,
                padding,
                out: positions,
            };
            if let Some(output) = cpu::conv2d(&images, &kernel, geometry)? {
                return with_bias(if precision == Precision::Float32 { output } else { result(output.raw()) });
            }
        }
        let options = ConvOptions::new(stride, padding, [1, 1], groups);
        with_bias(result(Dispatch::conv2d(images.raw(), kernel.raw(), None, options)))
    }
}

/// An error unless the tensor is `[N, C, H, W]`, with C channels where that is given.
pub(super) fn want_images(op: &'static str, images: &Tensor, channels: Option<usize>) -> Result<()> {
    if images.rank() == 4 && channels.is_none_or(|channels| images.shape()[1] == channels) {
        return Ok(());
    }
    let channels = channels.map_or_else(|| "C".into(), |channels| channels.to_string());
    Err(Error::Shape { op: op.into(), want: format!("wants [N, {channels}, H, W]"), got: images.shape().to_vec() })
}

/// How often a window fits, down and across.
pub(super) fn windows(
    op: &'static str,
    images: &Tensor,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
) -> Result<[usize; 2]> {
    let along = |dim: usize| size::windows(op, images.shape()[dim + 2], kernel[dim], stride[dim], padding[dim]);
    match (along(0)?, along(1)?) {
        (Some(rows), Some(columns)) => Ok([rows, columns]),
        _ => {
            let [height, width] = [0, 1].map(|dim| size::least(kernel[dim], padding[dim]));
            let want = format!("wants an image of at least {height}×{width}");
            Err(Error::Shape { op: op.into(), want, got: images.shape().to_vec() })
        }
    }
}
