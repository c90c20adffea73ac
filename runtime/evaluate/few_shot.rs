//! N-way K-shot evaluation on frozen features: episodes of classes that a head learns from few rows, as Vinyals et al.
//! ("Matching Networks for One Shot Learning", NeurIPS 2016) set them. Which rows an episode has is a function of the
//! labels, the sizes and the seed alone, so encoders and heads meet the same episodes.

use rayon::prelude::*;

use super::{
    episodes::Episodes,
    head::OP,
    protocol::FewShotProtocol,
    rows::{Rows, tells},
    unfit::Unfit,
};
use crate::{Error, Result, Tensor, options::Options};

/// Half of a 95 % interval, in standard errors.
const STANDARD_ERRORS: f64 = 1.96;

/// What [`few_shot`] measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FewShotAccuracy {
    /// The mean over episodes of the share of queries whose class is predicted, 0 … 1.
    pub accuracy: f64,
    /// Half the width of the mean's 95 % confidence interval, 1.96·s/√episodes with the unbiased s; infinite for one
    /// episode, which says nothing of the spread.
    pub interval: f64,
    /// How many episodes.
    pub episodes: usize,
}

/// The accuracy of classifiers that are fitted on `shots` rows of each of `ways` classes, over episodes drawn from
/// features `[N, d]` and their labels. Rows are L2-normalised first; each query is classified on its own; of equal
/// logits the class that was drawn first counts. Classes with too few rows take no part. Episodes run on all cores.
///
/// # Errors
/// Features that are no finite float matrix, or all equal; labels that are not one per row; fewer than 2 ways, or more
/// than there are classes with `shots + queries` rows; 0 shots, queries or episodes; a head's λ or C that is not over
/// 0, or so extreme that the fit fails.
pub fn few_shot(features: &Tensor, labels: &[u32], options: &FewShotProtocol) -> Result<FewShotAccuracy> {
    options.check(OP)?;
    let rows = Rows::read(OP, "the features", features, labels)?;
    if rows.are_equal() {
        return Err(Error::argument(OP, "the features", "different from each other", "all equal ones"));
    }
    let episodes = Episodes::new(labels, options)?;
    let scales = rows.unit_scales();
    let accuracies = (0..options.episodes as u64)
        .into_par_iter()
        .map(|episode| options.accuracy(&rows, &scales, episodes.draw(episode)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|unfit| options.error(unfit))?;
    let count = accuracies.len() as f64;
    let mean = accuracies.iter().sum::<f64>() / count;
    let squares: f64 = accuracies.iter().map(|accuracy| (accuracy - mean).powi(2)).sum();
    let interval = match accuracies.len() {
        1 => f64::INFINITY,
        _ => STANDARD_ERRORS * (squares / (count - 1.0) / count).sqrt(),
    };
    Ok(FewShotAccuracy { accuracy: mean, interval, episodes: options.episodes })
}

impl FewShotProtocol {
    /// The share of an episode's queries whose class is predicted.
    fn accuracy(&self, rows: &Rows, scales: &[f64], episode: [Vec<u32>; 2]) -> Result<f64, Unfit> {
        let [support, query] = episode.map(|picks| rows.gather_unit(&picks, scales));
        let labels: Vec<usize> = (0..self.ways * self.shots).map(|row| row % self.ways).collect();
        let classifier = self.fit(&support, rows.width(), &labels)?;
        let logits = classifier.logits(&query, rows.width());
        let right = logits.chunks(self.ways).enumerate().filter(|(row, logits)| tells(logits, row % self.ways));
        Ok(right.count() as f64 / (self.ways * self.queries) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, evaluate::FewShotHead, rng::Stream};

    const HEADS: [FewShotHead; 3] = [FewShotHead::Prototypes, FewShotHead::Ridge, FewShotHead::Logistic];

    /// Rows around one mean for each class, class after class.
    fn clusters(classes: usize, each: usize, width: usize, spread: f32) -> (Tensor, Vec<u32>) {
        let mut noise = Stream::new(0, "clusters").at(0, 0, 0, 0);
        let means: Vec<f32> = (0..classes * width).map(|_| noise.normal()).collect();
        let values = (0..classes * each * width)
            .map(|i| means[i / (each * width) * width + i % width] + spread * noise.normal());
        let features = Tensor::from_floats(values.collect(), &[classes * each, width], &Device::cpu()).unwrap();
        (features, (0..classes * each).map(|row| (row / each) as u32).collect())
    }

    fn measure(head: FewShotHead, spread: f32) -> FewShotAccuracy {
        let (features, labels) = clusters(8, 25, 32, spread);
        few_shot(&features, &labels, &FewShotProtocol { shots: 2, episodes: 200, head, ..Default::default() }).unwrap()
    }

    #[test]
    fn classes_that_lie_apart_are_all_told() {
        for head in HEADS {
            assert_eq!(
                measure(head, 0.01),
                FewShotAccuracy { accuracy: 1.0, interval: 0.0, episodes: 200 },
                "{head:?}"
            );
        }
    }

    #[test]
    fn labels_without_meaning_are_told_by_chance() {
        let (features, _) = clusters(1, 400, 16, 100.0);
        let labels: Vec<u32> = (0..400).map(|row| row % 8).collect();
        for head in HEADS {
            // Rows recur among episodes, so the episodes' spread says less than it seems: three intervals.
            let found = few_shot(&features, &labels, &FewShotProtocol { head, ..Default::default() }).unwrap();
            assert!(
                (found.accuracy - 0.2).abs() < 3.0 * found.interval && found.interval < 0.01,
                "{head:?}: {found:?}"
            );
        }
    }

    #[test]
    fn the_interval_is_that_of_the_mean_over_episodes() {
        let (features, labels) = clusters(8, 25, 32, 2.0);
        let measure =
            |episodes| few_shot(&features, &labels, &FewShotProtocol { episodes, ..Default::default() }).unwrap();
        let single: Vec<f64> = [1, 2, 3].map(|count| measure(count).accuracy * count as f64).into();
        let each = [single[0], single[1] - single[0], single[2] - single[1]];
        let mean = each.iter().sum::<f64>() / 3.0;
        let variance = each.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2.0;
        assert!(variance > 0.0 && (measure(3).interval - 1.96 * (variance / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(measure(1).interval, f64::INFINITY);
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for head in HEADS {
            let one = pool(1).install(|| measure(head, 1.5));
            assert!(one.accuracy > 0.3 && one.accuracy < 1.0, "{head:?}: {one:?}");
            assert_eq!(pool(4).install(|| measure(head, 1.5)), one, "{head:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_any_work() {
        let (features, labels) = clusters(3, 16, 4, 1.0);
        let refused = |options: FewShotProtocol| few_shot(&features, &labels, &options).unwrap_err().to_string();
        let sound = FewShotProtocol { ways: 3, ..Default::default() };
        assert_eq!(refused(FewShotProtocol { ways: 1, ..sound.clone() }), "few_shot: ways must be at least 2, got 1");
        assert_eq!(refused(FewShotProtocol { shots: 0, ..sound.clone() }), "few_shot: shots must be at least 1, got 0");
        assert_eq!(
            refused(FewShotProtocol { queries: 0, ..sound.clone() }),
            "few_shot: queries must be at least 1, got 0"
        );
        assert_eq!(
            refused(FewShotProtocol { episodes: 0, ..sound.clone() }),
            "few_shot: episodes must be from 1 to 10000000, got 0"
        );
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let want = format!("few_shot: lambda must be a number over 0, got {value}");
            assert_eq!(refused(FewShotProtocol { lambda: value, ..sound.clone() }), want);
            assert!(refused(FewShotProtocol { c: value, ..sound.clone() }).contains("c must be a number over 0"));
        }
        let error = few_shot(&features, &labels[1..], &sound).unwrap_err().to_string();
        assert_eq!(error, "few_shot: labels must be 48 labels, one for each row, got 47");
    }
}
