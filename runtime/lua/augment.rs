//! The class Transform and the augmentations.

use std::sync::Arc;

use mlua::{Lua, Value};

use super::{
    api::{Api, Argument, Docs, Interpreter, Rest, options},
    context::Context,
    object::{named, object},
};
use crate::{
    Error, Result, Tensor,
    augment::{
        Chain, ColorJitter, GaussianBlur, Grayscale, HorizontalFlip, Interpolation, QuarterTurn, RandomResizedCrop,
        Solarize, Transform, View,
    },
    rng::{DrawKey, Stream},
    views::{self, Source},
};

/// An augmentation as a Lua object.
#[derive(Clone)]
pub struct Augmentation(pub Arc<dyn Transform>);

object!(Augmentation, "Augmentation", "an augmentation");

named! {
    Interpolation, "\"bicubic\"|\"bilinear\"";
}

/// A range as a list of two numbers.
pub struct Range([f32; 2]);

impl Argument for Range {
    fn kind(_: &mut Docs) -> String {
        "number[]".into()
    }

    fn from_value(value: Value, lua: &mlua::Lua, op: &str, name: &str) -> Result<Self> {
        match Vec::<f64>::from_value(value, lua, op, name)?.as_slice() {
            [low, high] => Ok(Self([*low as f32, *high as f32])),
            other => Err(Error::argument(op, name, "two numbers { low, high }", format!("{} numbers", other.len()))),
        }
    }
}

options! {
    /// Options of `mb.augment.random_resized_crop`.
    CropOptions("CropOptions") {
        /// The side of the view in pixels.
        size: usize;
        /// The least and the greatest part of the area that is cut out.
        scale: Range = Range([0.08, 1.0]);
        /// The least and the greatest width : height.
        ratio: Range = Range([3.0 / 4.0, 4.0 / 3.0]);
        /// How pixels are interpolated.
        interpolation: Interpolation = Interpolation::Bicubic;
        /// Widens the kernel where the crop is larger than the view.
        antialias: bool = false;
    }
    /// Options with a probability.
    FlipOptions("FlipOptions") {
        /// The probability.
        p: f64 = 0.5;
    }
    /// Options of `mb.augment.grayscale`.
    GrayscaleOptions("GrayscaleOptions") {
        /// The probability.
        p: f64 = 0.1;
    }
    /// Options of `mb.augment.gaussian_blur`.
    BlurOptions("BlurOptions") {
        /// The side of the kernel in pixels, an odd number; the odd number nearest to a tenth of the view's shorter side,
        /// at least 3, where it is not given.
        kernel: Option<usize> = None;
        /// The least and the greatest standard deviation in pixels.
        sigma: Range = Range([0.1, 2.0]);
        /// The probability.
        p: f64 = 0.5;
    }
    /// Options of `mb.augment.solarize`.
    SolarizeOptions("SolarizeOptions") {
        /// The least value that is inverted.
        threshold: f64 = 0.5;
        /// The probability.
        p: f64 = 0.2;
    }
    /// Options of `mb.augment.color_jitter`.
    JitterOptions("JitterOptions") {
        /// Brightness is scaled by a factor in max(0, 1 - x) … 1 + x.
        brightness: f64 = 0.0;
        /// Contrast, likewise.
        contrast: f64 = 0.0;
        /// Saturation, likewise.
        saturation: f64 = 0.0;
        /// The hue is turned by -x … x turns; at most 0.5.
        hue: f64 = 0.0;
        /// The probability that anything is done.
        p: f64 = 1.0;
    }
}

fn object(transform: impl Transform + 'static) -> Augmentation {
    Augmentation(Arc::new(transform))
}

