//! The linear probe: how well a linear layer that is trained on frozen features predicts the classes of other rows.
//! Which rows make a step is a function of the seed and the epoch; how a step is done, `layer.rs` knows.

use super::{
    layer::Layer,
    linear_probe::{LinearProbe, OP},
    rows::{Rows, tells},
};
use crate::{Error, Result, Tensor, options::Options, position::number, rng::Stream};

/// The share of test rows, 0 … 1, whose label is predicted by a linear layer that was trained on the training rows.
/// Features `[N, d]`, labels from 0 and below `classes`; of equal logits the smaller label counts.
///
/// # Errors
/// Features that are no finite float matrices of equal width; labels that are not one per row, or not below `classes`;
/// 0 epochs or a batch of 0; a learning rate that is not over 0, a momentum outside 0 … 1, a negative weight decay; a
/// weight that is no longer finite.
pub fn linear(
    train_features: &Tensor,
    train_labels: &[u32],
    test_features: &Tensor,
    test_labels: &[u32],
    classes: usize,
    options: &LinearProbe,
) -> Result<f64> {
    options.check(OP)?;
    check_labels(train_labels, classes)?;
    check_labels(test_labels, classes)?;
    let read = |what, features: &Tensor, labels: &[u32]| {
        let rows = Rows::read(OP, what, features, labels)?;
        Ok(if options.normalize { rows.unit() } else { rows })
    };
    let train = read("the train features", train_features, train_labels)?;
    let test = read("the test features", test_features, test_labels)?;
    if train.width() != test.width() {
        let [left, right] = [train_features, test_features].map(|features| features.shape().to_vec());
        return Err(Error::Shapes { op: OP, left, right });
    }
    let batch = options.batch.min(train.count());
    let stream = Stream::new(options.seed, "linear_probe");
    let batches = (0..options.epochs as u64).flat_map(|epoch| {
        let order = stream.permutation(epoch, train.count());
        order.chunks_exact(batch).map(<[u32]>::to_vec).collect::<Vec<_>>()
    });
    let steps = options.epochs * (train.count() / batch);
    let layer = Layer::trained(&train, train_labels, classes, batches, steps, options)?;
    let all: Vec<u32> = (0..test.count() as u32).collect();
    let right = all.chunks(batch).map(|picks| {
        let logits = layer.logits(&test.gather(picks));
        let labels = picks.iter().map(|pick| test_labels[*pick as usize] as usize);
        logits.chunks(classes).zip(labels).filter(|(logits, label)| tells(logits, *label)).count()
    });
    Ok(right.sum::<usize>() as f64 / test.count() as f64)
}

fn check_labels(labels: &[u32], classes: usize) -> Result<()> {
    match labels.iter().find(|label| **label as usize >= classes) {
        None => Ok(()),
        Some(label) => {
            let range = format!("there are {classes} classes");
            Err(Error::OutOfRange { op: OP, what: "label", got: number(*label), range })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    /// Rows of class row mod 3 around far corners.
    fn corners(count: usize) -> (Tensor, Vec<u32>) {
        let mut noise = Stream::new(count as u64, "corners").at(0, 0, 0, 0);
        let values =
            (0..count * 4).map(|i| if i % 4 == i / 4 % 3 { 2.0 } else { 0.0 } + 0.2 * noise.normal()).collect();
        let labels = (0..count).map(|row| (row % 3) as u32).collect();
        (Tensor::from_floats(values, &[count, 4], &Device::cpu()).unwrap(), labels)
    }

    fn probe(options: &LinearProbe) -> Result<f64> {
        let ((train, train_labels), (test, test_labels)) = (corners(70), corners(45));
        linear(&train, &train_labels, &test, &test_labels, 3, options)
    }

    #[test]
    fn classes_that_lie_apart_are_all_told() {
        for options in [
            LinearProbe { epochs: 20, batch: 16, ..Default::default() },
            LinearProbe { epochs: 60, batch: 1000, ..Default::default() },
            LinearProbe { epochs: 20, batch: 16, normalize: true, ..Default::default() },
        ] {
            assert_eq!(probe(&options).unwrap(), 1.0, "{options:?}");
        }
    }

    #[test]
    fn labels_of_one_class_say_nothing_of_another() {
        let (features, labels) = corners(45);
        let options = LinearProbe { epochs: 3, ..Default::default() };
        assert_eq!(linear(&features, &[1; 45], &features, &labels, 3, &options).unwrap(), 1.0 / 3.0);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |options: LinearProbe| probe(&options).unwrap_err().to_string();
        let sound = LinearProbe { epochs: 2, batch: 8, ..Default::default() };
        assert_eq!(
            refused(LinearProbe { epochs: 0, ..sound.clone() }),
            "linear: epochs must be from 1 to 100000, got 0"
        );
        assert_eq!(refused(LinearProbe { batch: 0, ..sound.clone() }), "linear: batch must be at least 1, got 0");
        assert_eq!(refused(LinearProbe { lr: 0.0, ..sound.clone() }), "linear: lr must be a number over 0, got 0");
        let error = refused(LinearProbe { momentum: 1.0, ..sound.clone() });
        assert_eq!(error, "linear: momentum must be at least 0 and below 1, got 1");
        let error = refused(LinearProbe { weight_decay: -1.0, ..sound.clone() });
        assert_eq!(error, "linear: weight_decay must be a number of at least 0, got -1");
        let error = refused(LinearProbe { lr: 1e38, weight_decay: 1.0, ..sound });
        assert!(error.starts_with("linear: the layer is not finite at step "), "{error}");
    }

    #[test]
    fn features_and_labels_that_do_not_fit_are_refused() {
        let ((features, labels), options) = (corners(6), LinearProbe::default());
        let refused = |train: &Tensor, train_labels: &[u32], classes| {
            linear(train, train_labels, &features, &labels, classes, &options).unwrap_err().to_string()
        };
        assert_eq!(refused(&features, &labels, 2), "linear: label 3 is out of range: there are 2 classes");
        let wide = Tensor::ones(&[6, 5], &Device::cpu()).unwrap();
        assert_eq!(refused(&wide, &labels, 3), "linear: shapes differ: [6, 5] and [6, 4]");
        let error = refused(&features, &labels[..5], 3);
        assert_eq!(error, "linear: labels must be 6 labels, one for each row, got 5");
        let infinite = features.mul_scalar(f64::INFINITY).unwrap();
        assert_eq!(refused(&infinite, &labels, 3), "linear: the train features must be finite, got NaN or infinity");
    }
}
