//! Transforms, one per file: what is drawn for a view, and the changes that come of it. No pixel is touched here.

mod affine;
mod autocontrast;
mod automatic;
mod center_crop;
mod color_jitter;
#[cfg(test)]
mod distributions;
mod equalize;
mod erasing;
mod gaussian_blur;
mod grayscale;
mod horizontal_flip;
mod invert;
mod noise;
mod normalize;
mod pad_crop;
mod perspective;
mod posterize;
mod quarter_turn;
mod rand_augment;
mod random_apply;
mod random_choice;
mod random_resized_crop;
mod resize;
mod rotate;
mod sharpness;
mod solarize;
mod trivial_augment;
mod vertical_flip;

pub use affine::{Affine, Translation};
pub use autocontrast::Autocontrast;
pub use automatic::{Automatic, Operation};
pub use center_crop::CenterCrop;
pub use color_jitter::ColorJitter;
pub use equalize::Equalize;
pub use erasing::{Erasing, ErasingValue};
pub use gaussian_blur::GaussianBlur;
pub use grayscale::Grayscale;
pub use horizontal_flip::HorizontalFlip;
pub use invert::Invert;
pub use noise::Noise;
pub use normalize::Normalize;
pub use pad_crop::PadCrop;
pub use perspective::Perspective;
pub use posterize::Posterize;
pub use quarter_turn::QuarterTurn;
pub use rand_augment::RandAugment;
pub use random_apply::{ApplyOptions, RandomApply};
pub use random_choice::{ChoiceOptions, RandomChoice};
pub use random_resized_crop::RandomResizedCrop;
pub use resize::Resize;
pub use rotate::Rotate;
pub use sharpness::Sharpness;
pub use solarize::Solarize;
pub use trivial_augment::TrivialAugment;
pub use vertical_flip::VerticalFlip;

use crate::{Error, Result, options::PerChannel};

/// The largest side of a view. A mistyped size must not exhaust the memory.
const LARGEST: usize = 8192;

/// Refuses images that have neither colours nor are grey.
fn want_colours(op: &'static str, channels: usize) -> Result<()> {
    match channels {
        1 | 3 => Ok(()),
        other => Err(Error::argument(op, "images", "of 1 or 3 channels", format!("{other} channels"))),
    }
}

/// Refuses images whose channels have no number each.
fn want_numbers(op: &'static str, name: &str, numbers: &PerChannel, channels: usize) -> Result<()> {
    match numbers.fits(channels) {
        true => Ok(()),
        false => {
            let count = numbers.numbers().len();
            Err(Error::argument(op, name, format!("one number, or {channels} for as many channels"), count))
        }
    }
}
