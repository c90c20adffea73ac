//! MixUp and CutMix of labelled batches, as torchvision's: the partner of an image is the one before it in the batch, that
//! of the first the last, and one λ holds for all. So a batch must be in random order, which those of a data set are.

use super::Mixture;
use crate::{
    Error, Result, Tensor,
    options::{Options, options, over},
    rng::{DrawKey, Stream},
    tensor::{Kind, class_labels},
};

options! {
    /// How the images and labels of a batch are mixed.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct LabelledMixOptions {
        /// λ ~ Beta(alpha, alpha): uniform for 1, near 0 or 1 for less.
        pub alpha: f64 = 1.0, in over(0.0);
        /// The number of classes. Where it is left out the labels' names tell it, or the width of probabilities.
        pub classes: Option<usize> = None;
    }
}

/// MixUp of images `[B, C, H, W]`: λ of each, and 1 − λ of its partner. With targets, floats `[B, classes]`. Labels are
/// ints `[B]` from 0, or such targets. The draws are keyed by `key`.
///
/// # Errors
/// Images that are no float `[B, C, H, W]` of at least 2; labels that are neither, not one for each image, of no class, or
/// of an unknown number of classes.
pub fn mixup(
    images: &Tensor,
    labels: &Tensor,
    options: LabelledMixOptions,
    stream: &Stream,
    key: DrawKey,
) -> Result<(Tensor, Tensor)> {
    let batch = Labelled::new("mixup", images, labels, options)?;
    let weight = stream.at(key.step, key.call, 0, 0).beta(options.alpha, options.alpha);
    batch.mixed(&Mixture::Average(weight))
}

/// CutMix of images `[B, C, H, W]`: a box of the partner's pixels in each, which takes 1 − λ of the image's area before it
/// is clipped to the image. The targets' λ is what is left of the image. Otherwise as [`mixup`].
///
/// # Errors
/// As [`mixup`].
pub fn cutmix(
    images: &Tensor,
    labels: &Tensor,
    options: LabelledMixOptions,
    stream: &Stream,
    key: DrawKey,
) -> Result<(Tensor, Tensor)> {
    let batch = Labelled::new("cutmix", images, labels, options)?;
    let mut draws = stream.at(key.step, key.call, 0, 0);
    let weight = draws.beta(options.alpha, options.alpha);
    let shape = images.shape();
    batch.mixed(&Mixture::paste(weight, [shape[2], shape[3]], &mut draws))
}

/// Images and targets that fit.
struct Labelled {
    images: Tensor,
    targets: Tensor,
}

impl Labelled {
    fn new(op: &'static str, images: &Tensor, labels: &Tensor, options: LabelledMixOptions) -> Result<Self> {
        options.check(op)?;
        images.want_float(op)?;
        let refused =
            |want: String, tensor: &Tensor| Err(Error::Shape { op: op.into(), want, got: tensor.shape().to_vec() });
        let count = match images.shape() {
            sizes @ &[count, ..] if sizes.len() == 4 && !sizes.contains(&0) => count,
            _ => return refused("wants images [B, C, H, W]".into(), images),
        };
        if count < 2 {
            return refused("wants at least 2 images, since one alone has no partner".into(), images);
        }
        let (rank, want) = match labels.kind() {
            Kind::Int => (1, format!("wants {count} labels, one for each image")),
            _ => (2, format!("wants probabilities of classes [{count}, classes], or {count} labels that are ints")),
        };
        if labels.rank() != rank || labels.shape()[0] != count {
            return refused(want, labels);
        }
        Ok(Self { images: images.clone(), targets: targets(op, labels, options.classes)? })
    }

    fn mixed(&self, mixture: &Mixture) -> Result<(Tensor, Tensor)> {
        let partners = |rows: &Tensor| rows.roll(&[1], &[0]);
        let images = mixture.of(&self.images, &partners(&self.images)?)?;
        Ok((images, mixture.of_targets(&self.targets, &partners(&self.targets)?)?))
    }
}

