//! Mean and spread of each channel: of some rows, and of what several parts found.

use super::rows::Rows;

/// The rows of a part that its first guess of a mean is taken from: one in so many. A mean that is off by d standard
/// deviations makes the error of a variance 1 + d² times as large, and d² is below this.
const GUESS: usize = 16;

/// What some values have per channel.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tensor) struct Moments {
    /// How many values a channel has.
    pub count: usize,
    /// `[C]`.
    pub mean: Vec<f64>,
    /// `[C]`, Σ (x − mean)².
    pub squares: Vec<f64>,
}

impl Moments {
    /// Those of rows of channels. They are read once.
    pub fn of(rows: Rows, values: &[f32]) -> Self {
        let parts = rows.of_parts(|part| part_of(rows, &values[part]));
        Self::combined(parts).unwrap_or(Self { count: 0, mean: Vec::new(), squares: Vec::new() })
    }

    /// Those of all parts together, added up in their order; none without a part. Chan, Golub and LeVeque, Updating
    /// Formulae and a Pairwise Algorithm for Computing Sample Variances (1979).
    pub fn combined(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|mut all, part| {
            let (before, count) = (all.count as f64, part.count as f64);
            let share = count / (before + count);
            let weight = before * share;
            let found = part.mean.iter().zip(&part.squares);
            for ((mean, squares), (other, others)) in all.mean.iter_mut().zip(&mut all.squares).zip(found) {
                let apart = other - *mean;
                *mean += apart * share;
                *squares += others + apart * apart * weight;
            }
            all.count += part.count;
            all
        })
    }
}

fn part_of(rows: Rows, values: &[f32]) -> Moments {
    let channels = rows.channels;
    let count = values.len() / channels;
    let first = &values[..count.div_ceil(GUESS) * channels];
    let sums = rows.pairs([first], &rows.repeated(&vec![0.0; channels]), |[value], _| [value, 0.0]);
    let guess: Vec<f32> = sums[..channels].iter().map(|sum| (sum / (first.len() / channels) as f64) as f32).collect();
    let mut sums = rows.pairs([values], &rows.repeated(&guess), |[value], guess| {
        let apart = value - guess;
        [apart, apart * apart]
    });
    let mut squares = sums.split_off(channels);
    for ((sum, squares), guess) in sums.iter_mut().zip(&mut squares).zip(&guess) {
        let rest = *sum / count as f64;
        *squares = (*squares - *sum * rest).max(0.0);
        *sum = f64::from(*guess) + rest;
    }
    Moments { count, mean: sums, squares }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn mean_and_squares_are_those_of_float64_however_a_part_begins() {
        for (count, channels) in [(2, 3), (7, 1), (70_001, 1), (5000, 20), (3000, 64), (300, 513)] {
            let rows = Rows::of(&[count, channels]);
            let mut draws = Stream::new(3, "moments").at(0, 0, 0, 0);
            let mut values: Vec<f32> = (0..count * channels).map(|_| draws.normal() + 100.0).collect();
            // What a part begins with is far from the rest of it.
            values[..channels].fill(-1000.0);
            let found = Moments::of(rows, &values);
            assert_eq!(found.count, count);
            for channel in 0..channels {
                let own = || values[channel..].iter().step_by(channels).map(|value| f64::from(*value));
                let mean = own().sum::<f64>() / count as f64;
                let squares: f64 = own().map(|value| (value - mean).powi(2)).sum();
                let off = (found.mean[channel] - mean).abs() / mean.abs();
                assert!(off < 1e-6, "{count}×{channels}: mean {} for {mean}", found.mean[channel]);
                let off = (found.squares[channel] / squares - 1.0).abs();
                assert!(off < 1e-5, "{count}×{channels}: {} for {squares}", found.squares[channel]);
            }
        }
    }

    #[test]
    fn parts_together_are_the_whole() {
        let whole = Rows::of(&[1000, 3]);
        let values: Vec<f32> = (0..3000).map(|place| ((place * 37) % 101) as f32).collect();
        let halves = [0..1200, 1200..3000].map(|range| part_of(whole, &values[range]));
        let (joined, want) = (Moments::combined(halves).unwrap(), part_of(whole, &values));
        for channel in 0..3 {
            assert!((joined.mean[channel] / want.mean[channel] - 1.0).abs() < 1e-6);
            assert!((joined.squares[channel] / want.squares[channel] - 1.0).abs() < 1e-6);
        }
        assert_eq!(joined.count, 1000);
    }
}