/// Declares the class and functions.
pub fn declare(api: &mut Api) {
    api.function(
        "augment.random_resized_crop",
        "options",
        "Cuts out a part of random area and aspect ratio and resizes it (torchvision's RandomResizedCrop).",
        |options: CropOptions| {
            let crop = RandomResizedCrop::new((options.size, options.size))?
                .with_scale(options.scale.0)?
                .with_ratio(options.ratio.0)?;
            Ok(object(crop.with_interpolation(options.interpolation).with_antialias(options.antialias)))
        },
    );
    api.function(
        "augment.horizontal_flip",
        "options",
        "Mirrors left and right with a probability.",
        |options: FlipOptions| Ok(object(HorizontalFlip::new(options.p as f32)?)),
    );
    api.function("augment.color_jitter", "options", "Changes brightness, contrast, saturation and hue by random amounts, in random order (torchvision's ColorJitter).", |options: JitterOptions| {
        let [brightness, contrast, saturation, hue] = [options.brightness, options.contrast, options.saturation, options.hue].map(|x| x as f32);
        Ok(object(ColorJitter::new(brightness, contrast, saturation, hue)?.with_probability(options.p as f32)?))
    });
    api.function(
        "augment.grayscale",
        "options",
        "Takes the colours away with a probability; three channels stay.",
        |options: GrayscaleOptions| Ok(object(Grayscale::new(options.p as f32)?)),
    );
    api.function(
        "augment.gaussian_blur",
        "options",
        "Blurs by a random amount with a probability (torchvision's GaussianBlur, reflected at the edges).",
        |options: BlurOptions| {
            let blur = GaussianBlur::new(options.sigma.0)?.with_probability(options.p as f32)?;
            Ok(object(match options.kernel {
                Some(kernel) => blur.with_kernel(kernel)?,
                None => blur,
            }))
        },
    );
    api.function(
        "augment.solarize",
        "options",
        "Replaces every value x of at least a threshold by 1 - x with a probability (torchvision's RandomSolarize).",
        |options: SolarizeOptions| {
            Ok(object(Solarize::new(options.threshold as f32)?.with_probability(options.p as f32)?))
        },
    );
    api.function(
        "augment.quarter_turn",
        "options",
        "Turns by one, two or three quarters with a probability; images that are not square by two, so that their size stays.",
        |options: FlipOptions| Ok(object(QuarterTurn::new(options.p as f32)?)),
    );
    api.function(
        "augment.chain",
        "augmentations",
        "One augmentation after another. Takes several or one list.",
        |lua: Interpreter, augmentations: Rest<Value>| chain(&lua.0, augmentations.0),
    )
    .example(
        r#"local views = mb.augment.chain {
  mb.augment.random_resized_crop { size = 16, scale = { 0.3, 1.0 } },
  mb.augment.horizontal_flip(),
}
print(table.concat(views:apply(mb.rand(2, 3, 32, 32)).shape, " x ")) --> 2 x 3 x 16 x 16"#,
    );
    api.class::<Augmentation>("Augmentation", "A random change of images, keyed per image and view.", |class, docs| {
        class.method(docs, "apply", "images, key", "Applied to floats in 0..1, [B, 3, H, W]. The draws follow from the session's seed, the key and the row; without a key from the step and the number of such calls in it.", |cx: Context, augmentation: Augmentation, images: Tensor, key: Option<usize>| {
            let &[count, 3, _, _] = images.shape() else {
                return Err(Error::Shape { op: "apply".into(), want: "wants images [B, 3, H, W]".into(), got: images.shape().to_vec() });
            };
            images.want_float("apply")?;
            let rows: Vec<View> = (0..count).map(|image| View { image, turn: 0, number: 0 }).collect();
            let (name, key) = match key {
                Some(key) => ("apply".to_owned(), key as u64),
                None => {
                    let DrawKey { step, call } = cx.next_draw("apply");
                    (format!("apply.{call}"), step)
                }
            };
            views::make(augmentation.0.as_ref(), Source::Tensor(&images), &rows, &Stream::new(cx.seed, &name), key, &cx.device)
        });
        class.operator(docs, "__tostring", "What it does.", |augmentation: Augmentation| Ok(format!("{:?}", augmentation.0)));
    });
}

fn chain(lua: &Lua, values: Vec<Value>) -> Result<Augmentation> {
    let transforms = match values.as_slice() {
        [Value::Table(list)] => Vec::from_value(Value::Table(list.clone()), lua, "chain", "augmentations")?,
        _ => values
            .into_iter()
            .map(|value| Augmentation::from_value(value, lua, "chain", "augmentations"))
            .collect::<Result<Vec<_>>>()?,
    };
    Ok(object(Chain::of(transforms.into_iter().map(|augmentation: Augmentation| augmentation.0))?))
}
