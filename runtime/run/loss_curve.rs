//! The picture of a loss over the steps: the values as logged in a light colour, their average in a strong one.

use std::{path::Path, sync::Once};

use image::RgbImage;
use plotters::{coord::Shift, prelude::*, style::FontStyle};

use super::png::write_png;
use crate::{Error, Result};

const WIDTH: u32 = 900;
const HEIGHT: u32 = 500;
/// Drawn so many times larger and reduced, which smooths lines and letters alike.
const SCALE: u32 = 2;
const FONT: &str = "Ubuntu Light";
const RAW: RGBColor = RGBColor(138, 176, 226);
const SMOOTH: RGBColor = RGBColor(31, 90, 168);
const INK: RGBColor = RGBColor(64, 68, 75);
const GRID: RGBColor = RGBColor(232, 234, 238);

/// Writes a PNG of 900 x 500 pixels of `(step, loss)` points. Values that are not finite are skipped; without
/// any other there is nothing to draw and no file. Far outliers are drawn at the edge.
pub fn loss_curve(path: &Path, title: &str, series: &[(u64, f64)]) -> Result<()> {
    let finite: Vec<_> = series.iter().copied().filter(|(_, value)| value.is_finite()).collect();
    if finite.is_empty() {
        return Ok(());
    }
    let mut pixels = vec![255; (WIDTH * SCALE * HEIGHT * SCALE * 3) as usize];
    {
        let size = (WIDTH * SCALE, HEIGHT * SCALE);
        let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        draw(&area, title, &finite)
            .map_err(|error| Error::Internal { op: "loss_curve".into(), message: error.to_string() })?;
    }
    let large = RgbImage::from_raw(WIDTH * SCALE, HEIGHT * SCALE, pixels).expect("three bytes for each pixel");
    write_png(path, &image::imageops::thumbnail(&large, WIDTH, HEIGHT))
}

type DrawingError = Box<dyn std::error::Error>;

fn draw(area: &DrawingArea<BitMapBackend, Shift>, title: &str, points: &[(u64, f64)]) -> Result<(), DrawingError> {
    register_font();
    let font = |size: u32| (FONT, size * SCALE).into_font().color(&INK);
    let (low, high) = value_range(points);
    let (first, last) = points
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(first, last), (step, _)| (first.min(*step as f64), last.max(*step as f64)));
    let steps = if first < last { first..last } else { first - 1.0..first + 1.0 };
    let shown: Vec<_> = points.iter().map(|(step, value)| (*step as f64, value.clamp(low, high))).collect();

    let mut chart = ChartBuilder::on(area)
        .caption(title, font(20))
        .margin(12 * SCALE)
        .margin_right(28 * SCALE)
        .x_label_area_size(44 * SCALE)
        .y_label_area_size(62 * SCALE)
        .build_cartesian_2d(steps, low..high)?;
    chart
        .configure_mesh()
        .x_desc("step")
        .y_desc("loss")
        .x_labels(8)
        .y_labels(7)
        .x_label_formatter(&|step| if step.fract() == 0.0 { step.to_string() } else { String::new() })
        .y_label_formatter(&|value| tick(*value, high - low))
        .label_style(font(14))
        .axis_desc_style(font(16))
        .axis_style(INK.stroke_width(SCALE))
        .bold_line_style(GRID.stroke_width(SCALE))
        .light_line_style(TRANSPARENT)
        .draw()?;
    if let [point] = shown[..] {
        chart.draw_series([Circle::new(point, 4 * SCALE, SMOOTH.filled())])?;
    }
    let raw = if shown.len() > WIDTH as usize { extremes(&shown) } else { shown.clone() };
    chart.draw_series(LineSeries::new(raw, RAW))?;
    let average = smoothed(&shown).into_iter().step_by(per_pixel(&shown));
    chart.draw_series(LineSeries::new(average, SMOOTH.stroke_width(2 * SCALE)))?;
    area.present()?;
    Ok(())
}

/// From the lowest to the highest value with a little room. An outlier farther from the central 98 % of the
/// values than these are wide is left out, since a single spike would flatten the whole curve.
fn value_range(points: &[(u64, f64)]) -> (f64, f64) {
    let mut sorted: Vec<f64> = points.iter().map(|point| point.1).collect();
    sorted.sort_by(f64::total_cmp);
    let (lowest, highest) = (sorted[0], sorted[sorted.len() - 1]);
    let rank = (sorted.len() - 1) / 100;
    let (inner_low, inner_high) = (sorted[rank], sorted[sorted.len() - 1 - rank]);
    let spread = inner_high - inner_low;
    let (low, high) = if spread > 0.0 {
        (lowest.max(inner_low - spread), highest.min(inner_high + spread))
    } else {
        (lowest, highest)
    };
    let room = if high > low { (high - low) * 0.05 } else { high.abs().max(1.0) * 0.05 };
    ((low - room).max(f64::MIN / 4.0), (high + room).min(f64::MAX / 4.0))
}

