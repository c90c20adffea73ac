//! Weighted nearest neighbours on frozen features (Wu et al., "Unsupervised Feature Learning via Non-Parametric
//! Instance Discrimination", CVPR 2018).

use rayon::prelude::*;

use crate::{
    Error, Result, Tensor,
    options::{Options, options, over},
    position::number,
    tensor::{in_float32, no_grad},
};

options! {
    /// How neighbours vote.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct KnnOptions {
        /// Neighbours that vote.
        pub k: usize = 200, in 1..;
        /// A neighbour's vote is exp(cosine / temperature).
        pub temperature: f64 = 0.1, in over(0.0);
    }
}

/// The most similarities that are held at a time.
const CHUNK: usize = 1 << 22;

/// The share of test rows, 0 … 1, whose label wins: each of the k training rows of largest cosine similarity votes
/// for its label with weight exp(similarity / τ). Of equally similar rows the earlier counts, of equal votes the
/// smaller label. Features `[N, d]`, labels from 0.
///
/// # Errors
/// Features that are not float matrices of equal width; labels that are not one per row, or not below `classes`;
/// k that is 0 or more than the training rows; a temperature that is not over 0 and finite.
pub fn knn(
    train_features: &Tensor,
    train_labels: &[u32],
    test_features: &Tensor,
    test_labels: &[u32],
    classes: usize,
    options: KnnOptions,
) -> Result<f64> {
    let predicted = predict(train_features, train_labels, test_features, classes, options)?;
    check_labels(test_features, test_labels, classes)?;
    let right = predicted.iter().zip(test_labels).filter(|(predicted, label)| predicted == label).count();
    Ok(right as f64 / test_labels.len() as f64)
}

fn predict(
    train_features: &Tensor,
    train_labels: &[u32],
    test_features: &Tensor,
    classes: usize,
    options: KnnOptions,
) -> Result<Vec<u32>> {
    options.check("knn")?;
    let KnnOptions { k, temperature } = options;
    for features in [train_features, test_features] {
        features.want_float("knn")?;
    }
    let (&[rows, width], &[tests, test_width]) = (train_features.shape(), test_features.shape()) else {
        return Err(Error::Shapes {
            op: "knn",
            left: train_features.shape().to_vec(),
            right: test_features.shape().to_vec(),
        });
    };
    if width != test_width {
        return Err(Error::Shapes {
            op: "knn",
            left: train_features.shape().to_vec(),
            right: test_features.shape().to_vec(),
        });
    }
    check_labels(train_features, train_labels, classes)?;
    if k == 0 || k > rows {
        return Err(Error::argument("knn", "k", format!("1 to the {rows} training rows"), k));
    }
    no_grad(|| {
        for (what, features) in [("train", train_features), ("test", test_features)] {
            if !features.sum(None, false)?.item()?.is_finite()
                && !features.floats()?.iter().all(|value| value.is_finite())
            {
                return Err(Error::argument("knn", format!("the {what} features"), "finite", "NaN or infinity"));
            }
        }
        let train = train_features.normalize(1)?.transpose(0, 1)?;
        let test = test_features.normalize(1)?;
        let step = (CHUNK / rows).max(1);
        let mut predicted = Vec::with_capacity(tests);
        for start in (0..tests).step_by(step) {
            let rows_of_test = test.slice(0, start, (start + step).min(tests))?;
            let similarities = in_float32(|| rows_of_test.matmul(&train))?.floats()?;
            predicted
                .par_extend(similarities.par_chunks(rows).map(|row| vote(row, train_labels, classes, k, temperature)));
        }
        Ok(predicted)
    })
}

fn vote(similarities: &[f32], labels: &[u32], classes: usize, k: usize, temperature: f64) -> u32 {
    let mut order: Vec<u32> = (0..similarities.len() as u32).collect();
    let nearer = |a: &u32, b: &u32| similarities[*b as usize].total_cmp(&similarities[*a as usize]).then(a.cmp(b));
    order.select_nth_unstable_by(k - 1, nearer);
    order.truncate(k);
    order.sort_unstable_by(nearer);
    let nearest = f64::from(similarities[order[0] as usize]);
    let mut votes = vec![0.0; classes];
    for row in order {
        // Relative to the nearest, so that a small temperature does not overflow.
        votes[labels[row as usize] as usize] += ((f64::from(similarities[row as usize]) - nearest) / temperature).exp();
    }
    let mut winner = 0;
    for (class, share) in votes.iter().enumerate() {
        if *share > votes[winner] {
            winner = class;
        }
    }
    winner as u32
}

fn check_labels(features: &Tensor, labels: &[u32], classes: usize) -> Result<()> {
    if labels.len() != features.shape()[0] {
        return Err(Error::argument(
            "knn",
            "labels",
            format!("{} labels, one for each row", features.shape()[0]),
            labels.len(),
        ));
    }
    match labels.iter().find(|label| **label as usize >= classes) {
        None => Ok(()),
        Some(label) => {
            let range = format!("there are {classes} classes");
            Err(Error::OutOfRange { op: "knn", what: "label", got: number(*label), range })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::fixture::{fixture, noise, sizes},
    };

    #[test]
    fn predictions_are_those_of_the_pytorch_study() {
        let case = fixture("/knn");
        let labels = |value| -> Vec<u32> { sizes(value).into_iter().map(|label| label as u32).collect() };
        let (train, test) = (noise("train features", &[60, 6]), noise("test features", &[25, 6]));
        let (train_labels, want) = (labels(&case["train_labels"]), labels(&case["predicted"]));
        assert_eq!(predict(&train, &train_labels, &test, 4, KnnOptions { k: 7, temperature: 0.1 }).unwrap(), want);
        assert_eq!(knn(&train, &train_labels, &test, &want, 4, KnnOptions { k: 7, temperature: 0.1 }).unwrap(), 1.0);
        let wrong: Vec<u32> = want.iter().map(|label| (label + 1) % 4).collect();
        assert_eq!(knn(&train, &train_labels, &test, &wrong, 4, KnnOptions { k: 7, temperature: 0.1 }).unwrap(), 0.0);
    }

    #[test]
    fn of_equally_near_rows_the_earlier_votes() {
        let features = Tensor::ones(&[3, 2], &Device::cpu()).unwrap();
        assert_eq!(
            predict(&features, &[2, 1, 0], &features, 3, KnnOptions { k: 1, temperature: 1e-3 }).unwrap(),
            [2, 2, 2]
        );
        assert_eq!(
            predict(&features, &[2, 1, 0], &features, 3, KnnOptions { k: 3, temperature: 1e-3 }).unwrap(),
            [0, 0, 0]
        );
    }

    #[test]
    fn more_neighbours_than_rows_is_an_error() {
        let features = Tensor::ones(&[3, 2], &Device::cpu()).unwrap();
        let error =
            knn(&features, &[0, 0, 1], &features, &[0, 0, 1], 2, KnnOptions { k: 4, temperature: 0.1 }).unwrap_err();
        assert_eq!(error.to_string(), "knn: k must be 1 to the 3 training rows, got 4");
        assert!(knn(&features, &[0, 0, 2], &features, &[0, 0, 1], 2, KnnOptions { k: 1, temperature: 0.1 }).is_err());
        assert!(knn(&features, &[0, 0], &features, &[0, 0, 1], 2, KnnOptions { k: 1, temperature: 0.1 }).is_err());
    }
}
