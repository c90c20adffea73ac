//! What is done to pixels: one operation per file, on float planes. Nothing is drawn here.

pub mod color;
mod equalize;
mod gaussian;
mod hue;
mod interpolation;
mod map;
mod normal;
mod padding;
mod resample;
mod sharpness;
pub mod warp;
pub(super) mod wide;

pub use equalize::{autocontrast, equalize, equalize_bytes};
pub use gaussian::Gaussian;
pub use gaussian::{blur_weights, reflect};
pub use hue::adjust_hue;
pub use interpolation::{Interpolation, Sampling};
pub use map::{Drawn, Warp};
pub use normal::{add_noise, normal, write_noise};
pub use padding::{Edge, source_of};
pub use resample::Resampler;
pub use sharpness::adjust_sharpness;
