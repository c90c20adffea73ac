//! Two-dimensional convolution, as PyTorch's `conv2d`: a cross-correlation with zeros around the image.

use burn_backend::{Slice, ops::FloatTensorOps};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{
    Kind, Precision, Tensor, cpu, exactness::is_exact, gpu, normalization::left_the_cpu, raw_shape, reshape_raw, shape,
    size,
};
use crate::{
    Error, Result, memory,
    tape::{Recording, Step, is_recording, record},
};

/// How a kernel moves over an image; rows first, then columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Pixels from one position to the next.
    pub stride: [usize; 2],
    /// Zeros on every side.
    pub padding: [usize; 2],
    /// Pixels from one row or column of the kernel to the next.
    pub dilation: [usize; 2],
    /// Channels are split into this many groups that do not see each other.
    pub groups: usize,
}

impl Default for Convolution {
    fn default() -> Self {
        Self { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 }
    }
}

impl Tensor {
    /// Convolves `[N, C, H, W]` with a weight `[O, C / groups, h, w]` and adds a bias `[O]`; the result is
    /// `[N, O, (H + 2·padding − dilation·(h − 1) − 1) / stride + 1, …]`, rounded down. Inside [`autocast`](super::autocast) it is computed
    /// in that precision, and the bias is added in float32.
    ///
    /// # Errors
    /// Tensors that are not float or lie on different devices; shapes that do not fit; a kernel larger than the
    /// padded image; a stride, dilation or group count of 0; groups that do not divide C and O; a precision that the device
    /// does not have.
    pub fn conv2d(&self, weight: &Self, bias: Option<&Self>, options: Convolution) -> Result<Self> {
        const OP: &str = "conv2d";
        let Convolution { stride, padding, dilation, groups } = options;
        let mut dtype = self.dtype().computed();
        for tensor in [self, weight].into_iter().chain(bias) {
            tensor.want_float(OP)?;
            self.want_device(OP, tensor)?;
            dtype = dtype.promote(tensor.dtype());
        }
        if [self, weight].into_iter().chain(bias).any(|tensor| tensor.dtype() != dtype) {
            let bias = bias.map(|bias| bias.to_dtype(dtype)).transpose()?;
            return self.to_dtype(dtype)?.conv2d(&weight.to_dtype(dtype)?, bias.as_ref(), options);
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
        let reach = [size::reach(OP, height, dilation[0])?, size::reach(OP, width, dilation[1])?];
        let positions = windows(OP, self, reach, stride, padding)?;
        let dims = [self.shape()[0], out, positions[0], positions[1]];
        shape::check(OP, &dims)?;
        // The backward pass makes each operand's gradient, and its parts, and nothing asks before it does.
        memory::check_room(OP, [self, weight].iter().filter(|t| t.is_tracked()).map(|t| t.len() * 8).sum())?;
        let precision = Precision::of_product(self.device())?;
        let (images, kernel) = (precision.operand(self)?, precision.operand(weight)?);
        let geometry = cpu::Geometry {
            images: self.shape()[0],
            channels,
            size: [self.shape()[2], self.shape()[3]],
            outputs: out / groups,
            groups,
            kernel: [height, width],
            stride,
            padding,
            dilation,
            out: positions,
        };
        let (own, other) = if self.is_burns() || self.is_empty() || precision != Precision::Float32 {
            (None, bias)
        } else {
            (bias, None)
        };
        let output = precision.result(images.convolved(&kernel, own, geometry)?)?;
        // Here and not in Burn's convolution, whose gradient by the bias adds one value after another.
        match other {
            Some(bias) => output.add(&bias.reshape(&[1, out, 1, 1])?),
            None => Ok(output),
        }
    }

    /// A convolution of shapes that fit. It is linear in images and weight, and so are its two gradients: each of the
    /// three has the other two as its own. A bias is added on the CPU alone.
    fn convolved(&self, weight: &Self, bias: Option<&Self>, geometry: cpu::Geometry) -> Result<Self> {
        let dims = [geometry.images, geometry.all_outputs(), geometry.out[0], geometry.out[1]];
        let output = if dims.contains(&0) || self.is_empty() {
            self.of_nothing(0.0, self.dtype(), &dims)?
        } else if self.is_burns() {
            gpu::convolution::outputs(self, weight, &geometry)?
        } else {
            cpu::conv2d(self, weight, bias, &geometry, is_exact()).ok_or_else(|| left_the_cpu("conv2d"))?
        };
        let by_operands = |tape: &Recording<Self>| {
            let kept = (tape.keep_for(1, self), tape.keep_for(0, weight));
            move |by: &Self, step: &Step<'_, Self>| {
                let images = kept.0.as_ref().filter(|_| step.wants(1)).map(|kept| kept.get(step)).transpose()?;
                let weight = kept.1.as_ref().filter(|_| step.wants(0)).map(|kept| kept.get(step)).transpose()?;
                if !by.is_burns() && !by.is_empty() && !is_recording() {
                    let both = cpu::conv2d_gradients(images.as_ref(), weight.as_ref(), by, &geometry, is_exact());
                    return both.ok_or_else(|| left_the_cpu("conv2d"));
                }
                let by_images = weight.map(|weight| by.image_slopes(&weight, geometry)).transpose()?;
                Ok([by_images, images.map(|images| by.weight_slopes(&images, geometry)).transpose()?])
            }
        };
        Ok(match bias {
            None => record("conv2d", [self, weight], output, |tape| {
                let by_operands = by_operands(tape);
                move |by: Self, step| by_operands(&by, step)
            }),
            Some(bias) => record("conv2d", [self, weight, bias], output, |tape| {
                let by_operands = by_operands(tape);
                move |by: Self, step| {
                    let [by_images, by_weight] = by_operands(&by, step)?;
                    let outputs = geometry.all_outputs();
                    Ok([by_images, by_weight, step.of(2, || by.sum_to(&[1, outputs, 1, 1])?.reshape(&[outputs]))?])
                }
            }),
        })
    }

