//! Pooling of sequences as layers: the two-dimensional one over images of height 1.

use super::{Layer, Module, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
    tensor::Window,
};

options! {
    /// A window that moves over a sequence.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Pool1dOptions {
        /// Its length.
        pub kernel: usize, in 1..;
        /// From one window to the next: the kernel's length by default.
        pub stride: Option<usize> = None, in 1..;
        /// Added at both ends: at most half the kernel.
        pub padding: usize = 0;
    }
}

#[derive(Clone, Copy)]
enum Pooling {
    Max(Pool1dOptions),
    Mean(Pool1dOptions),
}

/// The largest of each window of `[N, C, L]`; the gradient goes to the first of equals.
///
/// # Errors
/// Options out of range.
pub fn max_pool1d(options: Pool1dOptions) -> Result<Module> {
    options.check("max_pool1d")?;
    Ok(Module::new(Pooling::Max(options)))
}

/// The mean of each window of `[N, C, L]`, padded zeros included.
///
/// # Errors
/// Options out of range.
pub fn avg_pool1d(options: Pool1dOptions) -> Result<Module> {
    options.check("avg_pool1d")?;
    Ok(Module::new(Pooling::Mean(options)))
}

impl Layer for Pooling {
    fn kind(&self) -> &str {
        match self {
            Self::Max(_) => "max_pool1d",
            Self::Mean(_) => "avg_pool1d",
        }
    }

    fn describe(&self) -> String {
        let (Self::Max(options) | Self::Mean(options)) = self;
        let Pool1dOptions { kernel, stride, padding } = options;
        format!("{}(kernel = {kernel}, stride = {}, padding = {padding})", self.kind(), stride.unwrap_or(*kernel))
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let sequence = single(self.kind(), inputs)?;
        let (Self::Max(options) | Self::Mean(options)) = *self;
        let Pool1dOptions { kernel, stride, padding } = options;
        let &[rows, channels, length] = sequence.shape() else {
            let want = "wants [N, C, L]".into();
            return Err(Error::Shape { op: self.kind().into(), want, got: sequence.shape().to_vec() });
        };
        if padding > kernel / 2 {
            let want = format!("at most half the kernel of {kernel}");
            return Err(Error::argument(self.kind(), "padding", want, padding));
        }
        let window = Window { kernel: [1, kernel], stride: [1, stride.unwrap_or(kernel)], padding: [0, padding] };
        let images = sequence.reshape(&[rows, channels, 1, length])?;
        let pooled = match self {
            Self::Max(_) => images.max_pool2d(window)?,
            Self::Mean(_) => images.avg_pool2d(window)?,
        };
        pooled.reshape(&[rows, channels, pooled.shape()[3]])
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::reference::check};

    const WINDOW: Pool1dOptions = Pool1dOptions { kernel: 3, stride: Some(2), padding: 1 };

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check("max_pool1d", &max_pool1d(WINDOW).unwrap());
        check("max_pool1d, plain", &max_pool1d(Pool1dOptions { stride: None, padding: 0, ..WINDOW }).unwrap());
        check("avg_pool1d", &avg_pool1d(WINDOW).unwrap());
    }

    #[test]
    fn what_is_no_sequence_and_a_padding_over_half_the_window_are_errors() {
        let device = Device::cpu();
        let pool = max_pool1d(Pool1dOptions { padding: 2, ..WINDOW }).unwrap();
        let error = pool.forward(&Tensor::zeros(&[1, 2, 8], &device).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "max_pool1d: padding must be at most half the kernel of 3, got 2");
        let error = pool.forward(&Tensor::zeros(&[1, 2, 8, 8], &device).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "max_pool1d: wants [N, C, L], got shape [1, 2, 8, 8]");
    }
}
