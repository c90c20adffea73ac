//! Transposed convolution, as PyTorch's `conv_transpose2d`: the gradient of a convolution by its images.

use super::{Precision, Tensor, convolution::Convolution, cpu, shape, size};
use crate::{Error, Result, memory};

const OP: &str = "conv_transpose2d";

impl Tensor {
    /// `[N, C, H, W]` with a weight `[C, O / groups, h, w]` and a bias `[O]`: `[N, O, (H − 1) · stride − 2 · padding +
    /// dilation · (h − 1) + more + 1, …]`. `more` pixels are added below and to the right, of which the convolution that it
    /// turns round does not see the size.
    ///
    /// # Errors
    /// As [`Tensor::conv2d`]; `more` that is not below the stride; a result without pixels.
    pub fn conv_transpose2d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: Convolution,
        more: [usize; 2],
    ) -> Result<Self> {
        let Convolution { stride, padding, dilation, groups } = options;
        let mut dtype = self.dtype().computed();
        for tensor in [self, weight].into_iter().chain(bias) {
            tensor.want_float(OP)?;
            self.want_device(OP, tensor)?;
            dtype = dtype.promote(tensor.dtype());
        }
        let (images, weight) = (self.to_dtype(dtype)?, weight.to_dtype(dtype)?);
        let &[inputs, channels, height, width] = weight.shape() else {
            let want = "wants a weight [in, out / groups, height, width]".into();
            return Err(Error::Shape { op: OP.into(), want, got: weight.shape().to_vec() });
        };
        if groups == 0 || !inputs.is_multiple_of(groups) {
            return Err(Error::argument(OP, "groups", format!("a divisor of the {inputs} input channels"), groups));
        }
        super::convolution::want_images(OP, self, Some(inputs))?;
        let outputs = size::product(OP, "channels · groups", &[channels, groups])?;
        if let Some(bias) = bias.filter(|bias| bias.shape() != [outputs]) {
            let want = format!("wants a bias [{outputs}]");
            return Err(Error::Shape { op: OP.into(), want, got: bias.shape().to_vec() });
        }
        let kernel = [height, width];
        let sides = [0, 1].map(|dim| {
            let own = [self.shape()[dim + 2], kernel[dim], stride[dim], padding[dim], dilation[dim], more[dim]];
            side(own).and_then(|side| side.ok_or_else(|| self.without_pixels()))
        });
        let [rows, columns] = sides;
        let out = [rows?, columns?];
        let dims = [self.shape()[0], outputs, out[0], out[1]];
        shape::check(OP, &dims)?;
        memory::check_room(OP, [self, &weight].iter().filter(|t| t.is_tracked()).map(|t| t.len() * 8).sum())?;
        let precision = Precision::of_product(self.device())?;
        let geometry = cpu::Geometry {
            images: self.shape()[0],
            channels,
            size: out,
            outputs: inputs / groups,
            groups,
            kernel,
            stride,
            padding,
            dilation,
            out: [self.shape()[2], self.shape()[3]],
        };
        let output = precision.operand(&images)?.image_slopes(&precision.operand(&weight)?, geometry)?;
        let output = precision.result(output)?;
        match bias {
            Some(bias) => output.add(&bias.to_dtype(dtype)?.reshape(&[1, outputs, 1, 1])?),
            None => Ok(output),
        }
    }

    fn without_pixels(&self) -> Error {
        let want = "wants an image of which something is left without the padding".into();
        Error::Shape { op: OP.into(), want, got: self.shape().to_vec() }
    }
}

/// The size of a side of the result; none where nothing is left.
fn side([size, kernel, stride, padding, dilation, more]: [usize; 6]) -> Result<Option<usize>> {
    for (name, value) in [("kernel", kernel), ("stride", stride)] {
        if value == 0 {
            return Err(Error::argument(OP, name, "at least 1", 0));
        }
        size::check(OP, name, value)?;
    }
    if more >= stride {
        return Err(Error::argument(OP, "output_padding", format!("below the stride, {stride}"), more));
    }
    size::check(OP, "padding", padding)?;
    let reach = size::reach(OP, kernel, dilation)?;
    let Some(gaps) = size.checked_sub(1) else { return Ok(None) };
    let whole = size::product(OP, "the result's size", &[gaps, stride])?.saturating_add(reach).saturating_add(more);
    Ok(whole.checked_sub(2 * padding).filter(|side| *side > 0))
}
