//! Layers that change the height and width of images: adaptive pooling, upsampling, and pixels from channels.

use super::{Layer, Module, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, Pair, options, over},
    tensor::{Resize, ResizeMode, size},
};

options! {
    /// How images are resized: to a size, or to so many times their own.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct UpsampleOptions {
        /// The side of the result, or its height and width.
        pub size: Option<Pair> = None, in 1.., unit "pixels";
        /// How many times as large the result is, rounded down to whole pixels.
        pub scale: Option<f64> = None, in over(0.0);
        /// How pixels between others are found.
        pub mode: ResizeMode = ResizeMode::Nearest;
        /// Whether the middles of the corner pixels stay where they are, and not the corners of the image.
        pub align_corners: bool = false;
    }
}

#[derive(Clone, Copy)]
enum Sizes {
    AdaptiveMean(Pair),
    AdaptiveMax(Pair),
    Upsample(UpsampleOptions),
    Shuffle(usize),
    Unshuffle(usize),
}

/// `[N, C, H, W]` to `[N, C, height, width]`: the means of windows that together cover the image.
///
/// # Errors
/// A size of 0.
pub fn adaptive_avg_pool2d(size: Pair) -> Result<Module> {
    positive("adaptive_avg_pool2d", "size", size.0)?;
    Ok(Module::new(Sizes::AdaptiveMean(size)))
}

/// As [`adaptive_avg_pool2d`], the largest of each window. Errors as there.
pub fn adaptive_max_pool2d(size: Pair) -> Result<Module> {
    positive("adaptive_max_pool2d", "size", size.0)?;
    Ok(Module::new(Sizes::AdaptiveMax(size)))
}

/// `[N, C, H, W]` of another height and width.
///
/// # Errors
/// Neither size nor scale, or both; corners to align of the mode nearest; options out of range.
pub fn upsample(options: UpsampleOptions) -> Result<Module> {
    const OP: &str = "upsample";
    options.check(OP)?;
    if options.size.is_some() == options.scale.is_some() {
        let got = if options.size.is_some() { "both" } else { "neither" };
        return Err(Error::argument(OP, "size or scale", "given, and not both", got));
    }
    if options.align_corners && options.mode == ResizeMode::Nearest {
        return Err(Error::argument(OP, "align_corners", "false for the mode nearest", true));
    }
    Ok(Module::new(Sizes::Upsample(options)))
}

/// `[N, C · r², H, W]` to `[N, C, H · r, W · r]`: pixels from channels (Shi et al. 2016).
///
/// # Errors
/// A factor of 0.
pub fn pixel_shuffle(factor: usize) -> Result<Module> {
    positive("pixel_shuffle", "factor", [factor; 2])?;
    Ok(Module::new(Sizes::Shuffle(factor)))
}

/// The reverse of [`pixel_shuffle`]. Errors as there.
pub fn pixel_unshuffle(factor: usize) -> Result<Module> {
    positive("pixel_unshuffle", "factor", [factor; 2])?;
    Ok(Module::new(Sizes::Unshuffle(factor)))
}

fn positive(op: &'static str, name: &str, sizes: [usize; 2]) -> Result<()> {
    match sizes.contains(&0) {
        true => Err(Error::argument(op, name, "at least 1", 0)),
        false => sizes.into_iter().try_for_each(|own| size::check(op, name, own)),
    }
}

impl Sizes {
    fn op(&self) -> &'static str {
        match self {
            Self::AdaptiveMean(_) => "adaptive_avg_pool2d",
            Self::AdaptiveMax(_) => "adaptive_max_pool2d",
            Self::Upsample(_) => "upsample",
            Self::Shuffle(_) => "pixel_shuffle",
            Self::Unshuffle(_) => "pixel_unshuffle",
        }
    }

    /// The four sizes of images.
    fn sizes(&self, input: &Tensor) -> Result<[usize; 4]> {
        input.want_float(self.op())?;
        match *input.shape() {
            [images, channels, height, width] => Ok([images, channels, height, width]),
            _ => self.wrong("wants [N, C, H, W]".into(), input),
        }
    }

    fn wrong<T>(&self, want: String, input: &Tensor) -> Result<T> {
        Err(Error::Shape { op: self.op().into(), want, got: input.shape().to_vec() })
    }

    fn shuffled(&self, input: &Tensor, r: usize) -> Result<Tensor> {
        let [images, channels, height, width] = self.sizes(input)?;
        let square = size::product(self.op(), "factor", &[r, r])?;
        if channels % square != 0 {
            return self.wrong(format!("wants a multiple of {square} channels"), input);
        }
        let own = channels / square;
        let parts = input.reshape(&[images, own, r, r, height, width])?.permute(&[0, 1, 4, 2, 5, 3])?;
        parts.reshape(&[images, own, height * r, width * r])
    }

    fn unshuffled(&self, input: &Tensor, r: usize) -> Result<Tensor> {
        let [images, channels, height, width] = self.sizes(input)?;
        if height % r != 0 || width % r != 0 {
            return self.wrong(format!("wants a height and a width that {r} divides"), input);
        }
        let parts = input.reshape(&[images, channels, height / r, r, width / r, r])?.permute(&[0, 1, 3, 5, 2, 4])?;
        parts.reshape(&[images, channels * r * r, height / r, width / r])
    }

    fn upsampled(&self, input: &Tensor, options: UpsampleOptions) -> Result<Tensor> {
        let [_, _, height, width] = self.sizes(input)?;
        let UpsampleOptions { size, scale, mode, align_corners } = options;
        let size = match (size, scale) {
            (Some(Pair(size)), _) => size,
            (None, scale) => [height, width].map(|side| (side as f64 * scale.unwrap_or(1.0)).floor() as usize),
        };
        if size.contains(&0) {
            return self.wrong("wants an image of which a pixel is left".into(), input);
        }
        input.resized(self.op(), Resize { size, scale, mode, align_corners })
    }
}

