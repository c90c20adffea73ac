//! Views for the tests of transforms.

use super::{Form, Pixels, Size, Transform, View, apply, view_size};
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
    applied(transform, pixels, &rows.collect::<Vec<_>>(), stream, step)
}

/// The given views.
pub fn applied(
    transform: &dyn Transform,
    pixels: Pixels<'_>,
    rows: &[View],
    stream: &Stream,
    step: u64,
) -> Result<Vec<f32>> {
    let (height, width) = view_size(transform, pixels.form(), rows)?;
    let mut out = vec![f32::NAN; rows.len() * pixels.form().channels * height * width];
    apply(transform, pixels, rows, stream, step, &mut out)?;
    Ok(out)
}

/// Many colour images of a size.
pub fn form(size: Size) -> Form {
    Form { channels: 3, size, count: usize::MAX, is_by_row: false }
}
