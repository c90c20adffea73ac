//! Cross-entropy of logits with class labels, or with probabilities of classes.

use super::{
    ReductionOptions,
    classes::{Weighing, at_labels, class_weights, wants_scores},
    operands::want_same_shape,
};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
    tensor::Kind,
};

/// The label that is left out where none is named, PyTorch's.
const IGNORED: i64 = -100;

options! {
    /// Options of `mb.loss.cross_entropy`.
    #[derive(Clone)]
    pub struct CrossEntropyOptions {
        /// A weight for each class, [C]. A mean over labels is one over the weights of their classes then.
        pub weight: Option<Tensor> = None;
        /// What has this label is left out, of a mean as well; 0 is no class, and so free for this.
        pub ignore_index: i64 = -100;
        /// The share of the target that is spread evenly over all classes (Szegedy et al. 2016).
        pub label_smoothing: f64 = 0.0, in 0.0..=1.0;
        ..common: ReductionOptions;
    }
}

/// −log softmax(logits) at the labels: logits `[N, C, d1, …]`, labels `[N, d1, …]` of ints that count from 0. Or floats of
/// the logits' shape, probabilities of the classes, by which the logarithms are weighed. Labels are read from the device
/// once, to be checked.
///
/// # Errors
/// Logits that are not float, have no dim for classes, or one class; labels that are not ints of that shape, or name a
/// class that is not there; probabilities of another shape, or with an ignored label; weights that are not `[C]`.
pub fn cross_entropy(logits: &Tensor, target: &Tensor, options: &CrossEntropyOptions) -> Result<Tensor> {
    const OP: &str = "cross_entropy";
    logits.want_float(OP)?;
    options.check(OP)?;
    if logits.rank() < 2 {
        return Err(wants_scores(OP, logits));
    }
    if logits.shape()[1] < 2 {
        let want = "wants at least 2 classes, since with one the loss is always 0".into();
        return Err(Error::Shape { op: OP.into(), want, got: logits.shape().to_vec() });
    }
    let losses = logits.log_softmax(1)?.neg()?;
    if target.kind() == Kind::Float && target.rank() == logits.rank() {
        return with_probabilities(OP, &losses, target, options);
    }
    let by = Weighing {
        weight: options.weight.as_ref(),
        ignore: options.ignore_index,
        smoothing: options.label_smoothing,
        reduction: options.common.reduction,
    };
    at_labels(OP, &losses, target, &by)
}

fn with_probabilities(
    op: &'static str,
    losses: &Tensor,
    target: &Tensor,
    options: &CrossEntropyOptions,
) -> Result<Tensor> {
    want_same_shape(op, losses, target)?;
    if options.ignore_index != IGNORED {
        return Err(Error::argument(op, "ignore_index", "left out for probabilities", "one"));
    }
    let smoothing = options.label_smoothing;
    let target = match smoothing {
        0.0 => target.clone(),
        _ => target.mul_scalar(1.0 - smoothing)?.add_scalar(smoothing / losses.shape()[1] as f64)?,
    };
    let mut terms = losses.mul(&target)?;
    if let Some(weight) = &options.weight {
        terms = terms.mul(&class_weights(op, weight, losses)?)?;
    }
    options.common.reduction.of(&terms.sum(Some(1), false)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::fixture::{check, fixture, numbers, sizes},
        tensor::gradients,
    };

    #[test]
    fn value_and_gradient_are_pytorchs() {
        let (device, case) = (Device::cpu(), fixture("/losses/cross_entropy"));
        let z =
            Tensor::from_floats(numbers(&case["z"]), &sizes(&case["shape"]), &device).unwrap().requires_grad().unwrap();
        let labels = sizes(&case["labels"]).into_iter().map(|label| label as i32).collect();
        let labels = Tensor::from_ints(labels, &[8], &device).unwrap();
        let loss = cross_entropy(&z.mul_scalar(3.0).unwrap(), &labels, &CrossEntropyOptions::default()).unwrap();
        check("cross_entropy", &loss.floats().unwrap(), &[case["loss"].as_f64().unwrap() as f32], 2e-6);
        check("its gradient", &gradients(&loss, &[z]).unwrap()[0].floats().unwrap(), &numbers(&case["gradient"]), 2e-6);
    }

    fn plain(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
        cross_entropy(logits, labels, &CrossEntropyOptions::default())
    }

    #[test]
    fn a_label_that_is_no_class_is_told_counting_from_1() {
        let device = Device::cpu();
        let logits = Tensor::zeros(&[2, 5], &device).unwrap();
        let error = plain(&logits, &Tensor::from_ints(vec![0, 5], &[2], &device).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "cross_entropy: label 6 is out of range: there are 5 classes");
        let one = Tensor::zeros(&[2, 1], &device).unwrap();
        let error = plain(&one, &Tensor::from_ints(vec![0, 0], &[2], &device).unwrap()).unwrap_err();
        let want = "cross_entropy: wants at least 2 classes, since with one the loss is always 0, got shape [2, 1]";
        assert_eq!(error.to_string(), want);
        assert!(plain(&logits, &Tensor::zeros(&[2], &device).unwrap()).is_err());
        assert!(plain(&logits, &Tensor::from_ints(vec![0], &[1], &device).unwrap()).is_err());
    }
}
