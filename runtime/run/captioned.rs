//! A picture of pictures with something said below each: sections one below another, each under a title.

use std::path::Path;

use image::{Rgb, RgbImage, imageops};
use plotters::{
    prelude::{BitMapBackend, IntoDrawingArea},
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    lettering::{ink, lines},
    png::write_png,
};
use crate::{Error, Result};

/// Tiles of a row.
const COLUMNS: usize = 5;
/// Small pictures are enlarged by a whole factor until their longer side has so many pixels, large ones reduced to it.
const SIDE: u32 = 160;
const GAP: u32 = 12;
const LETTERS: u32 = 12;
const LINE: u32 = 15;
/// The lines of one thing that is said, before it is cut short.
const LINES: usize = 3;
const TITLE_LETTERS: u32 = 13;
const TITLE_LINE: u32 = 17;

/// A picture and what is said of it.
#[derive(Clone, Debug)]
pub struct Captioned {
    /// `[channels, height, width]` with values in 0..1 (clamped; NaN is black): one channel, or the first three.
    pub values: Vec<f32>,
    /// The number of channels.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
    /// What is said, a line each, which may be broken into several.
    pub caption: Vec<String>,
}

/// Pictures under a title.
#[derive(Clone, Debug)]
pub struct Section {
    /// The title, a line each.
    pub title: Vec<String>,
    /// The pictures, five in a row.
    pub pictures: Vec<Captioned>,
}

/// Writes a PNG.
///
/// # Errors
/// A picture whose values are not as many as it says; the file cannot be written.
pub fn captioned_sheet(path: &Path, sections: &[Section]) -> Result<()> {
    let width = GAP + COLUMNS as u32 * (SIDE + GAP);
    let mut blocks = Vec::new();
    let mut y = GAP;
    for section in sections {
        let title: Vec<String> = section.title.iter().flat_map(|line| indented(line, width - 2 * GAP)).collect();
        let title_top = y;
        y += title.len() as u32 * TITLE_LINE + GAP / 2;
        let mut tiles = Vec::new();
        for row in section.pictures.chunks(COLUMNS) {
            let row: Vec<_> = row
                .iter()
                .map(|picture| {
                    let caption = picture.caption.iter().flat_map(|line| lines(line, LETTERS, SIDE, LINES));
                    Ok((tile(picture)?, caption.collect::<Vec<String>>()))
                })
                .collect::<Result<_>>()?;
            let height = row.iter().map(|(tile, _)| tile.height()).max().unwrap_or(0);
            let said = row.iter().map(|(_, caption)| caption.len()).max().unwrap_or(0) as u32;
            for (column, (tile, caption)) in row.into_iter().enumerate() {
                tiles.push((tile, caption, GAP + column as u32 * (SIDE + GAP), y, y + height + 3));
            }
            y += height + 3 + said * LINE + GAP;
        }
        y += GAP;
        blocks.push((title, title_top, tiles));
    }
    let mut sheet = RgbImage::from_pixel(width, y.max(GAP + LINE), Rgb([255, 255, 255]));
    for (tile, _, x, y, _) in blocks.iter().flat_map(|(_, _, tiles)| tiles) {
        imageops::replace(&mut sheet, tile, (*x).into(), (*y).into());
    }
    let size = sheet.dimensions();
    let wrong = |message: String| Error::Internal { op: "captioned_sheet".into(), message };
    {
        let area = BitMapBackend::with_buffer(&mut sheet, size).into_drawing_area();
        let write = |text: &str, x: u32, y: u32, letters: u32| {
            let style = ink(letters).pos(Pos::new(HPos::Left, VPos::Top));
            area.draw_text(text, &style, (x as i32, y as i32)).map_err(|error| wrong(error.to_string()))
        };
        for (title, top, tiles) in &blocks {
            for (line, text) in title.iter().enumerate() {
                write(text, GAP, top + line as u32 * TITLE_LINE, TITLE_LETTERS)?;
            }
            for (_, caption, x, _, below) in tiles {
                for (line, text) in caption.iter().enumerate() {
                    write(text, *x, below + line as u32 * LINE, LETTERS)?;
                }
            }
        }
        area.present().map_err(|error| wrong(error.to_string()))?;
    }
    write_png(path, &sheet)
}

