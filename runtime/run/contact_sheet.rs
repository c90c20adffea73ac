//! The picture of an episode: one tile per image of a batch, what its columns are called, and where parts of its rows
//! end.

use std::path::Path;

use image::{Rgb, RgbImage, imageops};
use plotters::{
    prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, PathElement},
    style::{
        Color, RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    lettering::{INK, ink, lines},
    png::write_png,
};
use crate::{Error, Result};

const MAX_ROWS: usize = 16;
/// Small images are enlarged by a whole factor until a tile's longer side has so many pixels.
const TILE_SIDE: u32 = 64;
/// Larger images are reduced to it.
const MAX_TILE_SIDE: u32 = 224;
const GAP: u32 = 2;
/// What is added to a gap where a part of the rows ends.
const PART_GAP: u32 = 10;
const LETTERS: u32 = 12;
const LINE: u32 = 15;
/// The lines of a column's name.
const NAME_LINES: usize = 2;
/// The room for the names of parts.
const LEFT: u32 = 56;
const BACKGROUND: Rgb<u8> = Rgb([255, 255, 255]);

/// Images of one size. The one at `(row, column)` is number `row * columns + column`.
#[derive(Debug, Clone, Copy)]
pub struct Tiles<'a> {
    /// `[rows * columns, channels, height, width]` with 1 or 3 channels and values in 0..1 (clamped; NaN is black).
    pub values: &'a [f32],
    /// Rows of tiles.
    pub rows: usize,
    /// Columns of tiles.
    pub columns: usize,
    /// Pixels of an image from top to bottom.
    pub height: usize,
    /// Pixels of an image from left to right.
    pub width: usize,
}

impl Tiles<'_> {
    /// How many columns are shown at most, the first ones.
    pub const MOST_COLUMNS: usize = 16;
}

/// What is written beside the tiles.
#[derive(Debug, Clone, Default)]
pub struct Legend {
    /// What the columns are called; nothing where nobody knows.
    pub columns: Vec<String>,
    /// The parts of the rows, from the top: their names, and how many rows each has. A line ends each but the last.
    pub parts: Vec<(String, usize)>,
    /// What is said below, such as how much is left out.
    pub notes: Vec<String>,
}

/// Writes a PNG with one tile per image, at most 16 rows and 16 columns of them, the first ones; a line below says how
/// many rows are left out.
///
/// # Errors
/// Values of another number than the sizes say; the file cannot be written.
pub fn contact_sheet(path: &Path, tiles: Tiles, mut legend: Legend) -> Result<()> {
    let Tiles { values, rows, columns, height, width } = tiles;
    let plane = height.saturating_mul(width);
    let channels = match rows.saturating_mul(columns).saturating_mul(plane) {
        0 => None,
        count => [1, 3].into_iter().find(|channels| count.checked_mul(*channels) == Some(values.len())),
    };
    let (Some(channels), Ok(tile_width), Ok(tile_height)) = (channels, u32::try_from(width), u32::try_from(height))
    else {
        let want = format!("{rows} x {columns} images of 1 or 3 channels, {height} x {width}");
        return Err(Error::argument("contact_sheet", "images", want, format!("{} values", values.len())));
    };
    let tile_at = |row: usize, column: usize| {
        let image = &values[(row * columns + column) * channels * plane..][..channels * plane];
        let picture = RgbImage::from_fn(tile_width, tile_height, |x, y| {
            let pixel = y as usize * width + x as usize;
            Rgb([0, 1, 2].map(|channel| byte(image[channel.min(channels - 1) * plane + pixel])))
        });
        to_tile_size(picture)
    };
    let tile = to_tile_size(RgbImage::new(tile_width, tile_height)).dimensions();
    let (shown_rows, shown_columns) = (rows.min(MAX_ROWS), columns.min(Tiles::MOST_COLUMNS));
    if shown_rows < rows {
        legend.notes.push(format!("{shown_rows} of {rows} rows"));
    }
    let layout = Layout::new(tile, (shown_rows, shown_columns), &legend);
    let mut sheet = RgbImage::from_pixel(layout.size.0, layout.size.1, BACKGROUND);
    for row in 0..shown_rows {
        for column in 0..shown_columns {
            let picture = tile_at(row, column);
            imageops::replace(&mut sheet, &picture, layout.x(column).into(), layout.y(row).into());
        }
    }
    layout
        .write(&mut sheet, &legend)
        .map_err(|error| Error::Internal { op: "contact_sheet".into(), message: error })?;
    write_png(path, &sheet)
}

/// Where everything lies.
struct Layout {
    tile: (u32, u32),
    shown: (usize, usize),
    left: u32,
    top: u32,
    /// The rows before which a part has ended.
    ends: Vec<usize>,
    names: Vec<Vec<String>>,
    notes: Vec<String>,
    size: (u32, u32),
}

