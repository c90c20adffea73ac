//! One curve of a chart: what of its points is plotted, and its average. It plots nothing.

use plotters::style::RGBColor;

/// A curve of more points than a chart has pixels is reduced to this many columns.
const PIXELS: usize = 900;

/// The finite points of a series, its colours and its name.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    /// What the legend calls it.
    pub label: String,
    /// Of the values themselves.
    pub raw: RGBColor,
    /// Of their average.
    pub smooth: RGBColor,
    /// Whether the average is plotted in dashes.
    pub dashed: bool,
    points: Points,
}

type Points = Vec<(f64, f64)>;

impl Curve {
    /// A curve without a name. Values that are not finite are left out; none where there is no other.
    pub(super) fn new(series: &[(u64, f64)], raw: RGBColor, smooth: RGBColor) -> Option<Self> {
        let finite = series.iter().filter(|(_, value)| value.is_finite());
        let points: Vec<_> = finite.map(|&(step, value)| (step as f64, value)).collect();
        (!points.is_empty()).then_some(Self { label: String::new(), raw, smooth, dashed: false, points })
    }

    /// The powers of ten of its lowest and its highest value, outliers left out; none where a value is not over 0.
    pub(super) fn decades(&self) -> Option<(f64, f64)> {
        self.points.iter().all(|point| point.1 > 0.0).then(|| self.clone().logarithmic().inner())
    }

    /// The curve of the values' powers of ten, all of which are over 0. Its average is that of the powers.
    pub(super) fn logarithmic(mut self) -> Self {
        self.points.iter_mut().for_each(|point| point.1 = point.1.log10());
        self
    }

    /// The bounds of the central 98 % of the values.
    fn inner(&self) -> (f64, f64) {
        let mut sorted: Vec<f64> = self.points.iter().map(|point| point.1).collect();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() - 1) / 100;
        (sorted[rank], sorted[sorted.len() - 1 - rank])
    }

    /// The lowest and the highest step.
    pub(super) fn steps(&self) -> (f64, f64) {
        let steps = self.points.iter().map(|point| point.0);
        steps.fold((f64::INFINITY, 0.0_f64), |(first, last), step| (first.min(step), last.max(step)))
    }

    /// From the lowest to the highest value with a little room. An outlier is left out, since a single spike would
    /// flatten the whole curve. It is a value whose distance from the central 98 % of the values exceeds their width.
    pub(super) fn values(&self) -> (f64, f64) {
        let values = self.points.iter().map(|point| point.1);
        let (lowest, highest) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let (inner_low, inner_high) = self.inner();
        let spread = inner_high - inner_low;
        let (low, high) = if spread > 0.0 {
            (lowest.max(inner_low - spread), highest.min(inner_high + spread))
        } else {
            (lowest, highest)
        };
        let room = if high > low { (high - low) * 0.05 } else { high.abs().max(1.0) * 0.05 };
        ((low - room).max(f64::MIN / 4.0), (high + room).min(f64::MAX / 4.0))
    }

    /// The values and their average, plotted no lower and no higher than these, and no more of them than there are
    /// pixels.
    pub(super) fn within(&self, low: f64, high: f64) -> (Points, Points) {
        let shown: Vec<_> = self.points.iter().map(|(step, value)| (*step, value.clamp(low, high))).collect();
        let average = smoothed(&shown).into_iter().step_by(per_pixel(&shown)).collect();
        (if shown.len() > PIXELS { extremes(&shown) } else { shown }, average)
    }
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
    points.len().div_ceil(PIXELS).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::style::BLACK;

    #[test]
    fn a_single_spike_does_not_set_the_range() {
        let mut points: Vec<_> = (0..1000).map(|step| (step, 5.0 - step as f64 / 1000.0)).collect();
        points[500].1 = 1e9;
        let (low, high) = Curve::new(&points, BLACK, BLACK).unwrap().values();
        assert!(low > 3.5 && high < 7.0, "{low} {high}");
    }

    #[test]
    fn the_average_of_a_constant_is_that_constant() {
        let points: Vec<_> = (0..1000).map(|step| (f64::from(step), 3.0)).collect();
        assert!(smoothed(&points).iter().all(|(_, value)| (value - 3.0).abs() < 1e-12));
    }
}
