//! The plotting of curves over the steps of a run: the values as logged in a light colour, their average in a strong
//! one.

use plotters::{
    coord::Shift,
    element::{DashedPathElement, DynElement, IntoDynElement},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    curve::Curve,
    lettering::{INK, font, ink},
    marks::{Mark, with_room},
};
use crate::Result;

const GRID: RGBColor = RGBColor(232, 234, 238);

/// Plotted so many times larger and reduced, which smooths lines and letters alike.
pub(super) const SCALE: u32 = 2;

/// The height of the strip above the curves that marks are named in.
const STRIP: u32 = 18;

/// Values that span so many decades get a logarithmic axis.
const DECADES: f64 = 2.0;

/// A mark, and its colour.
pub(super) type Marked = (Mark, RGBColor);

/// Curves on the same axes.
pub(super) struct Chart {
    pub title: String,
    /// What the values are; nothing where the title says it.
    pub values: &'static str,
    /// At least one.
    pub curves: Vec<Curve>,
}

pub(super) type DrawingError = Box<dyn std::error::Error>;

impl Chart {
    /// Whether the axis of values is logarithmic: all are over 0, and they span decades.
    fn is_logarithmic(&self) -> bool {
        let decades = self
            .curves
            .iter()
            .map(Curve::decades)
            .try_fold(RANGE_OF_NOTHING, |all, of_curve| of_curve.map(|(low, high)| union(all, (low, high))));
        decades.is_some_and(|(low, high)| high - low >= DECADES)
    }

    /// Plots the curves, a legend of those that have a label, and lines at the marks, which come by step. Letters and
    /// margins are those of a large chart or of one of many small ones.
    pub(super) fn plot(
        self,
        area: &DrawingArea<BitMapBackend, Shift>,
        marks: &[Marked],
        is_large: bool,
    ) -> Result<(), DrawingError> {
        let is_logarithmic = self.is_logarithmic();
        let curves: Vec<Curve> =
            if is_logarithmic { self.curves.into_iter().map(Curve::logarithmic).collect() } else { self.curves };
        let (first, last) = curves.iter().map(Curve::steps).fold(RANGE_OF_NOTHING, union);
        let (low, high) = curves.iter().map(Curve::values).fold(RANGE_OF_NOTHING, union);
        let steps = if first < last { first..last } else { first - 1.0..first + 1.0 };

        let marks: Vec<&Marked> =
            marks.iter().filter(|(mark, _)| (first..=last).contains(&(mark.step as f64))).collect();
        let strip = if marks.is_empty() { 0 } else { STRIP * SCALE };
        let letters = if is_large { 14 } else { 12 };

        let inside = area.margin(12 * SCALE, 12 * SCALE, 12 * SCALE, 28 * SCALE);
        let below_title = inside.titled(&self.title, ink(if is_large { 20 } else { 15 } * SCALE))?;
        let mut chart = ChartBuilder::on(&below_title)
            .margin_top(strip)
            .x_label_area_size(if is_large { 44 } else { 22 } * SCALE)
            .y_label_area_size(62 * SCALE)
            .build_cartesian_2d(steps, low..high)?;
        chart
            .configure_mesh()
            .x_desc(if is_large { "step" } else { "" })
            .y_desc(self.values)
            .x_labels(if is_large { 8 } else { 4 })
            .y_labels(if is_large { 7 } else { 5 })
            .x_label_formatter(&|step| if step.fract() == 0.0 { step.to_string() } else { String::new() })
            .y_label_formatter(&|value| match is_logarithmic {
                true => decade(*value),
                false => tick(*value, high - low),
            })
            .label_style(ink(letters * SCALE))
            .axis_desc_style(ink(16 * SCALE))
            .axis_style(INK.stroke_width(SCALE))
            .bold_line_style(GRID.stroke_width(SCALE))
            .light_line_style(TRANSPARENT)
            .draw()?;
        // What is plotted on the area counts from its corner, and the chart from the picture's.
        let corner = area.get_base_pixel();
        let at = |step, value| {
            let (x, y) = chart.backend_coord(&(step, value));
            (x - corner.0, y - corner.1)
        };
        plot_marks(area, &marks, first, |step| at(step, high), at(first, low).1)?;
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
            let plotted = chart.draw_series([line(average, style, dashed)])?;
            if !curve.label.is_empty() {
                // Raised to the middle of small letters, since a line of text has room for those that reach below it.
                let scale = SCALE as i32;
                let key = move |(x, y)| line(vec![(x, y - 2 * scale), (x + 24 * scale, y - 2 * scale)], style, dashed);
                plotted.label(&curve.label).legend(key);
            }
        }
        if curves.iter().any(|curve| !curve.label.is_empty()) {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .legend_area_size(32 * SCALE)
                .margin(6 * SCALE)
                .label_font(ink(14 * SCALE))
                .background_style(WHITE.mix(0.85))
                .border_style(GRID.stroke_width(SCALE))
                .draw()?;
        }
        Ok(())
    }
}