/// A line of code on lines that fit, which keep its indentation.
fn indented(line: &str, room: u32) -> Vec<String> {
    let text = line.trim_start();
    // A space of this font is about a quarter of a letter.
    let indent = "    ".repeat((line.len() - text.len()) / 2);
    let broken = lines(text, TITLE_LETTERS, room.saturating_sub(60).max(100), 3);
    broken.into_iter().map(|text| format!("{indent}{text}")).collect()
}

fn tile(picture: &Captioned) -> Result<RgbImage> {
    let Captioned { values, channels, height, width, .. } = picture;
    let plane = height.saturating_mul(*width);
    let (Ok(tile_width), Ok(tile_height)) = (u32::try_from(*width), u32::try_from(*height)) else {
        return Err(Error::argument(
            "captioned_sheet",
            "a picture",
            "of a size that can be shown",
            format!("{height}x{width}"),
        ));
    };
    if plane == 0 || plane.checked_mul(*channels) != Some(values.len()) {
        let want = format!("{channels} channels of {height}x{width}");
        return Err(Error::argument("captioned_sheet", "a picture", want, format!("{} values", values.len())));
    }
    let shown = if *channels >= 3 { [0, 1, 2] } else { [0; 3] };
    let image = RgbImage::from_fn(tile_width, tile_height, |x, y| {
        let pixel = y as usize * width + x as usize;
        Rgb(shown.map(|channel| (values[channel * plane + pixel].clamp(0.0, 1.0) * 255.0).round() as u8))
    });
    let longer = tile_width.max(tile_height);
    Ok(if longer > SIDE {
        let reduced = |side: u32| (u64::from(side) * u64::from(SIDE) / u64::from(longer)).max(1) as u32;
        imageops::thumbnail(&image, reduced(tile_width), reduced(tile_height))
    } else {
        let factor = SIDE / longer;
        imageops::resize(&image, tile_width * factor, tile_height * factor, imageops::FilterType::Nearest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(channels: usize, height: usize, width: usize) -> Captioned {
        let caption = vec!["a crop of something".into(), "brightness 1.234".into()];
        Captioned { values: vec![0.5; channels * height * width], channels, height, width, caption }
    }

    #[test]
    fn pictures_lie_in_rows_of_five_with_their_captions_below() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("preview.png");
        let pictures = vec![picture(3, 8, 8), picture(1, 300, 100), picture(4, 5, 7), picture(3, 1, 1)];
        let sections = [
            Section { title: vec!["chain {".into(), "  horizontal_flip { p = 0.5 },".into(), "}".into()], pictures },
            Section { title: Vec::new(), pictures: vec![picture(3, 8, 8); 6] },
        ];
        captioned_sheet(&path, &sections).unwrap();
        let sheet = image::open(&path).unwrap().to_rgb8();
        assert_eq!(sheet.width(), 12 + 5 * 172);
        let first = 12 + 3 * TITLE_LINE + 6;
        assert_eq!(sheet.get_pixel(12, first).0, [128; 3]);
        assert_eq!(sheet.get_pixel(12 + 160, first).0, [255; 3], "a gap");
        let below = sheet.view_rows(first + SIDE + 3, 2 * LINE);
        assert!(below > 50, "{below} dark pixels of captions");
    }

    trait Rows {
        fn view_rows(&self, top: u32, height: u32) -> usize;
    }

    impl Rows for RgbImage {
        fn view_rows(&self, top: u32, height: u32) -> usize {
            let pixels = (top..top + height).flat_map(|y| (0..self.width()).map(move |x| (x, y)));
            pixels.filter(|(x, y)| self.get_pixel(*x, *y).0[0] < 150).count()
        }
    }

    #[test]
    fn a_picture_without_pixels_is_an_error() {
        let none = Captioned { values: Vec::new(), ..picture(3, 8, 8) };
        let sections = [Section { title: Vec::new(), pictures: vec![none] }];
        let error = captioned_sheet(Path::new("never.png"), &sections).unwrap_err().to_string();
        assert_eq!(error, "captioned_sheet: a picture must be 3 channels of 8x8, got 0 values");
    }
}
