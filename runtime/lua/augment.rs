//! The class Transform and the augmentations.

use std::sync::Arc;

use mlua::{Lua, Value};

use super::{
    api::{Api, Argument, Interpreter, Rest},
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
    Interpolation;
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
        |crop: RandomResizedCrop| Ok(object(crop)),
    )
    .example(
        r#"local crop = mb.augment.random_resized_crop { size = 16, scale = { 0.2, 1.0 } }
local views = crop:apply(mb.full({ 4, 3, 32, 32 }, 0.5))
print(table.concat(views.shape, " x "), views:allclose(0.5)) --> 4 x 3 x 16 x 16 true"#,
    );
    api.function(
        "augment.horizontal_flip",
        "options",
        "Mirrors left and right with a probability.",
        |flip: HorizontalFlip| Ok(object(flip)),
    )
    .example(
        r"local image = mb.tensor({ 0.1, 0.9 }):expand(1, 3, 1, 2)
print(mb.augment.horizontal_flip({ p = 1 }):apply(image)[1][1])
--> tensor [1, 2] float32 on cpu
--> [[0.9000, 0.1000]]",
    );
    api.function(
        "augment.color_jitter",
        "options",
        "Changes brightness, contrast, saturation and hue by random amounts, in random order (torchvision's \
         ColorJitter).",
        |jitter: ColorJitter| Ok(object(jitter)),
    )
    .example(
        r"local jitter = mb.augment.color_jitter { brightness = 0.4 }
local gray = jitter:apply(mb.full({ 1, 3, 8, 8 }, 0.5)):mean():item()
print(gray >= 0.3 and gray <= 0.7) --> true",
    );
    api.function(
        "augment.grayscale",
        "options",
        "Takes the colours away with a probability; three channels stay.",
        |grayscale: Grayscale| Ok(object(grayscale)),
    )
    .example(
        r"local red = mb.tensor({ 1.0, 0.0, 0.0 }):reshape(1, 3, 1, 1)
print(mb.augment.grayscale({ p = 1 }):apply(red):flatten())
--> tensor [3] float32 on cpu
--> [0.2989, 0.2989, 0.2989]",
    );
    api.function(
        "augment.gaussian_blur",
        "options",
        "Blurs by a random amount with a probability (torchvision's GaussianBlur, reflected at the edges).",
        |blur: GaussianBlur| blur.sound().map(object),
    )
    .example(
        r"local images = mb.rand(1, 3, 16, 16)
local blurred = mb.augment.gaussian_blur({ kernel = 5, p = 1 }):apply(images)
print(blurred:std():item() < images:std():item()) --> true",
    );
    api.function(
        "augment.solarize",
        "options",
        "Replaces every value x of at least a threshold by 1 - x with a probability (torchvision's RandomSolarize).",
        |solarize: Solarize| Ok(object(solarize)),
    )
    .example(
        r"local image = mb.tensor({ 0.2, 0.9 }):expand(1, 3, 1, 2)
print(mb.augment.solarize({ threshold = 0.5, p = 1 }):apply(image)[1][1])
--> tensor [1, 2] float32 on cpu
--> [[0.2000, 0.1000]]",
    );
    api.function(
        "augment.quarter_turn",
        "options",
        "Turns by one, two or three quarters with a probability. Images that are not square are turned by two quarters \
             only, so that their size stays.",
        |turn: QuarterTurn| Ok(object(turn)),
    )
    .example(
        r"local image = mb.tensor({ 0.1, 0.9 }):expand(1, 3, 1, 2) -- not square: two quarters
print(mb.augment.quarter_turn({ p = 1 }):apply(image)[1][1])
--> tensor [1, 2] float32 on cpu
--> [[0.9000, 0.1000]]",
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
        class.example(
            r#"session.images = mb.data.images("shapes", { count = 20 })
local simclr = mb.augment.chain {
  mb.augment.random_resized_crop { size = 16 },
  mb.augment.color_jitter { brightness = 0.4, hue = 0.1, p = 0.8 },
}
print(table.concat(session.images:next(4):views(simclr, { views = 2 }).shape, " x ")) --> 8 x 3 x 16 x 16"#,
        );
        class
            .method(
                docs,
                "apply",
                "images, key",
                "The images, floats in 0..1 of [B, 3, H, W], with the changes. The draws are keyed by the session's \
                 seed, the key and the row; without a key, by the step and the number of such calls in it.",
                |cx: Context, augmentation: Augmentation, images: Tensor, key: Option<usize>| {
                    let &[count, 3, _, _] = images.shape() else {
                        return Err(Error::Shape {
                            op: "apply".into(),
                            want: "wants images [B, 3, H, W]".into(),
                            got: images.shape().to_vec(),
                        });
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
                    views::make(
                        augmentation.0.as_ref(),
                        Source::Tensor(&images),
                        &rows,
                        &Stream::new(cx.seed, &name),
                        key,
                        &cx.device,
                    )
                },
            )
            .example(
                r"local flip, images = mb.augment.horizontal_flip(), mb.rand(8, 3, 4, 4)
print(flip:apply(images, 1):equal(flip:apply(images, 1))) --> true",
            );
        class
            .operator(docs, "__tostring", "What it does.", |augmentation: Augmentation| {
                Ok(format!("{:?}", augmentation.0))
            })
            .example(r"print(mb.augment.horizontal_flip { p = 0.25 }) --> HorizontalFlip { p: 0.25 }");
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
