//! A picture of charts: a large one above, small ones below it in columns. It knows nothing of what they show.

use std::path::Path;

use image::RgbImage;
use plotters::prelude::*;

use super::{
    chart::{Chart, DrawingError, Marked, SCALE},
    png::write_png,
};
use crate::{Error, Result};

pub(super) const WIDTH: u32 = 900;
/// Of a large chart.
pub(super) const HEIGHT: u32 = 500;
/// Small charts beside each other, and how high they are, by how many there are at most.
const GRIDS: [(usize, usize, u32); 3] = [(1, 1, 250), (4, 2, 250), (usize::MAX, 3, 190)];

/// Writes a PNG 900 pixels wide: the large chart, 500 pixels high, if there is one, and the small ones. Without charts
/// there is nothing to plot and no file. Far outliers are plotted at the edge. The marks come by step.
pub(super) fn write_charts(path: &Path, large: Option<Chart>, small: Vec<Chart>, marks: &[Marked]) -> Result<()> {
    let (columns, below) = GRIDS.iter().find(|(most, ..)| small.len() <= *most).map_or((1, 0), |grid| (grid.1, grid.2));
    let rows = small.len().div_ceil(columns) as u32;
    let above = if large.is_some() { HEIGHT } else { 0 };
    let height = above + rows * below;
    if height == 0 {
        return Ok(());
    }
    let mut pixels = vec![255; (WIDTH * SCALE * height * SCALE * 3) as usize];
    let plotted = || -> std::result::Result<(), DrawingError> {
        let area = BitMapBackend::with_buffer(&mut pixels, (WIDTH * SCALE, height * SCALE)).into_drawing_area();
        let (top, bottom) = area.split_vertically(above * SCALE);
        if let Some(large) = large {
            large.plot(&top, marks, true)?;
        }
        if !small.is_empty() {
            let places = bottom.split_evenly((rows as usize, columns));
            small.into_iter().zip(places).try_for_each(|(chart, place)| chart.plot(&place, marks, false))?;
        }
        Ok(area.present()?)
    };
    plotted().map_err(|error| Error::Internal { op: "chart".into(), message: error.to_string() })?;
    let picture = RgbImage::from_raw(WIDTH * SCALE, height * SCALE, pixels).expect("three bytes for each pixel");
    write_png(path, &image::imageops::thumbnail(&picture, WIDTH, height))
}
