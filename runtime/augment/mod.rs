//! Augmentation. A transform draws the changes of a view (`drawn/`, one per file); the CPU makes them here (`pixels/`),
//! in parallel for the views of a batch, and a kernel can be given the same ones. A view is a function of the image, the
//! transform and the place of its draws (stream, step, sample, view, operation), so no thread count and no batch split
//! changes it. Nothing here may know of tensors, devices or Lua.
//!
//! Described in `runtime/book/05-data.md`.

mod apply;
mod chain;
mod change;
mod crop;
mod drawn;
#[cfg(test)]
mod fixture;
mod image;
mod pixels;
mod planes;
mod recipe;
#[cfg(test)]
mod reference;
mod size;
mod transform;
mod values;

pub use apply::{Form, Pixels, View, apply, view_size};
pub use chain::Chain;
pub use change::{Change, Filling};
pub use crop::Crop;
pub use drawn::{
    Affine, ApplyOptions, Autocontrast, Automatic, CenterCrop, ChoiceOptions, ColorJitter, Equalize, Erasing,
    ErasingValue, GaussianBlur, Grayscale, HorizontalFlip, Invert, Noise, Normalize, Operation, PadCrop, Perspective,
    Posterize, QuarterTurn, RandAugment, RandomApply, RandomChoice, RandomResizedCrop, Resize, Rotate, Sharpness,
    Solarize, Translation, TrivialAugment, VerticalFlip,
};
pub use image::Image;
pub use pixels::{
    Drawn, Edge, Interpolation, Sampling, Warp, adjust_hue, adjust_sharpness, autocontrast, blur_weights, color,
    equalize, normal, reflect,
};
pub use recipe::{Recipes, recipes};
pub use size::Size;
pub use transform::{DrawPlace, Extent, Range, Transform};
