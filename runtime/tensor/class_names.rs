//! Labels that carry the names of the classes they count. A number says what class is meant only together
//! with the list that it counts in, so operations that keep the numbers keep the list, and all others drop it. A tensor
//! without names costs a pointer.

use super::Tensor;
use crate::{Error, Result, data::ClassNames};

impl Tensor {
    /// The names of the classes that the elements count, if they are labels that have names.
    pub fn class_names(&self) -> Option<&ClassNames> {
        self.classes.as_ref()
    }

    /// The same labels, which count these classes; or none that have names.
    pub fn with_class_names(self, classes: Option<ClassNames>) -> Self {
        Self { classes, ..self }
    }

    /// The same labels, which count the classes that other labels count.
    pub(super) fn counting_as(self, labels: &Self) -> Self {
        Self { classes: labels.classes.clone(), ..self }
    }

    /// Refuses labels beside each other whose equal numbers mean different classes.
    ///
    /// # Errors
    /// Both have names, which differ.
    pub(crate) fn want_classes(&self, op: &'static str, other: &Self) -> Result<()> {
        match (&self.classes, &other.classes) {
            (Some(own), Some(others)) if own != others => {
                let reason = format!("the labels count different classes: {own}; and {others}");
                Err(Error::State { op, reason })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, tensor::Kind};

    fn names(text: &str) -> ClassNames {
        ClassNames::new(text.split(' ').map(str::to_owned).collect())
    }

    fn labels(text: &str) -> Tensor {
        let labels = Tensor::from_ints(vec![0, 1, 2, 0, 1, 2], &[6], &Device::cpu()).unwrap();
        labels.with_class_names(Some(names(text)))
    }

    #[test]
    fn what_keeps_the_numbers_keeps_the_names() {
        let (own, picks) = (labels("a b c"), Tensor::from_ints(vec![5, 0], &[2], &Device::cpu()).unwrap());
        let rows = own.reshape(&[2, 3]).unwrap();
        let kept = [
            own.clone(),
            own.detach(),
            own.slice(0, 1, 3).unwrap(),
            own.flip(0).unwrap(),
            own.select(0, &picks).unwrap(),
            own.cast(Kind::Float).unwrap().select(0, &picks).unwrap(),
            own.gather(0, &picks).unwrap(),
            own.unsqueeze(0).unwrap().squeeze(None).unwrap(),
            own.cast(Kind::Float).unwrap().cast(Kind::Int).unwrap(),
            own.to_device(&Device::cpu()).unwrap(),
            rows.transpose(0, 1).unwrap(),
            rows.flatten(0, 1).unwrap(),
            rows.unsqueeze(0).unwrap().expand(&[4, 2, 3]).unwrap(),
            rows.cast(Kind::Float).unwrap().topk(2, 1).unwrap().0,
            Tensor::cat(&[own.clone(), own.slice(0, 0, 1).unwrap()], 0).unwrap(),
            Tensor::stack(&[own.clone(), own.clone()], 0).unwrap(),
        ];
        for (place, tensor) in kept.iter().enumerate() {
            assert_eq!(tensor.class_names(), Some(&names("a b c")), "{place}");
        }
    }

    #[test]
    fn what_makes_other_numbers_drops_them() {
        let own = labels("a b c");
        let plain = own.clone().with_class_names(None);
        let dropped = [
            own.add_scalar(1.0).unwrap(),
            own.mul(&own).unwrap(),
            own.neg().unwrap(),
            own.eq(&own).unwrap(),
            own.eq_scalar(1.0).unwrap(),
            own.cast(Kind::Bool).unwrap(),
            own.one_hot(3).unwrap(),
            own.sum(None, false).unwrap(),
            own.argmax(0, false).unwrap(),
            Tensor::cat(&[own.clone(), plain], 0).unwrap(),
        ];
        assert!(dropped.iter().all(|tensor| tensor.class_names().is_none()));
    }

    #[test]
    fn labels_of_different_classes_are_not_mixed() {
        let (own, other) = (labels("a b c"), labels("c b a"));
        let text = "the labels count different classes: a, b, c; and c, b, a";
        let refused = |found: Result<Tensor>| found.err().unwrap().to_string();
        assert_eq!(refused(Tensor::cat(&[own.clone(), other.clone()], 0)), format!("cat: {text}"));
        assert_eq!(refused(own.eq(&other)), format!("eq: {text}"));
    }
}