/// The exponential moving average over about a hundredth of the points, from both ends, so that it does not lag
/// behind. Dividing by the sum of the weights removes the pull towards the first value (Kingma and Ba, "Adam",
/// 2015, section 3).
fn smoothed(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let decay = 1.0 - 1.0 / (points.len() as f64 / 100.0).max(1.0);
    let average = |(sum, weight): &mut (f64, f64), value: f64| {
        (*sum, *weight) = (decay * *sum + (1.0 - decay) * value, decay * *weight + (1.0 - decay));
        Some((*sum, *weight))
    };
    let forward = points.iter().scan((0.0, 0.0), |state, point| average(state, point.1));
    let mut backward: Vec<_> = points.iter().rev().scan((0.0, 0.0), |state, point| average(state, point.1)).collect();
    backward.reverse();
    let sums = forward.zip(backward).map(|(ahead, back)| (ahead.0 + back.0) / (ahead.1 + back.1));
    points.iter().zip(sums).map(|(point, value)| (point.0, value)).collect()
}

/// The lowest and the highest of the points that share a pixel: what a line through all of them would cover.
fn extremes(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let pairs = points.chunks(per_pixel(points)).flat_map(|chunk| {
        let low = chunk.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = chunk.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        low.into_iter().chain(high).copied()
    });
    pairs.collect()
}

fn per_pixel(points: &[(f64, f64)]) -> usize {
    points.len().div_ceil(WIDTH as usize).max(1)
}

/// As many decimals as tell neighbouring ticks apart, or an exponent where that is shorter.
fn tick(value: f64, range: f64) -> String {
    let decimals = (1.0 - range.log10().floor()).max(0.0) as usize;
    if decimals > 4 || value.abs() >= 1e6 { format!("{value:.2e}") } else { format!("{value:.decimals$}") }
}

/// The fonts of the machine are left alone: it may have none, and the picture is the same everywhere.
fn register_font() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let registered = plotters::style::register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT);
        debug_assert!(registered.is_ok(), "the font that is compiled in is valid");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_drawn(series: &[(u64, f64)]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loss.png");
        loss_curve(&path, "test", series).unwrap();
        path.exists() && image::open(&path).unwrap().to_rgb8().dimensions() == (WIDTH, HEIGHT)
    }

    #[test]
    fn without_a_finite_value_there_is_no_file() {
        assert!(!is_drawn(&[]));
        assert!(!is_drawn(&[(1, f64::NAN), (2, f64::INFINITY)]));
    }

    #[test]
    fn any_other_series_gives_a_picture() {
        assert!(is_drawn(&[(1, 2.0)]));
        assert!(is_drawn(&[(7, 0.0), (7, 0.0)]));
        assert!(is_drawn(&[(1, 2.0), (2, f64::NAN), (3, 1.0)]));
        assert!(is_drawn(&[(9, 1.0), (2, 3.0)]));
        assert!(is_drawn(&[(0, f64::MIN), (u64::MAX, f64::MAX)]));
        assert!(is_drawn(&[(0, 1e-300), (1, 2e-300)]));
    }

    #[test]
    fn a_single_spike_does_not_set_the_range() {
        let mut points: Vec<_> = (0..1000).map(|step| (step, 5.0 - step as f64 / 1000.0)).collect();
        points[500].1 = 1e9;
        let (low, high) = value_range(&points);
        assert!(low > 3.5 && high < 7.0, "{low} {high}");
    }

    #[test]
    fn the_average_of_a_constant_is_that_constant() {
        let points: Vec<_> = (0..1000).map(|step| (f64::from(step), 3.0)).collect();
        assert!(smoothed(&points).iter().all(|(_, value)| (value - 3.0).abs() < 1e-12));
    }

    #[test]
    fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
        let message = loss_curve(Path::new("no such folder/loss.png"), "", &[(1, 1.0)]).unwrap_err().to_string();
        assert!(message.starts_with("write: no such folder/loss.png: "), "{message}");
    }
}
