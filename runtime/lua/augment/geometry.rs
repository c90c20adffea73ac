//! Augmentations that move pixels.

use super::augmentation::Augmentation;
use crate::{
    augment::{
        Affine, CenterCrop, HorizontalFlip, PadCrop, Perspective, QuarterTurn, RandomResizedCrop, Resize, Rotate,
        VerticalFlip,
    },
    lua::api::Api,
    options::Options,
};

/// Declares the functions.
pub(super) fn declare(api: &mut Api) {
    crops(api);
    flips(api);
    maps(api);
}

fn crops(api: &mut Api) {
    api.function(
        "augment.random_resized_crop",
        "options",
        "Cuts out a part of random area and aspect ratio and resizes it (torchvision's RandomResizedCrop).",
        |crop: RandomResizedCrop| Ok(Augmentation::of(crop)),
    )
    .example(
        r#"local crop = mb.augment.random_resized_crop { size = 16, scale = { 0.2, 1.0 } }
local views = crop:apply(mb.full({ 4, 3, 32, 32 }, 0.5))
print(table.concat(views.shape, " x "), views:allclose(0.5)) --> 4 x 3 x 16 x 16 true"#,
    );
    api.function(
        "augment.pad_crop",
        "options",
        "Pads the image on all sides and cuts a part of a fixed size out at random (torchvision's RandomCrop with \
         padding).",
        |crop: PadCrop| Ok(Augmentation::of(crop.checked("pad_crop")?)),
    )
    .example(
        r#"local crop = mb.augment.pad_crop { size = 32, padding = 4, mode = "reflect" }
print(table.concat(crop:apply(mb.rand(2, 3, 32, 32)).shape, " x ")) --> 2 x 3 x 32 x 32"#,
    );
    api.function(
        "augment.resize",
        "options",
        "Resizes the whole image (torchvision's Resize). Draws nothing.",
        |resize: Resize| Ok(Augmentation::of(resize.sound()?)),
    )
    .example(
        r#"local images = mb.rand(2, 3, 30, 40)
print(table.concat(mb.augment.resize({ size = 16 }):apply(images).shape, " x ")) --> 2 x 3 x 16 x 16
print(table.concat(mb.augment.resize({ shorter = 15 }):apply(images).shape, " x ")) --> 2 x 3 x 15 x 20"#,
    );
    api.function(
        "augment.center_crop",
        "options",
        "Cuts out the middle (torchvision's CenterCrop), zeros around it where the image is smaller. Draws nothing.",
        |crop: CenterCrop| Ok(Augmentation::of(crop.checked("center_crop")?)),
    )
    .example(
        r"local image = mb.tensor({ 0.1, 0.2, 0.3, 0.4 }):reshape(1, 1, 1, 4)
print(mb.augment.center_crop({ size = { 1, 2 } }):apply(image):flatten())
--> tensor [2] float32 on cpu
--> [0.2000, 0.3000]",
    );
}

fn flips(api: &mut Api) {
    api.function(
        "augment.horizontal_flip",
        "options",
        "Mirrors left and right with a probability.",
        |flip: HorizontalFlip| Ok(Augmentation::of(flip)),
    )
    .example(
        r"local image = mb.tensor({ 0.1, 0.9 }):expand(1, 3, 1, 2)
print(mb.augment.horizontal_flip({ p = 1 }):apply(image)[1][1])
--> tensor [1, 2] float32 on cpu
--> [[0.9000, 0.1000]]",
    );
    api.function(
        "augment.vertical_flip",
        "options",
        "Mirrors top and bottom with a probability (torchvision's RandomVerticalFlip).",
        |flip: VerticalFlip| Ok(Augmentation::of(flip)),
    )
    .example(
        r"local image = mb.tensor({ 0.1, 0.9 }):reshape(1, 1, 2, 1)
print(mb.augment.vertical_flip({ p = 1 }):apply(image):flatten())
--> tensor [2] float32 on cpu
--> [0.9000, 0.1000]",
    );
    api.function(
        "augment.quarter_turn",
        "options",
        "Turns by one, two or three quarters with a probability. Images that are not square are turned by two quarters \
             only, so that their size stays.",
        |turn: QuarterTurn| Ok(Augmentation::of(turn)),
    )
    .example(
        r"local image = mb.tensor({ 0.1, 0.9 }):expand(1, 3, 1, 2) -- not square: two quarters
print(mb.augment.quarter_turn({ p = 1 }):apply(image)[1][1])
--> tensor [1, 2] float32 on cpu
--> [[0.9000, 0.1000]]",
    );
}

fn maps(api: &mut Api) {
    api.function(
        "augment.rotate",
        "options",
        "Turns by a random angle around the middle; the size stays (torchvision's RandomRotation).",
        |rotate: Rotate| Ok(Augmentation::of(rotate.checked("rotate")?)),
    )
    .example(
        r#"local rotate = mb.augment.rotate { degrees = 15, interpolation = "bilinear", fill = 0.5 }
print(table.concat(rotate:apply(mb.rand(2, 1, 28, 28)).shape, " x ")) --> 2 x 1 x 28 x 28"#,
    );
    api.function(
        "augment.affine",
        "options",
        "Turns, moves, scales and shears at random around the middle; the size stays (torchvision's RandomAffine).",
        |affine: Affine| Ok(Augmentation::of(affine.checked("affine")?)),
    )
    .example(
        r#"local affine = mb.augment.affine { degrees = 10, translate = 0.1, scale = { 0.9, 1.1 }, shear = 5 }
print(affine:apply(mb.zeros(2, 3, 8, 8)):max():item()) --> 0.0"#,
    );
    api.function(
        "augment.perspective",
        "options",
        "Moves each corner inwards at random with a probability (torchvision's RandomPerspective).",
        |perspective: Perspective| Ok(Augmentation::of(perspective.checked("perspective")?)),
    )
    .example(
        r"local images = mb.ones(8, 3, 16, 16)
local seen = mb.augment.perspective({ distortion = 0.5, p = 1 }):apply(images, 1)
print(seen:mean():item() < 1) -- zeros outside of the image --> true",
    );
}
