//! The class Augmentation and the augmentations.

mod augmentation;
mod chained;
mod choices;
mod colours;
mod draw;
mod function;
mod geometry;
mod kernel;
pub mod recorder;
mod values;

pub use augmentation::Augmentation;

use super::{
    api::{Api, Class, Docs},
    context::Context,
};
use crate::{
    Error, Result, Tensor,
    augment::View,
    rng::{DrawKey, Stream},
    tensor::Kind,
    views::{Augment, Source},
};

/// Declares the classes and functions.
pub fn declare(api: &mut Api) {
    geometry::declare(api);
    colours::declare(api);
    choices::declare(api);
    api.class::<Augmentation>("Augmentation", "A random change of images, keyed per image and view.", |class, docs| {
        class.example(
            r#"session.images = mb.data.images("shapes", { count = 20 })
local simclr = mb.augment.chain {
  mb.augment.random_resized_crop { size = 16 },
  mb.augment.color_jitter { brightness = 0.4, hue = 0.1, p = 0.8 },
}
print(table.concat(session.images:next(4):views(simclr, { views = 2 }).shape, " x ")) --> 8 x 3 x 16 x 16"#,
        );
        apply(class, docs);
        class
            .operator(docs, "__tostring", "What it does, as a script writes it.", |augmentation: Augmentation| {
                Ok(augmentation.to_string())
            })
            .example(
                r#"print(mb.augment.chain { mb.augment.pad_crop { size = 32 }, mb.augment.horizontal_flip() })
--> chain {
-->   pad_crop { size = 32, padding = 4, mode = "constant", fill = 0 },
-->   horizontal_flip { p = 0.5 },
--> }"#,
            );
    });
    draw::declare(api);
}

fn apply(class: &mut Class<Augmentation>, docs: &mut Docs) {
    class
        .method(
            docs,
            "apply",
            "images, key",
            "The images with the changes: float [B, C, H, W] of any number of channels. They are floats in 0..1, or int \
             levels in 0..255. The draws are keyed by the session's seed, the key and the row; without a key, by the step \
             and the number of such calls in it; two augmentations of one key draw alike. Floats of 0 to 255 are to be \
             divided by 255 first. There is no gradient by it.",
            |cx: Context, augmentation: Augmentation, images: Tensor, key: Option<usize>| {
                augmentation::without_gradient("apply", &images)?;
                let images = as_floats(images)?;
                let &[count, _, _, _] = images.shape() else {
                    let want = "wants images [B, C, H, W]".into();
                    return Err(Error::Shape { op: "apply".into(), want, got: images.shape().to_vec() });
                };
                let rows: Vec<View> = (0..count).map(|image| View { image, turn: 0, number: 0 }).collect();
                let (name, key) = match key {
                    Some(key) => ("apply".to_owned(), key as u64),
                    None => {
                        let DrawKey { step, call } = cx.next_draw("apply");
                        (format!("apply.{call}"), step)
                    }
                };
                let stream = Stream::new(cx.seed, &name);
                cx.recorder.noting(&augmentation).views(Source::Tensor(&images), &rows, &stream, key, &cx.device)
            },
        )
        .example(
            r"local flip, images = mb.augment.horizontal_flip(), mb.rand(8, 3, 4, 4)
print(flip:apply(images, 1):equal(flip:apply(images, 1))) --> true
local bytes = mb.tensor({ 0, 51, 255, 102 }):reshape(1, 1, 2, 2)
print(mb.augment.chain({}):apply(bytes):flatten())
--> tensor [4] float32 on cpu
--> [0.0000, 0.2000, 1.0000, 0.4000]",
        );
}

/// Floats as they are; the levels of bytes as floats in 0 to 1.
fn as_floats(images: Tensor) -> Result<Tensor> {
    const OP: &str = "apply";
    if images.kind() != Kind::Int {
        images.want_float(OP)?;
        return Ok(images);
    }
    let levels = images.ints(OP)?;
    if let Some(level) = levels.iter().find(|level| !(0..=255).contains(*level)) {
        return Err(Error::argument(OP, "images", "levels from 0 to 255, where they are whole numbers", level));
    }
    let floats = levels.into_iter().map(|level| level as f32 / 255.0).collect();
    Tensor::from_floats(floats, images.shape(), images.device())
}