/// Labels as probabilities of classes.
fn targets(op: &'static str, labels: &Tensor, classes: Option<usize>) -> Result<Tensor> {
    if labels.kind() != Kind::Int {
        labels.want_float(op)?;
        let width = labels.shape()[1];
        return match classes {
            Some(classes) if classes != width => {
                let want = format!("left out, or {width}, the width of the labels");
                Err(Error::argument(op, "classes", want, classes))
            }
            _ => Ok(labels.clone()),
        };
    }
    let Some(classes) = classes.or_else(|| labels.class_names().map(|names| names.names().len())) else {
        return Err(Error::argument(op, "classes", "given for labels without names of classes", "nothing"));
    };
    class_labels(op, labels, classes)?;
    labels.one_hot(classes)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{
        Device,
        nn::fixture::{numbers, sizes},
        tensor::gradients,
    };

    const FIXTURE: &str = include_str!("../../tests/fixtures/mixing.json");

    fn floats(value: &Value) -> Tensor {
        Tensor::from_floats(numbers(&value["values"]), &sizes(&value["shape"]), &Device::cpu()).unwrap()
    }

    fn near(name: &str, what: &str, found: &Tensor, wanted: &Value) {
        assert_eq!(found.shape(), sizes(&wanted["shape"]), "{name}: {what}");
        let (found, wanted) = (found.floats().unwrap(), numbers(&wanted["values"]));
        let worst = found.iter().zip(&wanted).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        assert!(worst <= 5e-7, "{name}: {what} is off by {worst}");
    }

    #[test]
    fn images_targets_and_gradients_are_torchvisions() {
        let all: Value = serde_json::from_str(FIXTURE).unwrap();
        let cases = all.as_object().unwrap();
        assert!(cases.len() >= 10, "{}", cases.len());
        for (name, case) in cases {
            let images = floats(&case["images"]).requires_grad().unwrap();
            let count = images.shape()[0];
            let (classes, labels) = match case.get("labels") {
                Some(labels) => {
                    let labels = sizes(labels).into_iter().map(|label| label as i32).collect();
                    (Some(5), Tensor::from_ints(labels, &[count], &Device::cpu()).unwrap())
                }
                None => (None, floats(&case["soft"])),
            };
            let options = LabelledMixOptions { classes, ..Default::default() };
            let mixture = match case.get("box") {
                Some(corners) => {
                    let corners = sizes(corners);
                    let size = [images.shape()[2], images.shape()[3]];
                    Mixture::Paste { rows: corners[1]..corners[3], columns: corners[0]..corners[2], size }
                }
                None => Mixture::Average(case["weight"].as_f64().unwrap()),
            };
            assert!((mixture.weight() - case["weight"].as_f64().unwrap()).abs() < 1e-12, "{name}");
            let batch = Labelled::new("mixup", &images, &labels, options).unwrap();
            let (mixed, targets) = batch.mixed(&mixture).unwrap();
            near(name, "images", &mixed, &case["mixed"]);
            near(name, "targets", &targets, &case["targets"]);
            let loss = mixed.mul(&floats(&case["slope"])).unwrap().sum(None, false).unwrap();
            near(name, "gradient", &gradients(&loss, &[images]).unwrap()[0], &case["gradient"]);
        }
    }

    #[test]
    fn lambda_follows_the_distribution_of_its_alpha_and_one_call_differs_from_the_next() {
        let device = Device::cpu();
        let images = Tensor::from_floats(vec![0.0, 1.0], &[2, 1, 1, 1], &device).unwrap();
        let labels = Tensor::from_ints(vec![0, 1], &[2], &device).unwrap();
        let stream = Stream::new(7, "mixup");
        // With the first quartile of the Beta distribution; it is symmetric.
        for (alpha, quarter) in [(1.0, 0.25), (0.2, 0.023_815), (4.0, 0.378_849)] {
            let options = LabelledMixOptions { alpha, classes: Some(2) };
            let lambda = |call: u64| {
                let key = DrawKey { step: 3, call };
                let (mixed, targets) = mixup(&images, &labels, options, &stream, key).unwrap();
                let (mixed, targets) = (mixed.floats().unwrap(), targets.floats().unwrap());
                assert!((mixed[1] - targets[0]).abs() < 1e-6 && (mixed[0] - targets[1]).abs() < 1e-6);
                assert!((targets[0] + targets[1] - 1.0).abs() < 1e-6);
                f64::from(targets[0])
            };
            let count = 4000;
            let drawn: Vec<f64> = (0..count).map(lambda).collect();
            let mean = drawn.iter().sum::<f64>() / count as f64;
            let deviation = (drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count as f64).sqrt();
            let wanted = (1.0 / (4.0 * (2.0 * alpha + 1.0))).sqrt();
            assert!((mean - 0.5).abs() < 4.0 * wanted / (count as f64).sqrt(), "{alpha}: mean {mean}");
            assert!((deviation - wanted).abs() < 0.02, "{alpha}: deviation {deviation} instead of {wanted}");
            for (quantile, share) in [(quarter, 0.25), (0.5, 0.5), (1.0 - quarter, 0.75)] {
                let below = drawn.iter().filter(|x| **x < quantile).count() as f64 / count as f64;
                assert!((below - share).abs() < 0.03, "{alpha}: {below} below {quantile}");
            }
            assert!(drawn[0] != drawn[1]);
        }
    }

    #[test]
    fn what_cutmix_pastes_is_what_the_targets_say() {
        let device = Device::cpu();
        let white = [vec![0.0; 35], vec![1.0; 35]].concat();
        let images = Tensor::from_floats(white, &[2, 1, 5, 7], &device).unwrap();
        let labels = Tensor::from_ints(vec![0, 1], &[2], &device).unwrap();
        let options = LabelledMixOptions { classes: Some(2), ..Default::default() };
        for call in 0..200 {
            let key = DrawKey { step: 0, call };
            let (mixed, targets) = cutmix(&images, &labels, options, &Stream::new(1, "cutmix"), key).unwrap();
            let (mixed, targets) = (mixed.floats().unwrap(), targets.floats().unwrap());
            let pasted: f32 = mixed[..35].iter().sum::<f32>() / 35.0;
            assert!((pasted - targets[1]).abs() < 1e-6 && (1.0 - pasted - targets[0]).abs() < 1e-6);
            assert!(mixed.iter().all(|x| [0.0, 1.0].contains(x)));
        }
    }
}
