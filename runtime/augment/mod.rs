//! Augmentation: one transform per file. A transform draws the steps of a view; the CPU performs them here, in parallel
//! for the views of a batch, and a kernel can be given the same steps. A view is a function of the image, the transform
//! and the place of its draws (stream, step, sample, view, operation), so no thread count and no batch split changes
//! it. Nothing here may know of tensors, devices or Lua.

mod chain;
pub mod color;
mod color_jitter;
mod gaussian;
mod gaussian_blur;
mod grayscale;
mod horizontal_flip;
mod hue;
mod image;
mod interpolation;
mod option;
mod plan;
mod quarter_turn;
mod random_resized_crop;
#[cfg(test)]
mod reference;
mod resample;
mod size;
mod solarize;
mod step;
mod transform;
mod views;

pub use chain::Chain;
pub use color_jitter::ColorJitter;
pub use gaussian::{blur_weights, reflect};
pub use gaussian_blur::GaussianBlur;
pub use grayscale::Grayscale;
pub use horizontal_flip::HorizontalFlip;
pub use hue::adjust_hue;
pub use image::{Crop, Image, Planes};
pub use interpolation::Interpolation;
pub use plan::{Plan, plan};
pub use quarter_turn::QuarterTurn;
pub use random_resized_crop::RandomResizedCrop;
pub use size::Size;
pub use solarize::Solarize;
pub use step::Step;
pub use transform::{Place, Transform};
pub use views::{Images, View, draw, view_size, views};
