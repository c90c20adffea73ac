//! The picture of an episode: one tile per image of a batch. It draws no text.

use std::path::Path;

use image::{Rgb, RgbImage, imageops};

use super::png::write_png;
use crate::{Error, Result};

const MAX_ROWS: usize = 16;
const MAX_COLUMNS: usize = 16;
/// Small images are enlarged by a whole factor until a tile's longer side has so many pixels.
const TILE_SIDE: u32 = 64;
/// Larger images are reduced to it.
const MAX_TILE_SIDE: u32 = 224;
const GAP: u32 = 2;
const BACKGROUND: Rgb<u8> = Rgb([255, 255, 255]);

/// Writes a PNG with one tile per image, at most 16 rows and 16 columns of them, the first ones. `images` is
/// `[rows * columns, channels, height, width]` with 1 or 3 channels and values in 0..1 (clamped; NaN is black).
/// The image at `(row, column)` is number `row * columns + column`. Any other length is an error.
pub fn contact_sheet(
    path: &Path,
    images: &[f32],
    rows: usize,
    columns: usize,
    height: usize,
    width: usize,
) -> Result<()> {
    let plane = height.saturating_mul(width);
    let channels = match rows.saturating_mul(columns).saturating_mul(plane) {
        0 => None,
        values => [1, 3].into_iter().find(|channels| values.checked_mul(*channels) == Some(images.len())),
    };
    let (Some(channels), Ok(tile_width), Ok(tile_height)) = (channels, u32::try_from(width), u32::try_from(height))
    else {
        let want = format!("{rows} x {columns} images of 1 or 3 channels, {height} x {width}");
        return Err(Error::argument("contact_sheet", "images", want, format!("{} values", images.len())));
    };
    let tile_at = |row: usize, column: usize| {
        let image = &images[(row * columns + column) * channels * plane..][..channels * plane];
        let picture = RgbImage::from_fn(tile_width, tile_height, |x, y| {
            let pixel = y as usize * width + x as usize;
            Rgb([0, 1, 2].map(|channel| byte(image[channel.min(channels - 1) * plane + pixel])))
        });
        to_tile_size(picture)
    };
    let (across, down) = to_tile_size(RgbImage::new(tile_width, tile_height)).dimensions();
    let (shown_rows, shown_columns) = (rows.min(MAX_ROWS), columns.min(MAX_COLUMNS));
    let side = |count: usize, tile: u32| count as u32 * (tile + GAP) + GAP;
    let mut sheet = RgbImage::from_pixel(side(shown_columns, across), side(shown_rows, down), BACKGROUND);
    for row in 0..shown_rows {
        for column in 0..shown_columns {
            let (x, y) = (side(column, across), side(row, down));
            imageops::replace(&mut sheet, &tile_at(row, column), x.into(), y.into());
        }
    }
    write_png(path, &sheet)
}

fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Nearest neighbour and a whole factor when it grows, so that each pixel of a small image stays visible.
fn to_tile_size(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer > MAX_TILE_SIDE {
        let reduced = |side: u32| (u64::from(side) * u64::from(MAX_TILE_SIDE) / u64::from(longer)).max(1) as u32;
        return imageops::thumbnail(&picture, reduced(width), reduced(height));
    }
    match TILE_SIDE.div_ceil(longer) {
        1 => picture,
        factor => imageops::resize(&picture, width * factor, height * factor, imageops::FilterType::Nearest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(images: &[f32], rows: usize, columns: usize, height: usize, width: usize) -> Result<RgbImage> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("episode.png");
        contact_sheet(&path, images, rows, columns, height, width)?;
        Ok(image::open(&path).unwrap().to_rgb8())
    }

    #[test]
    fn each_image_lies_at_its_row_and_column() {
        let red_then_grey = [1.0, 0.0, 0.0, 0.5, 0.5, 0.5];
        let sheet = sheet(&red_then_grey, 1, 2, 1, 1).unwrap();
        assert_eq!(sheet.dimensions(), (2 * 66 + 2, 66 + 2));
        assert_eq!(sheet.get_pixel(2, 2), &Rgb([255, 0, 0]));
        assert_eq!(sheet.get_pixel(65, 65), &Rgb([255, 0, 0]));
        assert_eq!(sheet.get_pixel(66, 65), &BACKGROUND);
        assert_eq!(sheet.get_pixel(68, 2), &Rgb([128, 128, 128]));
    }

    #[test]
    fn values_outside_0_to_1_are_clamped_and_nan_is_black() {
        let sheet = sheet(&[-3.0, 7.0, f32::NAN, f32::INFINITY], 1, 1, 2, 2).unwrap();
        let grey = |x, y| sheet.get_pixel(x, y).0[0];
        assert_eq!([grey(2, 2), grey(65, 2), grey(2, 65), grey(65, 65)], [0, 255, 0, 255]);
    }

    #[test]
    fn many_and_large_images_still_give_a_small_sheet() {
        assert_eq!(sheet(&vec![0.5; 500 * 40], 500, 40, 1, 1).unwrap().dimensions(), (16 * 66 + 2, 16 * 66 + 2));
        assert_eq!(sheet(&vec![0.5; 3 * 900 * 600], 1, 1, 900, 600).unwrap().dimensions(), (149 + 4, 224 + 4));
    }

    #[test]
    fn sizes_that_do_not_match_the_values_are_an_error() {
        for (values, rows, columns, height, width) in
            [(4, 1, 1, 3, 1), (0, 0, 2, 4, 4), (8, 1, 1, 2, 2), (4, usize::MAX, 2, 2, 2), (0, 1, 1, 0, 4)]
        {
            let message = sheet(&vec![0.0; values], rows, columns, height, width).unwrap_err().to_string();
            assert!(message.starts_with("contact_sheet: images must be "), "{message}");
        }
    }
}
