//! Augmentations that change values in their places.

use super::augmentation::Augmentation;
use crate::{
    augment::{
        Autocontrast, ColorJitter, Equalize, Erasing, GaussianBlur, Grayscale, Invert, Noise, Normalize, Posterize,
        Sharpness, Solarize,
    },
    lua::api::Api,
    options::Options,
};

/// Declares the functions.
pub(super) fn declare(api: &mut Api) {
    colours(api);
    levels(api);
    blurs(api);
    values(api);
}

fn colours(api: &mut Api) {
    api.function(
        "augment.color_jitter",
        "options",
        "Changes brightness, contrast, saturation and hue by random amounts, in random order (torchvision's \
         ColorJitter).",
        |jitter: ColorJitter| Ok(Augmentation::of(jitter)),
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
        |grayscale: Grayscale| Ok(Augmentation::of(grayscale)),
    )
    .example(
        r"local red = mb.tensor({ 1.0, 0.0, 0.0 }):reshape(1, 3, 1, 1)
print(mb.augment.grayscale({ p = 1 }):apply(red):flatten())
--> tensor [3] float32 on cpu
--> [0.2989, 0.2989, 0.2989]",
    );
}

fn levels(api: &mut Api) {
    api.function(
        "augment.solarize",
        "options",
        "Replaces every value x of at least a threshold by 1 - x with a probability (torchvision's RandomSolarize).",
        |solarize: Solarize| Ok(Augmentation::of(solarize)),
    )
    .example(
        r"local image = mb.tensor({ 0.2, 0.9 }):expand(1, 3, 1, 2)
print(mb.augment.solarize({ threshold = 0.5, p = 1 }):apply(image)[1][1])
--> tensor [1, 2] float32 on cpu
--> [[0.2000, 0.1000]]",
    );
    api.function(
        "augment.invert",
        "options",
        "Replaces every value x by 1 - x with a probability (torchvision's RandomInvert).",
        |invert: Invert| Ok(Augmentation::of(invert)),
    )
    .example(r"print(mb.augment.invert({ p = 1 }):apply(mb.full({ 1, 1, 1, 1 }, 0.2)):item()) --> 0.80000001192093");
    api.function(
        "augment.posterize",
        "options",
        "Keeps so many bits of every value with a probability (torchvision's RandomPosterize).",
        |posterize: Posterize| Ok(Augmentation::of(posterize.checked("posterize")?)),
    )
    .example(
        r"local image = mb.tensor({ 0.1, 0.4, 0.6, 0.9 }):reshape(1, 1, 2, 2)
print(mb.augment.posterize({ bits = 1, p = 1 }):apply(image):flatten())
--> tensor [4] float32 on cpu
--> [0.0000, 0.0000, 0.5000, 0.5000]",
    );
    api.function(
        "augment.equalize",
        "options",
        "Makes each of 256 levels of a channel about as frequent, with a probability (torchvision's RandomEqualize).",
        |equalize: Equalize| Ok(Augmentation::of(equalize)),
    )
    .example(
        r"local dark = mb.rand(1, 1, 32, 32) * 0.1
local equal = mb.augment.equalize({ p = 1 }):apply(dark)
print(dark:max():item() < 0.1, equal:max():item() > 0.9) --> true true",
    );
    api.function(
        "augment.autocontrast",
        "options",
        "Stretches the values of each channel over 0 to 1 with a probability (torchvision's RandomAutocontrast).",
        |autocontrast: Autocontrast| Ok(Augmentation::of(autocontrast)),
    )
    .example(
        r"local image = mb.tensor({ 0.2, 0.3, 0.4 }):reshape(1, 1, 1, 3)
print(mb.augment.autocontrast({ p = 1 }):apply(image):flatten())
--> tensor [3] float32 on cpu
--> [0.0000, 0.5000, 1.0000]",
    );
}

fn blurs(api: &mut Api) {
    api.function(
        "augment.gaussian_blur",
        "options",
        "Blurs by a random amount with a probability (torchvision's GaussianBlur, reflected at the edges).",
        |blur: GaussianBlur| blur.sound().map(Augmentation::of),
    )
    .example(
        r"local images = mb.rand(1, 3, 16, 16)
local blurred = mb.augment.gaussian_blur({ kernel = 5, p = 1 }):apply(images)
print(blurred:std():item() < images:std():item()) --> true",
    );
    api.function(
        "augment.sharpness",
        "options",
        "Sharpens or softens by a factor with a probability (torchvision's RandomAdjustSharpness).",
        |sharpness: Sharpness| Ok(Augmentation::of(sharpness.checked("sharpness")?)),
    )
    .example(
        r"local images = mb.rand(1, 3, 16, 16)
local soft = mb.augment.sharpness({ factor = 0, p = 1 }):apply(images)
print(soft:std():item() < images:std():item()) --> true",
    );
}

fn values(api: &mut Api) {
    api.function(
        "augment.normalize",
        "options",
        "Subtracts a mean from every channel and divides it by a standard deviation (torchvision's Normalize). What needs \
         values in 0 … 1 must come before.",
        |normalize: Normalize| Ok(Augmentation::of(normalize.sound()?)),
    )
    .example(
        r"local normalize = mb.augment.normalize { mean = { 0.5, 0.4, 0.3 }, std = { 0.5, 0.2, 0.1 } }
print(normalize:apply(mb.ones(1, 3, 1, 1)):flatten())
--> tensor [3] float32 on cpu
--> [1.0000, 3.0000, 7.0000]",
    );
    api.function(
        "augment.noise",
        "options",
        "Adds normal noise to every value with a probability (torchvision's GaussianNoise).",
        |noise: Noise| Ok(Augmentation::of(noise.checked("noise")?)),
    )
    .example(
        r"local noisy = mb.augment.noise({ sigma = 0.1 }):apply(mb.full({ 8, 3, 16, 16 }, 0.5), 1)
print(noisy:mean():allclose(0.5, { atol = 0.01 }), noisy:std():allclose(0.1, { atol = 0.01 })) --> true true",
    );
    api.function(
        "augment.erasing",
        "options",
        "Overwrites a random rectangle with a probability (torchvision's RandomErasing).",
        |erasing: Erasing| Ok(Augmentation::of(erasing.checked("erasing")?)),
    )
    .example(
        r"local erased = mb.augment.erasing({ p = 1, scale = { 0.2, 0.2 } }):apply(mb.ones(50, 3, 32, 32), 1)
print(erased:mean():allclose(0.8, { atol = 0.03 })) --> true",
    );
}
