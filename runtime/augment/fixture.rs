//! Views for the tests of transforms.

use super::{Pixels, Transform, View, apply};
use crate::{Result, rng::Stream};

/// So many views of the images at `picks`, view-major: all images' first view, then all images' second view.
pub fn views(
    transform: &dyn Transform,
    pixels: Pixels<'_>,
    picks: &[usize],
    stream: &Stream,
    step: u64,
    count: u16,
) -> Result<Vec<f32>> {
    let view = |number, image: &usize| View { image: *image, turn: 0, number };
    let rows = (0..count).flat_map(|number| picks.iter().map(move |image| view(number, image)));
    apply(transform, pixels, &rows.collect::<Vec<_>>(), stream, step)
}
