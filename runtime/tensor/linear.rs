//! A linear map of the last dim, with its bias, as one operation.

use super::{Kind, Precision, Tensor, cpu, shape};
use crate::{
    Error, Result, memory,
    tape::{Kept, record},
};

impl Tensor {
    /// `self · weightᵀ + bias` of `[..., inputs]`, a weight `[outputs, inputs]` and a bias `[outputs]`: `[..., outputs]`.
    /// Inside [`autocast`](super::autocast) the product is computed in that precision.
    ///
    /// # Errors
    /// Tensors that are not float or lie on different devices; shapes that do not fit; no room for the result.
    pub fn linear(&self, weight: &Self, bias: Option<&Self>) -> Result<Self> {
        const OP: &str = "linear";
        self.want_float(OP)?;
        let [outputs, inputs] = *weight.shape() else {
            let want = "wants a weight [outputs, inputs]".into();
            return Err(Error::Shape { op: OP.into(), want, got: weight.shape().to_vec() });
        };
        if self.shape().last() != Some(&inputs) {
            return Err(Error::Shape {
                op: OP.into(),
                want: format!("wants [..., {inputs}]"),
                got: self.shape().to_vec(),
            });
        }
        for operand in [Some(weight), bias].into_iter().flatten() {
            operand.want_float(OP)?;
            self.want_device(OP, operand)?;
        }
        if let Some(bias) = bias.filter(|bias| bias.shape() != [outputs]) {
            let want = format!("wants a bias [{outputs}]");
            return Err(Error::Shape { op: OP.into(), want, got: bias.shape().to_vec() });
        }
        let mut shape = self.shape().to_vec();
        *shape.last_mut().expect("it has a last dim") = outputs;
        let rows = shape[..shape.len() - 1].iter().product();
        let flat = self.reshape(&[rows, inputs])?;
        let at_once = bias.map(|bias| flat.linear_at_once(weight, bias)).transpose()?.flatten();
        let output = match at_once {
            Some(output) => output,
            None => {
                let product = flat.matmul(&weight.transpose(0, 1)?)?;
                bias.map_or_else(|| Ok(product.clone()), |bias| product.add(bias))?
            }
        };
        output.reshape(&shape)
    }

