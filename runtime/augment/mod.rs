//! Augmentation: one transform per file. A transform draws the changes of a view; the CPU makes them here, in parallel
//! for the views of a batch, and a kernel can be given the same ones. A view is a function of the image, the transform
//! and the place of its draws (stream, step, sample, view, operation), so no thread count and no batch split changes
//! it. Nothing here may know of tensors, devices or Lua.
//!
//! Described in `runtime/book/05-data.md`.

mod apply;
mod chain;
mod change;
pub mod color;
mod color_jitter;
#[cfg(test)]
mod fixture;
mod gaussian;
mod gaussian_blur;
mod grayscale;
mod horizontal_flip;
mod hue;
mod image;
mod interpolation;
mod quarter_turn;
mod random_resized_crop;
mod recipe;
#[cfg(test)]
mod reference;
mod resample;
mod size;
mod solarize;
mod transform;

pub use apply::{Pixels, View, apply, view_size};
pub use chain::Chain;
pub use change::Change;
pub use color_jitter::ColorJitter;
pub use gaussian::{blur_weights, reflect};
pub use gaussian_blur::GaussianBlur;
pub use grayscale::Grayscale;
pub use horizontal_flip::HorizontalFlip;
pub use hue::adjust_hue;
pub use image::{Crop, Image, Planes};
pub use interpolation::Interpolation;
pub use quarter_turn::QuarterTurn;
pub use random_resized_crop::RandomResizedCrop;
pub use recipe::{Recipes, recipes};
pub use size::Size;
pub use solarize::Solarize;
pub use transform::{DrawPlace, Transform};
