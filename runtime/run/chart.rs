//! The drawing of curves over the steps of a run: the values as logged in a light colour, their average in a strong one.

use std::{path::Path, sync::Once};

use image::RgbImage;
use plotters::{
    coord::Shift,
    element::{DashedPathElement, DynElement, IntoDynElement},
    prelude::*,
    style::{
        FontStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    curve::Curve,
    marks::{Mark, with_room},
    png::write_png,
};
use crate::{Error, Result};

pub(super) const WIDTH: u32 = 900;
pub(super) const HEIGHT: u32 = 500;
/// Drawn so many times larger and reduced, which smooths lines and letters alike.
const SCALE: u32 = 2;
const FONT: &str = "Ubuntu Light";
pub(super) const INK: RGBColor = RGBColor(64, 68, 75);
const GRID: RGBColor = RGBColor(232, 234, 238);

/// The height of the strip above the curves that marks are named in.
const STRIP: u32 = 18;

/// A mark, and its colour.
pub(super) type Marked = (Mark, RGBColor);

/// Writes a PNG of 900 x 500 pixels of losses over steps, with a legend of the curves that have a label, and lines at the
/// marks, which come by step. Without curves there is nothing to draw and no file. Far outliers are drawn at the edge.
pub(super) fn write_chart(path: &Path, title: &str, curves: &[Curve], marks: &[Marked]) -> Result<()> {
    if curves.is_empty() {
        return Ok(());
    }
    let mut pixels = vec![255; (WIDTH * SCALE * HEIGHT * SCALE * 3) as usize];
    {
        let size = (WIDTH * SCALE, HEIGHT * SCALE);
        let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        draw(&area, title, curves, marks)
            .map_err(|error| Error::Internal { op: "chart".into(), message: error.to_string() })?;
    }
    let large = RgbImage::from_raw(WIDTH * SCALE, HEIGHT * SCALE, pixels).expect("three bytes for each pixel");
    write_png(path, &image::imageops::thumbnail(&large, WIDTH, HEIGHT))
}

type DrawingError = Box<dyn std::error::Error>;

fn draw(
    area: &DrawingArea<BitMapBackend, Shift>,
    title: &str,
    curves: &[Curve],
    marks: &[Marked],
) -> Result<(), DrawingError> {
    register_font();
    let font = |size: u32| (FONT, size * SCALE).into_font().color(&INK);
    let union = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
    let nothing = (f64::INFINITY, f64::NEG_INFINITY);
    let (first, last) = curves.iter().map(Curve::steps).fold(nothing, union);
    let (low, high) = curves.iter().map(Curve::values).fold(nothing, union);
    let steps = if first < last { first..last } else { first - 1.0..first + 1.0 };

    let marks: Vec<&Marked> = marks.iter().filter(|(mark, _)| (first..=last).contains(&(mark.step as f64))).collect();
    let strip = if marks.is_empty() { 0 } else { STRIP * SCALE };

    let below_title = area.margin(12 * SCALE, 12 * SCALE, 12 * SCALE, 28 * SCALE).titled(title, font(20))?;
    let mut chart = ChartBuilder::on(&below_title)
        .margin_top(strip)
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
    let at = |step, loss| chart.backend_coord(&(step, loss));
    draw_marks(area, &marks, first, |step| at(step, high), at(first, low).1)?;
    let shown: Vec<_> = curves.iter().map(|curve| (curve, curve.within(low, high))).collect();
    // The values of every curve first, so that they hide no average.
    for (curve, (raw, _)) in &shown {
        chart.draw_series(LineSeries::new(raw.iter().copied(), curve.raw))?;
    }
    for (curve, (raw, average)) in shown {
        if let [point] = raw[..] {
            chart.draw_series([Circle::new(point, 4 * SCALE, curve.smooth.filled())])?;
        }
        let (style, dashed) = (curve.smooth.stroke_width(2 * SCALE), curve.dashed);
        let drawn = chart.draw_series([line(average, style, dashed)])?;
        if !curve.label.is_empty() {
            // Raised to the middle of small letters, since a line of text has room for those that reach below it.
            let scale = SCALE as i32;
            let key = move |(x, y)| line(vec![(x, y - 2 * scale), (x + 24 * scale, y - 2 * scale)], style, dashed);
            drawn.label(&curve.label).legend(key);
        }
    }
    if curves.iter().any(|curve| !curve.label.is_empty()) {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .legend_area_size(32 * SCALE)
            .margin(6 * SCALE)
            .label_font(font(14))
            .background_style(WHITE.mix(0.85))
            .border_style(GRID.stroke_width(SCALE))
            .draw()?;
    }
    area.present()?;
    Ok(())
}

/// A line at each mark, behind the curves, and its name in the strip above, as far as there is room. `top` is where a
/// step is at the upper edge of the curves, `bottom` their lower one.
fn draw_marks(
    area: &DrawingArea<BitMapBackend, Shift>,
    marks: &[&Marked],
    first: f64,
    top: impl Fn(f64) -> (i32, i32),
    bottom: i32,
) -> Result<(), DrawingError> {
    let scale = SCALE as i32;
    let font = |colour: &RGBColor, horizontal| {
        (FONT, 13 * SCALE).into_font().color(colour).pos(Pos::new(horizontal, VPos::Bottom))
    };
    let placed: Vec<_> = marks.iter().map(|(mark, colour)| (mark, colour, top(mark.step as f64))).collect();
    let lines = with_room(placed.iter().map(|(_, _, (x, _))| (*x, *x)), 6 * scale);
    // The more there are, the paler, so that the curves stay what is seen first.
    let opacity = (12.0 / lines.iter().filter(|is_shown| **is_shown).count() as f64).clamp(0.15, 0.45);
    for (&(mark, colour, (x, y)), _) in placed.iter().zip(lines).filter(|(_, is_shown)| *is_shown) {
        let style = colour.mix(opacity).stroke_width(SCALE);
        area.draw(&line(vec![(x, y), (x, bottom)], style, !mark.is_edit()))?;
    }
    let mut spans = Vec::new();
    for (mark, colour, (x, _)) in &placed {
        let half = area.estimate_text_size(&mark.label(), &font(colour, HPos::Center))?.0 as i32 / 2;
        spans.push((x - half, x + half));
    }
    if placed.iter().any(|(mark, ..)| mark.is_edit()) {
        let corner = top(first);
        area.draw_text("edit", &font(&INK, HPos::Right), (corner.0 - 8 * scale, corner.1 - 2 * scale))?;
    }
    let names = with_room(spans, 6 * scale);
    for (&(mark, colour, (x, y)), _) in placed.iter().zip(names).filter(|(_, is_shown)| *is_shown) {
        area.draw_text(&mark.label(), &font(colour, HPos::Center), (x, y - 2 * scale))?;
    }
    Ok(())
}

fn line<'a, Point: Clone + 'static>(
    points: Vec<Point>,
    style: ShapeStyle,
    dashed: bool,
) -> DynElement<'static, BitMapBackend<'a>, Point> {
    if dashed {
        DashedPathElement::new(points, 7 * SCALE, 4 * SCALE, style).into_dyn()
    } else {
        PathElement::new(points, style).into_dyn()
    }
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