    /// The same of rows `[rows, inputs]` where nothing stands between the product and the addition.
    fn linear_at_once(&self, weight: &Self, bias: &Self) -> Result<Option<Self>> {
        let is_plain = [self, weight, bias].iter().all(|tensor| tensor.kind() == Kind::Float && !tensor.is_stored());
        if !is_plain || self.is_empty() || weight.is_empty() {
            return Ok(None);
        }
        if Precision::of_product(self.device())? != Precision::Float32 {
            return Ok(None);
        }
        shape::check("linear", &[self.shape()[0], weight.shape()[0]])?;
        // As of a product: each operand's gradient is made once.
        memory::check_room("linear", [self, weight].iter().filter(|t| t.is_tracked()).map(|t| t.len() * 4).sum())?;
        let Some(output) = cpu::linear(&self.detach(), &weight.detach(), &bias.detach()) else { return Ok(None) };
        Ok(Some(record("linear", [self, weight, bias], output, |tape| {
            let kept = (tape.keep_for(1, self), tape.keep_for(0, weight));
            let outputs = bias.len();
            move |by: Self, step| {
                let get = |kept: &Option<Kept<Self>>| {
                    kept.as_ref().expect("what is wanted is on the tape, and was kept for").get(step)
                };
                Ok([
                    step.of(0, || by.matmul(&get(&kept.1)?))?,
                    step.of(1, || by.transpose(0, 1)?.matmul(&get(&kept.0)?))?,
                    step.of(2, || by.sum_to(&[outputs]))?,
                ])
            }
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        rng::{DrawKey, Stream},
        tensor::{
            Pass,
            fixture::{at_once_and_recorded, worst},
            grad,
        },
    };

    #[test]
    fn at_once_it_is_the_product_and_the_sum() {
        for (lead, inputs, outputs) in [
            (&[1][..], 1, 1),
            (&[7], 5, 3),
            (&[2, 3], 65, 33),
            (&[5000], 3, 2),
            (&[3001], 65, 130),
            (&[9], 3, 1),
            (&[], 4, 6),
        ] {
            let random = |name: &str, shape: &[usize]| {
                let drawn = Tensor::randn(shape, Stream::new(2, name), DrawKey::default(), &Device::cpu());
                drawn.unwrap().requires_grad().unwrap()
            };
            let [x, weight, bias] =
                [random("x", &[lead, &[inputs]].concat()), random("w", &[outputs, inputs]), random("b", &[outputs])];
            let output = x.linear(&weight, Some(&bias)).unwrap();
            let flat = x.reshape(&[x.len() / inputs, inputs]).unwrap();
            let want = flat.matmul(&weight.transpose(0, 1).unwrap()).unwrap().add(&bias).unwrap();
            assert!(worst(&output, &want.reshape(output.shape()).unwrap()) < 1e-5);
            let leaves = [x, weight, bias];
            let found =
                [&output, &want].map(|output| at_once_and_recorded(&output.reshape(&[output.len()]).unwrap(), &leaves));
            for (ours, theirs) in found[0].iter().zip(&found[1]) {
                assert!(worst(&ours[0], &theirs[0]) < 1e-3 && worst(&ours[0], &ours[1]) < 1e-3, "{lead:?}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let ones = |shape: &[usize]| Tensor::ones(shape, &Device::cpu()).unwrap();
        let told = |x: &[usize], weight: &[usize]| ones(x).linear(&ones(weight), None).unwrap_err().to_string();
        assert_eq!(told(&[2, 3], &[4, 5]), "linear: wants [..., 5], got shape [2, 3]");
        assert_eq!(told(&[], &[4, 5]), "linear: wants [..., 5], got shape []");
        assert_eq!(told(&[2, 3], &[3]), "linear: wants a weight [outputs, inputs], got shape [3]");
        let biased = |bias: &Tensor| ones(&[2, 3]).linear(&ones(&[4, 3]), Some(bias)).unwrap_err().to_string();
        assert_eq!(biased(&ones(&[1])), "linear: wants a bias [4], got shape [1]");
        let ints = Tensor::from_ints(vec![1; 4], &[4], &Device::cpu()).unwrap();
        assert!(biased(&ints).starts_with("linear: wants"), "{}", biased(&ints));
    }

    #[test]
    fn small_weights_are_gone_through_in_parts_and_others_are_not() {
        let ones = |shape: &[usize]| Tensor::ones(shape, &Device::cpu()).unwrap();
        let is_taken = |rows: usize, inputs: usize, outputs: usize| {
            cpu::linear(&ones(&[rows, inputs]), &ones(&[outputs, inputs]), &ones(&[outputs])).is_some()
        };
        assert!(is_taken(3001, 65, 130) && is_taken(2, 3, 2));
        assert!(!is_taken(9, 3, 1) && !is_taken(64, 1024, 1024) && !is_taken(200, 500, 500));
    }

    #[test]
    fn the_gradient_by_a_single_output_is_added_up_with_care() {
        let rows = 1 << 18;
        let x = Tensor::full(0.1, &[rows, 2], Kind::Float, &Device::cpu()).unwrap();
        let weight = Tensor::ones(&[1, 2], &Device::cpu()).unwrap().requires_grad().unwrap();
        let bias = Tensor::zeros(&[1], &Device::cpu()).unwrap();
        let loss = x.linear(&weight, Some(&bias)).unwrap().sum(None, false).unwrap();
        let found = grad(&[loss], &[None], &[weight], Pass::default()).unwrap()[0].floats().unwrap();
        let want = f64::from(0.1f32) * rows as f64;
        assert!(found.iter().all(|got| (f64::from(*got) / want - 1.0).abs() < 1e-6), "{found:?} for {want}");
    }
}
