//! Cross-entropy of logits with class labels.

use crate::{
    Error, Result, Tensor,
    tensor::{Kind, class_labels},
};

/// The mean over rows of −log softmax(logits) at the row's label: logits `[N, C]`, labels `[N]` of ints that count
/// from 0. A scalar. The labels are read from the device once, to be checked.
///
/// # Errors
/// Logits that are not a float matrix, or of one class; labels that are not one int per row, or name a class that is
/// not there.
pub fn cross_entropy(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
    const OP: &str = "cross_entropy";
    logits.want_float(OP)?;
    let &[rows, classes] = logits.shape() else {
        return Err(Error::Shape {
            op: OP.into(),
            want: "wants logits [rows, classes]".into(),
            got: logits.shape().to_vec(),
        });
    };
    if classes < 2 {
        let want = "wants at least 2 classes, since with one the loss is always 0".into();
        return Err(Error::Shape { op: OP.into(), want, got: logits.shape().to_vec() });
    }
    if labels.kind() != Kind::Int {
        return Err(Error::Kind { op: OP, want: Kind::Int.name(), got: labels.kind().name() });
    }
    if labels.shape() != [rows] {
        return Err(Error::Shape {
            op: OP.into(),
            want: format!("wants {rows} labels [{rows}]"),
            got: labels.shape().to_vec(),
        });
    }
    class_labels(OP, labels, classes)?;
    let columns = Tensor::arange(0, classes as i32 - 1, 1, logits.device())?;
    let other = labels.unsqueeze(1)?.ne(&columns.unsqueeze(0)?)?;
    logits.log_softmax(1)?.masked_fill(&other, 0.0)?.sum(None, false)?.div_scalar(-(rows as f64))
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
        let loss = cross_entropy(&z.mul_scalar(3.0).unwrap(), &labels).unwrap();
        check("cross_entropy", &loss.floats().unwrap(), &[case["loss"].as_f64().unwrap() as f32], 2e-6);
        check("its gradient", &gradients(&loss, &[z]).unwrap()[0].floats().unwrap(), &numbers(&case["gradient"]), 2e-6);
    }

    #[test]
    fn a_label_that_is_no_class_is_told_counting_from_1() {
        let device = Device::cpu();
        let logits = Tensor::zeros(&[2, 5], &device).unwrap();
        let error = cross_entropy(&logits, &Tensor::from_ints(vec![0, 5], &[2], &device).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "cross_entropy: label 6 is out of range: there are 5 classes");
        let one = Tensor::zeros(&[2, 1], &device).unwrap();
        let error = cross_entropy(&one, &Tensor::from_ints(vec![0, 0], &[2], &device).unwrap()).unwrap_err();
        let want = "cross_entropy: wants at least 2 classes, since with one the loss is always 0, got shape [2, 1]";
        assert_eq!(error.to_string(), want);
        assert!(cross_entropy(&logits, &Tensor::zeros(&[2], &device).unwrap()).is_err());
        assert!(cross_entropy(&logits, &Tensor::from_ints(vec![0], &[1], &device).unwrap()).is_err());
    }
}
