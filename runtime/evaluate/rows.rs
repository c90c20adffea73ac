//! Feature matrices on their way to the host, with a label for each row: what every evaluation that works there checks
//! first. Knows nothing of what is then done with the rows.

use crate::{Error, Result, Tensor};

/// A row that is shorter is divided by this instead of its length, as in PyTorch's `F.normalize`.
const SHORTEST: f64 = 1e-12;

/// Finite rows of equal width.
pub(super) struct Rows {
    values: Vec<f32>,
    count: usize,
    width: usize,
}

impl Rows {
    /// Reads features `[N, d]` that have N labels. `what` names them in messages.
    ///
    /// # Errors
    /// Features that are no matrix of floats or not finite; another number of labels.
    pub fn read(op: &'static str, what: &str, features: &Tensor, labels: &[u32]) -> Result<Self> {
        features.want_float(op)?;
        let &[count, width] = features.shape() else {
            let (want, got) = (format!("{what} must be [N, d]"), features.shape().to_vec());
            return Err(Error::Shape { op: op.into(), want, got });
        };
        if labels.len() != count {
            return Err(Error::argument(op, "labels", format!("{count} labels, one for each row"), labels.len()));
        }
        let values = features.floats()?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::argument(op, what, "finite", "NaN or infinity"));
        }
        Ok(Self { values, count, width })
    }

    /// Whether there is nothing to tell rows apart by.
    pub fn are_equal(&self) -> bool {
        self.values.chunks(self.width).all(|row| row == self.row(0))
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn row(&self, position: usize) -> &[f32] {
        &self.values[position * self.width..(position + 1) * self.width]
    }

    /// Picked rows, one after another.
    pub fn gather(&self, picks: &[u32]) -> Vec<f32> {
        let mut values = Vec::with_capacity(picks.len() * self.width);
        picks.iter().for_each(|pick| values.extend_from_slice(self.row(*pick as usize)));
        values
    }

    /// Picked rows with length 1, given the scales of all.
    pub fn gather_unit(&self, picks: &[u32], scales: &[f64]) -> Vec<f64> {
        let mut values = Vec::with_capacity(picks.len() * self.width);
        for pick in picks {
            let scale = scales[*pick as usize];
            values.extend(self.row(*pick as usize).iter().map(|x| f64::from(*x) * scale));
        }
        values
    }

    /// What each row is to be multiplied by to have length 1; a row of zeros stays one.
    pub fn unit_scales(&self) -> Vec<f64> {
        let square = |value: &f32| f64::from(*value) * f64::from(*value);
        (0..self.count).map(|row| self.row(row).iter().map(square).sum::<f64>().sqrt().max(SHORTEST).recip()).collect()
    }

    /// The rows with length 1.
    pub fn unit(mut self) -> Self {
        let scales = self.unit_scales();
        for (row, scale) in self.values.chunks_mut(self.width).zip(scales) {
            row.iter_mut().for_each(|value| *value = (f64::from(*value) * scale) as f32);
        }
        self
    }
}

/// Whether the class has the largest logit. Of equal logits the first counts; NaN never does.
pub(super) fn tells<T: PartialOrd>(logits: &[T], class: usize) -> bool {
    let (before, own) = logits.split_at(class);
    before.iter().all(|x| *x < own[0]) && own.iter().all(|x| *x <= own[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn rows_get_length_one_and_zeros_stay() {
        let features = Tensor::from_floats(vec![3.0, -4.0, 0.0, 0.0, 3e30, 4e30], &[3, 2], &Device::cpu()).unwrap();
        let rows = Rows::read("few_shot", "the features", &features, &[0; 3]).unwrap().unit();
        let got = [rows.row(0), rows.row(1), rows.row(2)].concat();
        let worst = got.iter().zip([0.6, -0.8, 0.0, 0.0, 0.6, 0.8]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-7, "{got:?}");
    }

    #[test]
    fn of_equal_logits_the_first_tells_the_class() {
        let told = |logits: &[f32]| (0..logits.len()).filter(|class| tells(logits, *class)).collect::<Vec<_>>();
        assert_eq!([told(&[1.0, 2.0, 2.0]), told(&[0.0, 0.0]), told(&[3.0, -1.0])].concat(), [1, 0, 0]);
        assert_eq!(told(&[f32::NAN, f32::NAN]), [0; 0]);
    }

    #[test]
    fn what_is_no_labelled_matrix_is_told() {
        let read =
            |features: Tensor| Rows::read("few_shot", "the features", &features, &[0; 2]).err().unwrap().to_string();
        let floats =
            |values: &[f32], shape: &[usize]| Tensor::from_floats(values.to_vec(), shape, &Device::cpu()).unwrap();
        assert_eq!(read(floats(&[0.0; 2], &[2])), "few_shot: the features must be [N, d], got shape [2]");
        let labels = "few_shot: labels must be 3 labels, one for each row, got 2";
        assert_eq!(read(floats(&[0.0; 3], &[3, 1])), labels);
        let finite = "few_shot: the features must be finite, got NaN or infinity";
        assert_eq!(read(floats(&[0.0, f32::NAN], &[2, 1])), finite);
        let ints = Tensor::from_ints(vec![1, 2], &[2, 1], &Device::cpu()).unwrap();
        assert_eq!(read(ints), "few_shot: wants a float32 tensor, got int32");
    }
}
