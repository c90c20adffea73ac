//! The picture of several runs' losses over their steps.

use std::path::Path;

use plotters::style::RGBColor;

use super::Comparison;
use crate::{
    Result,
    run::{
        chart::{Chart, Marked},
        curve::Curve,
        picture::write_charts,
    },
};

/// Told apart with every kind of colour blindness (Okabe and Ito, "Color Universal Design", 2008); without their
/// yellow, which is too pale for a line on white.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

impl Comparison {
    /// Writes a PNG of 900 x 500 pixels of the runs' losses, with a legend and their edits, and tells whether any run
    /// has logged one; otherwise there is no file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_plot(&self, path: &Path) -> Result<bool> {
        let curves = self.runs.iter().enumerate().filter_map(|(position, run)| {
            let colour = COLOURS[position % COLOURS.len()];
            let mut curve = Curve::new(run.logged.series("loss"), paler(colour), colour)?;
            curve.label = shortened(&run.label);
            curve.dashed = position / COLOURS.len() % 2 == 1;
            Some(curve)
        });
        let curves: Vec<Curve> = curves.collect();
        let marks = self.runs.iter().enumerate().flat_map(|(position, run)| {
            run.marks.iter().map(move |mark| (mark.clone(), COLOURS[position % COLOURS.len()]))
        });
        let mut marks: Vec<Marked> = marks.collect();
        marks.sort_by_key(|(mark, _)| mark.step);
        if curves.is_empty() {
            return Ok(false);
        }
        let chart = Chart { title: format!("losses of {} runs", curves.len()), values: "loss", curves };
        write_charts(path, Some(chart), Vec::new(), &marks)?;
        Ok(true)
    }
}

/// Mixed with white, so that the values lie behind their average.
fn paler(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let mix = |channel: u8| 255 - (255 - channel) / 4;
    RGBColor(mix(red), mix(green), mix(blue))
}

/// A legend wider than half the picture would hide the curves; the ends of long names tell more than their middles.
fn shortened(label: &str) -> String {
    const LETTERS: usize = 48;
    let letters: Vec<char> = label.chars().collect();
    if letters.len() <= LETTERS {
        return label.to_owned();
    }
    let (start, end) = (&letters[..LETTERS / 2], &letters[letters.len() - LETTERS / 2..]);
    start.iter().chain(&['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::comparison;
    use super::*;
    use serde_json::{Value, json};

    fn plotted(runs: &[(Value, &[f64])]) -> Option<image::RgbImage> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("compare.png");
        let is_drawn = comparison(runs).write_plot(&path).unwrap();
        assert_eq!(is_drawn, path.exists());
        is_drawn.then(|| image::open(&path).unwrap().to_rgb8())
    }

    #[test]
    fn every_run_has_a_curve_of_its_colour() {
        let losses: Vec<Vec<f64>> = (0..9).map(|run| vec![f64::from(run); 20]).collect();
        let runs: Vec<_> = losses.iter().map(|losses| (json!({}), losses.as_slice())).collect();
        let picture = plotted(&runs).unwrap();
        for colour in COLOURS {
            let is_near = |pixel: &image::Rgb<u8>| {
                pixel.0.iter().zip([colour.0, colour.1, colour.2]).all(|(a, b)| a.abs_diff(b) < 12)
            };
            assert!(picture.pixels().filter(|pixel| is_near(pixel)).count() > 300, "{colour:?}");
        }
    }

    #[test]
    fn a_run_without_a_loss_has_no_curve_and_none_with_one_no_picture() {
        assert!(plotted(&[(json!({}), &[f64::NAN]), (json!({}), &[1.0])]).is_some());
        assert!(plotted(&[(json!({}), &[f64::NAN]), (json!({}), &[f64::NAN])]).is_none());
    }

    #[test]
    fn a_long_name_keeps_its_ends() {
        let name = format!("start{}end", "x".repeat(60));
        let short = shortened(&name);
        assert!(short.starts_with("start") && short.ends_with("end") && short.chars().count() == 49, "{short}");
    }
}