impl Layer for Sizes {
    fn kind(&self) -> &str {
        self.op()
    }

    fn describe(&self) -> String {
        match self {
            Self::AdaptiveMean(size) | Self::AdaptiveMax(size) => format!("{}({size})", self.op()),
            Self::Shuffle(factor) | Self::Unshuffle(factor) => format!("{}({factor})", self.op()),
            Self::Upsample(UpsampleOptions { size, scale, mode, align_corners }) => {
                let size = size.map(|size| format!("size = {size}"));
                let to = size.unwrap_or_else(|| format!("scale = {}", scale.unwrap_or(1.0)));
                let corners = if *align_corners { ", align_corners = true" } else { "" };
                format!("upsample({to}, mode = \"{mode}\"{corners})")
            }
        }
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.op(), inputs)?;
        match *self {
            Self::AdaptiveMean(Pair(size)) => input.adaptive_avg_pool2d(size),
            Self::AdaptiveMax(Pair(size)) => input.adaptive_max_pool2d(size),
            Self::Upsample(options) => self.upsampled(input, options),
            Self::Shuffle(factor) => self.shuffled(input, factor),
            Self::Unshuffle(factor) => self.unshuffled(input, factor),
        }
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::reference::check};

    fn up(change: impl FnOnce(&mut UpsampleOptions)) -> Result<Module> {
        let mut options = UpsampleOptions::default();
        change(&mut options);
        upsample(options)
    }

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check("adaptive_avg_pool2d", &adaptive_avg_pool2d(Pair([3, 4])).unwrap());
        check("adaptive_avg_pool2d, larger", &adaptive_avg_pool2d(Pair([5, 7])).unwrap());
        check("adaptive_max_pool2d", &adaptive_max_pool2d(Pair([3, 4])).unwrap());
        check("adaptive_max_pool2d, larger", &adaptive_max_pool2d(Pair([5, 7])).unwrap());
        check("pixel_shuffle", &pixel_shuffle(2).unwrap());
        check("pixel_unshuffle", &pixel_unshuffle(3).unwrap());
    }

    #[test]
    fn images_are_resized_as_by_pytorch() {
        let modes = [
            ("nearest", ResizeMode::Nearest, false),
            ("bilinear", ResizeMode::Bilinear, false),
            ("bilinear, corners", ResizeMode::Bilinear, true),
            ("bicubic", ResizeMode::Bicubic, false),
            ("bicubic, corners", ResizeMode::Bicubic, true),
        ];
        for (name, mode, align_corners) in modes {
            let to = |size: Option<Pair>, scale: Option<f64>| {
                upsample(UpsampleOptions { size, scale, mode, align_corners }).unwrap()
            };
            check(&format!("upsample {name}, larger"), &to(Some(Pair([7, 9])), None));
            check(&format!("upsample {name}, smaller"), &to(Some(Pair([2, 3])), None));
            check(&format!("upsample {name}, to one"), &to(Some(Pair([1, 1])), None));
            check(&format!("upsample {name}, by a factor"), &to(None, Some(2.3)));
        }
    }

    #[test]
    fn mistakes_are_told() {
        let message = |result: Result<Module>| result.unwrap_err().to_string();
        assert_eq!(message(up(|_| ())), "upsample: size or scale must be given, and not both, got neither");
        let corners = up(|options| (options.scale, options.align_corners) = (Some(2.0), true));
        assert_eq!(message(corners), "upsample: align_corners must be false for the mode nearest, got true");
        assert_eq!(message(pixel_shuffle(0)), "pixel_shuffle: factor must be at least 1, got 0");
        let run = |module: Result<Module>, shape: &[usize]| {
            module.unwrap().forward(&Tensor::zeros(shape, &Device::cpu()).unwrap()).unwrap_err().to_string()
        };
        assert_eq!(
            run(pixel_shuffle(2), &[1, 6, 3, 3]),
            "pixel_shuffle: wants a multiple of 4 channels, got shape [1, 6, 3, 3]"
        );
        assert_eq!(
            run(pixel_unshuffle(2), &[1, 6, 3, 4]),
            "pixel_unshuffle: wants a height and a width that 2 divides, got shape [1, 6, 3, 4]"
        );
        assert_eq!(
            run(up(|options| options.scale = Some(0.1)), &[1, 6, 3, 3]),
            "upsample: wants an image of which a pixel is left, got shape [1, 6, 3, 3]"
        );
        assert_eq!(
            run(adaptive_max_pool2d(Pair([2, 2])), &[6, 3, 3]),
            "adaptive_max_pool2d: wants [N, C, H, W], got shape [6, 3, 3]"
        );
    }
}
