//! Augmentation on the CPU: one transform per file, applied in parallel to the views of a batch. A view is a
//! function of the image, the transform and the place of its draws (stream, step, sample, view, operation), so
//! no thread count and no batch split changes it. Nothing here may know of tensors, devices or Lua.

mod chain;
pub mod color;
mod color_jitter;
mod grayscale;
mod horizontal_flip;
mod hue;
mod image;
mod interpolation;
mod option;
mod random_resized_crop;
#[cfg(test)]
mod reference;
mod resample;
mod transform;
mod views;

pub use chain::Chain;
pub use color_jitter::ColorJitter;
pub use grayscale::Grayscale;
pub use horizontal_flip::HorizontalFlip;
pub use hue::adjust_hue;
pub use image::{Crop, Image, Planes};
pub use interpolation::Interpolation;
pub use random_resized_crop::RandomResizedCrop;
pub use transform::{Place, Size, Transform};
pub use views::{Images, View, draw, views};
