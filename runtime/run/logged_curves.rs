//! The picture of everything that one run logged, over its steps: the loss, and a chart for each other metric. Metrics
//! of different kinds share no axis.

use std::path::Path;

use plotters::style::RGBColor;

use super::{
    chart::Chart,
    curve::Curve,
    lettering::{INK, lines},
    marks::Mark,
    picture::write_charts,
};
use crate::Result;

const RAW: RGBColor = RGBColor(138, 176, 226);
const SMOOTH: RGBColor = RGBColor(31, 90, 168);

const BACK: RGBColor = RGBColor(190, 84, 24);

/// How many charts there are besides the loss; the picture of more would be no picture any more.
const MOST: usize = 60;

/// Writes a PNG, 900 pixels wide: the loss 900 x 500, and below it a small chart for each other series of `(step,
/// value)` points; with lines where an edit took effect or the training was taken back. An axis is logarithmic where
/// all values are over 0 and span two decades. Values that are not finite are skipped; a series without any other has
/// no chart, and where none has there is no file. Far outliers are plotted at the edge.
///
/// # Errors
/// The file cannot be written.
pub fn logged_curves<'a>(
    path: &Path,
    title: &str,
    logged: impl IntoIterator<Item = (&'a str, &'a [(u64, f64)])>,
    marks: &[Mark],
) -> Result<()> {
    let coloured = |mark: &Mark| (mark.clone(), if mark.is_edit() { INK } else { BACK });
    let marks: Vec<_> = marks.iter().map(coloured).collect();
    let (mut large, mut small) = (None, Vec::new());
    for (name, series) in logged {
        let Some(curve) = Curve::new(series, RAW, SMOOTH) else { continue };
        let curves = vec![curve];
        if name == "loss" {
            large = Some(Chart { title: title.to_owned(), values: "loss", curves });
        } else if small.len() < MOST {
            let title = lines(name, 15, 270, 1).concat();
            small.push(Chart { title, values: "", curves });
        }
    }
    write_charts(path, large, small, &marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{
        MarkKind,
        picture::{HEIGHT, WIDTH},
    };

    fn loss_curve(path: &Path, title: &str, series: &[(u64, f64)], marks: &[Mark]) -> Result<()> {
        logged_curves(path, title, [("loss", series)], marks)
    }

    fn is_drawn(series: &[(u64, f64)]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loss.png");
        loss_curve(&path, "test", series, &[]).unwrap();
        path.exists() && image::open(&path).unwrap().to_rgb8().dimensions() == (WIDTH, HEIGHT)
    }

    fn plotted(marks: &[Mark]) -> image::RgbImage {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loss.png");
        let series: Vec<_> = (1..=400).map(|step| (step, 1.0 + 300.0 / (60.0 + step as f64))).collect();
        loss_curve(&path, "test", &series, marks).unwrap();
        image::open(&path).unwrap().to_rgb8()
    }

    fn edit(step: u64, number: u64) -> Mark {
        Mark { step, kind: MarkKind::Edit(number) }
    }

    /// The columns that are grey or coloured from top to bottom of the curves' area, grid and axis left out.
    fn lines(picture: &image::RgbImage) -> Vec<u32> {
        let is_marked = |x: &u32| (100..400).filter(|y| picture.get_pixel(*x, *y).0[2] < 200).count() > 120;
        (90..WIDTH - 30).filter(is_marked).collect()
    }

    #[test]
    fn without_a_mark_on_the_curve_the_picture_is_as_it_would_be_without_any() {
        let plain = plotted(&[]);
        assert_eq!(lines(&plain), [0; 0]);
        assert!(plotted(&[edit(0, 1), edit(401, 2)]) == plain);
    }

    #[test]
    fn marks_are_lines_at_their_steps() {
        let rewind = Mark { step: 300, kind: MarkKind::Rewind(1) };
        let found = lines(&plotted(&[edit(100, 1), edit(200, 2), rewind]));
        let distances: Vec<_> =
            found.windows(2).map(|pair| pair[1] - pair[0]).filter(|distance| *distance > 1).collect();
        assert!(matches!(distances[..], [a, b] if a.abs_diff(b) < 3 && a.abs_diff(199) < 5), "{found:?}");
    }

    #[test]
    fn many_marks_hide_neither_the_curve_nor_each_other() {
        let many: Vec<_> = (2..=400).map(|step| edit(step, step - 1)).collect();
        let curve = |picture: &image::RgbImage| {
            picture.pixels().filter(|pixel| pixel.0[0] < 80 && pixel.0[2].abs_diff(SMOOTH.2) < 30).count()
        };
        let (plain, marked) = (curve(&plotted(&[])), curve(&plotted(&many)));
        assert!(plain > 500 && marked * 20 > plain * 19, "{marked} of {plain}");
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
    fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
        let message = loss_curve(Path::new("no such folder/loss.png"), "", &[(1, 1.0)], &[]).unwrap_err().to_string();
        assert!(message.starts_with("write: no such folder/loss.png: "), "{message}");
    }

    fn size(logged: &[(&str, &[(u64, f64)])]) -> Option<(u32, u32)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loss.png");
        logged_curves(&path, "test", logged.iter().copied(), &[edit(2, 1)]).unwrap();
        path.exists().then(|| image::open(&path).unwrap().to_rgb8().dimensions())
    }

    #[test]
    fn a_mark_is_a_line_in_every_chart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loss.png");
        let flat: Vec<_> = (1..=400).map(|step| (step, 1.0)).collect();
        let logged = ["loss", "a", "b"].map(|name| (name, flat.as_slice()));
        logged_curves(&path, "test", logged, &[edit(200, 1)]).unwrap();
        let picture = image::open(&path).unwrap().to_rgb8();
        let columns = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
            let is_line = |x: &u32| y.clone().filter(|y| picture.get_pixel(*x, *y).0[2] < 225).count() > 60;
            x.filter(is_line).count()
        };
        // The grid is paler than a mark, and the axes lie at the edges.
        let below = HEIGHT + 60..HEIGHT + 200;
        assert!(columns(90..WIDTH - 30, 100..400) > 0);
        assert!(columns(90..420, below.clone()) > 0 && columns(540..870, below) > 0);
    }

    #[test]
    fn each_metric_has_a_chart_of_its_own_and_one_without_a_finite_value_has_none() {
        let (some, none) = (&[(1, 0.5), (2, 2.0), (3, -1.0)][..], &[(1, f64::NAN)][..]);
        assert_eq!(size(&[("loss", some), ("lr", some), ("accuracy", some)]), Some((WIDTH, HEIGHT + 250)));
        assert_eq!(size(&[("loss", some), ("lr", none)]), Some((WIDTH, HEIGHT)));
        assert_eq!(size(&[("accuracy", some)]), Some((WIDTH, 250)));
        let names: Vec<String> = (0..12).map(|number| format!("{number}").repeat(number * 9 + 1)).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), some)).collect();
        assert_eq!(size(&many), Some((WIDTH, 4 * 190)));
        assert_eq!(size(&[("lr", none)]), None);
    }
}