impl Layout {
    fn new(tile: (u32, u32), shown: (usize, usize), legend: &Legend) -> Self {
        let names = legend.columns.iter().take(shown.1);
        let names: Vec<Vec<String>> = names.map(|name| lines(name, LETTERS, tile.0, NAME_LINES)).collect();
        let top = names.iter().map(Vec::len).max().unwrap_or(0) as u32 * LINE;
        let left = if legend.parts.is_empty() { 0 } else { LEFT };
        let counts = legend.parts.iter().map(|(_, count)| *count);
        let ends = counts.scan(0, |row, count| {
            *row += count;
            Some(*row)
        });
        let ends: Vec<usize> = ends.filter(|row| (1..shown.0).contains(row)).collect();
        let mut layout = Self { tile, shown, left, top, ends, names, notes: Vec::new(), size: (0, 0) };
        let (width, bottom) = (layout.x(shown.1), layout.y(shown.0));
        layout.notes = lines(&legend.notes.join(", "), LETTERS, width.saturating_sub(2 * GAP).max(1), 4);
        layout.size = (width, bottom + layout.notes.len() as u32 * LINE);
        layout
    }

    fn x(&self, column: usize) -> u32 {
        self.left + column as u32 * (self.tile.0 + GAP) + GAP
    }

    fn y(&self, row: usize) -> u32 {
        let ended = self.ends.iter().filter(|end| **end <= row).count() as u32;
        self.top + row as u32 * (self.tile.1 + GAP) + GAP + ended * PART_GAP
    }

    fn write(&self, sheet: &mut RgbImage, legend: &Legend) -> Result<(), String> {
        let area = BitMapBackend::with_buffer(sheet, self.size).into_drawing_area();
        let said = |error: plotters::drawing::DrawingAreaErrorKind<<BitMapBackend as DrawingBackend>::ErrorType>| {
            error.to_string()
        };
        let style = |horizontal, vertical| ink(LETTERS).pos(Pos::new(horizontal, vertical));
        for (column, name) in self.names.iter().enumerate() {
            for (line, text) in name.iter().rev().enumerate() {
                let place = (self.x(column) + self.tile.0 / 2, self.top - line as u32 * LINE);
                area.draw_text(text, &style(HPos::Center, VPos::Bottom), pixel(place)).map_err(said)?;
            }
        }
        let mut row = 0;
        for (name, count) in legend.parts.iter().filter(|(_, count)| *count > 0) {
            if row < self.shown.0 {
                let place = (GAP, self.y(row) + GAP);
                area.draw_text(name, &style(HPos::Left, VPos::Top), pixel(place)).map_err(said)?;
            }
            row += count;
        }
        for end in &self.ends {
            let y = self.y(*end) - GAP - PART_GAP / 2;
            let line = vec![pixel((GAP, y)), pixel((self.size.0 - GAP, y))];
            let colour: RGBColor = INK;
            area.draw(&PathElement::new(line, colour.stroke_width(2))).map_err(said)?;
        }
        for (line, text) in self.notes.iter().enumerate() {
            let place = (GAP, self.y(self.shown.0) + line as u32 * LINE);
            area.draw_text(text, &style(HPos::Left, VPos::Top), pixel(place)).map_err(said)?;
        }
        area.present().map_err(said)
    }
}

fn pixel((x, y): (u32, u32)) -> (i32, i32) {
    (x as i32, y as i32)
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
        contact_sheet(&path, Tiles { values: images, rows, columns, height, width }, Legend::default())?;
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
        // A line of text below says how many rows are left out.
        assert_eq!(sheet(&vec![0.5; 500 * 40], 500, 40, 1, 1).unwrap().dimensions(), (16 * 66 + 2, 16 * 66 + 2 + LINE));
        assert_eq!(sheet(&vec![0.5; 3 * 900 * 600], 1, 1, 900, 600).unwrap().dimensions(), (149 + 4, 224 + 4));
    }

    #[test]
    fn names_stand_above_the_columns_and_a_line_ends_the_support() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("episode.png");
        let tiles = Tiles { values: &[1.0; 6], rows: 3, columns: 2, height: 1, width: 1 };
        let legend = Legend {
            columns: vec!["airplane".into(), "a name that is much longer than its tile is wide".into()],
            parts: vec![("support".into(), 1), ("query".into(), 2)],
            notes: vec!["2 of 20 classes".into()],
        };
        contact_sheet(&path, tiles, legend).unwrap();
        let sheet = image::open(&path).unwrap().to_rgb8();
        assert_eq!(sheet.dimensions(), (LEFT + 2 * 66 + 2, 2 * LINE + 3 * 66 + 2 + PART_GAP + LINE));
        let dark = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
            x.flat_map(|x| y.clone().map(move |y| (x, y))).filter(|(x, y)| sheet.get_pixel(*x, *y).0[0] < 190).count()
        };
        // The tiles are white, so what is dark is written: names, parts, the line, the note.
        let (first, second, end) = (LEFT..LEFT + 67, LEFT + 68..LEFT + 134, 2 * LINE + 68);
        assert!(dark(first, 0..2 * LINE) > 20 && dark(second, 0..LINE) > 20);
        assert!(dark(0..LEFT, 2 * LINE..end) > 20 && dark(0..LEFT, end + PART_GAP..end + 60) > 20);
        assert!(dark(LEFT..LEFT + 134, end - 1..end + PART_GAP) > 134);
        assert!(dark(0..LEFT + 134, sheet.height() - LINE..sheet.height()) > 20);
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