const RANGE_OF_NOTHING: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

fn union(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// A line at each mark, behind the curves, and its name in the strip above, as far as there is room. `top` is where a
/// step is at the upper edge of the curves, `bottom` their lower one.
fn plot_marks(
    area: &DrawingArea<BitMapBackend, Shift>,
    marks: &[&Marked],
    first: f64,
    top: impl Fn(f64) -> (i32, i32),
    bottom: i32,
) -> Result<(), DrawingError> {
    let scale = SCALE as i32;
    let font = |colour: &RGBColor, horizontal| font(13 * SCALE).color(colour).pos(Pos::new(horizontal, VPos::Bottom));
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
    // A zero that rounding has left a sign.
    let value = if value.abs() < range * 1e-9 { 0.0 } else { value };
    if decimals > 4 || value.abs() >= 1e6 { format!("{value:.2e}") } else { format!("{value:.decimals$}") }
}

/// The value of a power of ten where it is a whole one; other ticks of a logarithmic axis stay without a number.
fn decade(power: f64) -> String {
    match (power.round(), (power - power.round()).abs() < 1e-9) {
        (power, true) if (-4.0..6.0).contains(&power) => {
            format!("{:.*}", (-power).max(0.0) as usize, 10_f64.powf(power))
        }
        (power, true) => format!("1e{power}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_logarithmic(curves: &[&[f64]]) -> bool {
        let curve = |values: &&[f64]| {
            let series: Vec<_> = values.iter().enumerate().map(|(step, value)| (step as u64, *value)).collect();
            Curve::new(&series, BLACK, BLACK).unwrap()
        };
        Chart { title: String::new(), values: "", curves: curves.iter().map(curve).collect() }.is_logarithmic()
    }

    #[test]
    fn the_axis_is_logarithmic_where_all_values_are_over_0_and_span_two_decades() {
        assert!(is_logarithmic(&[&[5.0, 0.3, 0.04]]));
        assert!(is_logarithmic(&[&[5.0, 4.0], &[0.04, 0.05]]), "two runs a hundredfold apart");
        assert!(is_logarithmic(&[&[5.0, f64::NAN, 0.04]]));
        for values in [&[5.0, 0.06][..], &[5.0, 0.04, 0.0], &[5.0, 0.04, -1.0], &[3.0; 9], &[7.0]] {
            assert!(!is_logarithmic(&[values]), "{values:?}");
        }
        let mut spiked = vec![5.0; 1000];
        spiked[500] = 1e9;
        assert!(!is_logarithmic(&[&spiked]), "one spike is no decade");
    }

    #[test]
    fn a_logarithmic_axis_names_whole_powers_of_ten_only() {
        let named = [-5.0, -2.0, 0.0, 0.5, 2.0, 6.0].map(decade);
        assert_eq!(named, ["1e-5", "0.01", "1", "", "100", "1e6"]);
    }

    #[test]
    fn a_tick_at_zero_has_no_sign() {
        assert_eq!([tick(-1e-17, 2.0), tick(-0.5, 2.0), tick(1e7, 1e7)], ["0.0", "-0.5", "1.00e7"]);
    }
}
