//! An evaluation that only shows whether it works: the encoder sees a few images, and all rows get features of their
//! class. So counts, shapes and labels are those of the whole set, and a mistake in them shows within a moment.

use std::collections::HashMap;

use super::{FewShotProtocol, LinearProbe, features::rows_of};
use crate::{
    Device, Result, Tensor,
    data::Images,
    nn::Module,
    rng::{DrawKey, Stream},
};

/// How many images the encoder sees.
const IMAGES: usize = 24;
/// How many images of a class, so that rows of one differ.
const OF_A_CLASS: usize = 2;
/// Test rows that are classified.
const TESTS: usize = 64;
/// How far rows of one image are apart, as a share of their values.
const NOISE: f64 = 1e-2;
/// Episodes that are drawn.
const EPISODES: usize = 2;

/// Features `[images, d]` as [`features`](super::features()) makes them, but computed for a few images only. Every
/// other image gets the features of one of these, of its own class if that class is among them.
///
/// # Errors
/// As [`features`](super::features()).
pub fn sketched_features(module: &Module, images: &Images, batch: usize, device: &Device) -> Result<Tensor> {
    let (seen, of) = stand_ins(images.labels());
    let features = rows_of(module, images, &seen, batch, device)?;
    let rows = features.select(0, &Tensor::from_ints(of, &[images.len()], device)?)?;
    // So little that each row is still like its image, and enough that no two are the same: what inverts a covariance,
    // or takes the logarithm of a distance, works on features and shall work here.
    let noise = Tensor::randn(rows.shape(), Stream::new(0, "sketch"), DrawKey::default(), device)?;
    rows.mul(&noise.mul_scalar(NOISE)?.add_scalar(1.0)?)?.add(&noise.mul_scalar(NOISE)?)
}

/// The first images of each class, and for each image which of these stands for it.
fn stand_ins(labels: &[u32]) -> (Vec<usize>, Vec<i32>) {
    let (mut seen, mut of_class) = (Vec::new(), HashMap::<u32, Vec<i32>>::new());
    for (image, label) in labels.iter().enumerate() {
        let own = of_class.entry(*label).or_default();
        if own.len() < OF_A_CLASS && seen.len() < IMAGES {
            own.push(seen.len() as i32);
            seen.push(image);
        }
    }
    let any: Vec<i32> = (0..seen.len() as i32).collect();
    let mut turns = HashMap::<u32, usize>::new();
    let stand_in = |label: &u32| {
        let own = of_class.get(label).filter(|own| !own.is_empty()).unwrap_or(&any);
        let turn = turns.entry(*label).or_default();
        *turn += 1;
        own[(*turn - 1) % own.len()]
    };
    let of = labels.iter().map(stand_in).collect();
    (seen, of)
}

/// The first test rows and their labels, if there is a label for each row.
///
/// # Errors
/// A device failed.
pub fn sketched_rows(features: &Tensor, labels: Vec<u32>) -> Result<(Tensor, Vec<u32>)> {
    match features.shape() {
        [rows, _] if *rows == labels.len() && *rows > TESTS => {
            Ok((features.slice(0, 0, TESTS)?, labels[..TESTS].to_vec()))
        }
        _ => Ok((features.clone(), labels)),
    }
}

impl FewShotProtocol {
    /// The same with few episodes.
    pub fn sketched(self) -> Self {
        Self { episodes: self.episodes.min(EPISODES), ..self }
    }
}

impl LinearProbe {
    /// The same with one pass over the rows.
    pub fn sketched(self) -> Self {
        Self { epochs: self.epochs.min(1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_seen_and_stands_for_itself() {
        let labels: Vec<u32> = (0..200).map(|image| image % 10).collect();
        let (seen, of) = stand_ins(&labels);
        assert_eq!(seen.len(), 20);
        for (image, stand_in) in of.iter().enumerate() {
            assert_eq!(labels[seen[*stand_in as usize]], labels[image]);
        }
        assert_ne!(of[0], of[10], "rows of a class differ");
    }

    #[test]
    fn of_many_classes_few_images_are_seen() {
        let labels: Vec<u32> = (0..3000).map(|image| image / 3).collect();
        let (seen, of) = stand_ins(&labels);
        assert_eq!((seen.len(), of.len()), (IMAGES, 3000));
        assert!(of.iter().all(|stand_in| (*stand_in as usize) < IMAGES));
    }
}