    /// The gradient by images, from that by the output and the weight.
    pub(super) fn image_slopes(&self, weight: &Self, geometry: cpu::Geometry) -> Result<Self> {
        let dims = [geometry.images, geometry.all_channels(), geometry.size[0], geometry.size[1]];
        let output = if dims.contains(&0) || self.is_empty() {
            self.of_nothing(0.0, self.dtype(), &dims)?
        } else if self.is_burns() {
            gpu::convolution::by_images(self, weight, &geometry)?
        } else {
            cpu::conv2d_gradients(None, Some(weight), self, &geometry, is_exact())
                .and_then(|[by_images, _]| by_images)
                .ok_or_else(|| left_the_cpu("conv2d"))?
        };
        Ok(record("conv2d", [self, weight], output, |tape| {
            let (output, weight) = (tape.keep(self), tape.keep(weight));
            move |by: Self, step| {
                let by_output = || by.convolved(&weight.get(step)?, None, geometry);
                Ok([step.of(0, by_output)?, step.of(1, || output.get(step)?.weight_slopes(&by, geometry))?])
            }
        }))
    }

    /// The gradient by the weight, from that by the output and images.
    fn weight_slopes(&self, images: &Self, geometry: cpu::Geometry) -> Result<Self> {
        let dims = [geometry.all_outputs(), geometry.channels, geometry.kernel[0], geometry.kernel[1]];
        let output = if dims.contains(&0) || self.is_empty() {
            self.of_nothing(0.0, self.dtype(), &dims)?
        } else if self.is_burns() {
            gpu::convolution::by_weight(self, images, &geometry)?
        } else {
            cpu::conv2d_gradients(Some(images), None, self, &geometry, is_exact())
                .and_then(|[_, by_weight]| by_weight)
                .ok_or_else(|| left_the_cpu("conv2d"))?
        };
        Ok(record("conv2d", [self, images], output, |tape| {
            let (output, images) = (tape.keep(self), tape.keep(images));
            move |by: Self, step| {
                let by_output = || images.get(step)?.convolved(&by, None, geometry);
                Ok([step.of(0, by_output)?, step.of(1, || output.get(step)?.image_slopes(&by, geometry))?])
            }
        }))
    }

    /// A tensor of this format and another shape, for its shape alone. It takes no memory.
    pub(super) fn like(&self, shape: &[usize]) -> Result<DispatchTensor> {
        let one = Dispatch::float_slice(self.raw_in_any_order(), &vec![Slice::new(0, Some(1), 1); self.rank()]);
        Ok(Dispatch::float_expand(reshape_raw(one, Kind::Float, &vec![1; shape.len()]), raw_shape(shape)))
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
