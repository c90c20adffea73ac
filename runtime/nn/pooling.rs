//! Pooling as layers.

use super::{Layer, Module, module::single};
use crate::{
    Result, Tensor,
    options::{Options, Pair, options},
    tensor::Window,
};

options! {
    /// A pooling window.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PoolOptions {
        /// The side of the window, or its height and width.
        pub kernel: Pair, in 1.., unit "pixels";
        /// From one window to the next, or down and across: the kernel's by default.
        pub stride: Option<Pair> = None, in 1.., unit "pixels";
        /// Added on every side, or above and below, and left and right: at most half the kernel.
        pub padding: Pair = Pair::square(0), unit "pixels";
    }
}

impl PoolOptions {
    /// The window that moves over an image.
    ///
    /// # Errors
    /// A side or a stride of 0.
    pub fn window(&self, op: &str) -> Result<Window> {
        self.check(op)?;
        let Self { kernel, stride, padding } = *self;
        Ok(Window { kernel: kernel.0, stride: stride.unwrap_or(kernel).0, padding: padding.0 })
    }
}

#[derive(Clone, Copy)]
enum Pooling {
    Max(Window),
    Mean(Window),
    Global,
}

/// The largest of each window of `[N, C, H, W]`.
pub fn max_pool2d(window: Window) -> Module {
    Module::new(Pooling::Max(window))
}

/// The mean of each window of `[N, C, H, W]`, padded zeros included.
pub fn avg_pool2d(window: Window) -> Module {
    Module::new(Pooling::Mean(window))
}

/// The mean of each channel: `[N, C, H, W]` to `[N, C]`.
pub fn global_avg_pool() -> Module {
    Module::new(Pooling::Global)
}

impl Layer for Pooling {
    fn kind(&self) -> &str {
        match self {
            Self::Max(_) => "max_pool2d",
            Self::Mean(_) => "avg_pool2d",
            Self::Global => "global_avg_pool",
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Max(window) | Self::Mean(window) => {
                let [kernel, stride, padding] = [window.kernel, window.stride, window.padding].map(Pair);
                format!("{}(kernel = {kernel}, stride = {stride}, padding = {padding})", self.kind())
            }
            Self::Global => "global_avg_pool()".into(),
        }
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.kind(), inputs)?;
        match self {
            Self::Max(window) => input.max_pool2d(*window),
            Self::Mean(window) => input.avg_pool2d(*window),
            Self::Global => input.global_avg_pool(),
        }
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::fixture::check_layer};

    const WINDOW: Window = Window { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check_layer("max_pool2d", &max_pool2d(WINDOW));
        check_layer("avg_pool2d", &avg_pool2d(WINDOW));
        check_layer("avg_pool2d uneven", &avg_pool2d(Window { kernel: [2, 3], stride: [2, 1], padding: [0, 1] }));
        check_layer("global_avg_pool", &global_avg_pool());
    }

    #[test]
    fn adaptive_windows_cover_the_image() {
        let image =
            Tensor::from_floats((0..7).map(|value| value as f32).collect(), &[1, 1, 1, 7], &Device::cpu()).unwrap();
        let pooled = image.adaptive_avg_pool2d([1, 3]).unwrap();
        assert_eq!((pooled.shape(), pooled.floats().unwrap()), (&[1, 1, 1, 3][..], vec![1.0, 3.0, 5.0]));
    }

    #[test]
    fn padding_over_half_the_window_is_an_error() {
        let image = Tensor::zeros(&[1, 1, 4, 4], &Device::cpu()).unwrap();
        let error = image.max_pool2d(Window { kernel: [2, 2], stride: [2, 2], padding: [2, 2] }).unwrap_err();
        assert_eq!(error.to_string(), "max_pool2d: padding must be at most half the kernel [2, 2], got [2, 2]");
    }
}
