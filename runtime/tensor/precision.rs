//! Mixed precision: the formats that convolutions and matrix products may take their operands in. Tensors between
//! operations are float32 always, so that parameters, norms, losses and updates are; a product casts its operands, and
//! its result back.
//!
//! Both casts are on the tape: the gradient of a product is computed from a gradient in the same format, wherever the
//! backward pass is called.

use burn_backend::{Backend, FloatDType, ops::FloatTensorOps};
use burn_dispatch::Dispatch;

use super::{DType, Kind, Tensor};
use crate::{Device, Error, Result, options::choices, tape::record};

choices! {
    /// The format of the operands of convolutions and matrix products.
    pub enum Precision of "precision" "format" {
        /// 24 bits of precision, up to 3.4e38.
        #[default]
        Float32 = "float32",
        /// 11 bits of precision, 6e-8 to 65504: small gradients are lost unless the loss is scaled.
        Float16 = "float16",
        /// 8 bits of precision in the range of float32.
        BFloat16 = "bfloat16",
    }
}

impl Precision {
    /// Whether small gradients are lost in it, so that the loss must be scaled up.
    pub fn needs_loss_scaling(self) -> bool {
        self == Self::Float16
    }

    /// Whether a device can compute in it. The CPU rounds operands, results and their gradients to it and computes in
    /// float32, as processors of matrices do: for checking numerics, not faster.
    ///
    /// # Errors
    /// It cannot; the message says what it can.
    pub fn check(self, device: &Device) -> Result<()> {
        let can = |precision: Self| Dispatch::supports_dtype(device.raw(), precision.float().into());
        if self == Self::Float32 || can(self) {
            return Ok(());
        }
        let why = if self == Self::BFloat16 { "wgsl has no such type" } else { "its driver lacks shader-f16" };
        let instead = if self == Self::BFloat16 && can(Self::Float16) { Self::Float16 } else { Self::Float32 };
        let reason = format!("{} cannot compute in {self}, as {why}; use {instead}", device.name());
        Err(Error::State { op: "precision", reason })
    }

    /// What there is to know before computing in it on a device.
    pub fn caveat(self, device: &Device) -> Option<String> {
        (self != Self::Float32 && !device.is_gpu())
            .then(|| format!("the cpu rounds to {self} and computes in float32: for checking numerics, not faster"))
    }

    /// An operand of a product.
    pub(super) fn operand(self, tensor: &Tensor) -> Result<Tensor> {
        self.cast(tensor, true)
    }

    /// The result of a product of such operands, in float32.
    pub(super) fn result(self, product: Tensor) -> Result<Tensor> {
        self.cast(&product, false)
    }

    /// To this format and back again on a GPU; rounded to it on the CPU, both times. The gradient of either is the other.
    fn cast(self, tensor: &Tensor, forth: bool) -> Result<Tensor> {
        // What is computed in float64 stays so: it was asked for by name.
        if self == Self::Float32 || tensor.dtype() == DType::Float64 || tensor.is_empty() {
            return Ok(tensor.clone());
        }
        let raw = match (tensor.device().is_gpu(), forth) {
            (true, true) => Dispatch::float_cast(tensor.raw(), self.float()),
            (true, false) => Dispatch::float_cast(tensor.raw(), FloatDType::F32),
            (false, _) => Dispatch::float_cast(Dispatch::float_cast(tensor.raw(), self.float()), FloatDType::F32),
        };
        let output = tensor.with(raw, Kind::Float, tensor.shape().to_vec());
        Ok(record("autocast", [tensor], output, |_| move |by, _| Ok([Some(self.cast(&by, !forth)?)])))
    }

    fn float(self) -> FloatDType {
        match self {
            Self::Float32 => FloatDType::F32,
            Self::Float16 => FloatDType::F16,
            Self::BFloat16 => FloatDType::BF16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rng::{DrawKey, Stream},
        tensor::{Convolution, autocast, gradients},
    };

    fn random(shape: &[usize], name: &str) -> Tensor {
        Tensor::randn(shape, Stream::new(3, name), DrawKey::default(), &Device::cpu()).unwrap()
    }

    fn scalar(value: f32) -> Tensor {
        Tensor::from_floats(vec![value], &[1, 1], &Device::cpu()).unwrap()
    }

    fn one() -> Tensor {
        scalar(1.0)
    }

    /// What a value is once it has been an operand.
    fn rounded(precision: Precision, value: f32) -> f32 {
        autocast(precision, || scalar(value).matmul(&one()).unwrap().item().unwrap()) as f32
    }

    /// Value and gradients of a weighted sum of what `product` makes of two tensors.
    fn results(product: impl Fn(&Tensor, &Tensor) -> Tensor, shapes: [&[usize]; 2], weight: f64) -> Vec<Vec<f32>> {
        let [a, b] = [0, 1].map(|i| random(shapes[i], ["a", "b"][i]).requires_grad().unwrap());
        let output = product(&a, &b);
        let loss = output.mul(&random(output.shape(), "loss")).unwrap().mul_scalar(weight).unwrap();
        // Outside of the scope in which the product was recorded.
        let gradients = gradients(&loss.sum(None, false).unwrap(), &[a, b]).unwrap();
        [&[output], &gradients[..]].concat().iter().map(|tensor| tensor.floats().unwrap()).collect()
    }

    /// The largest difference relative to the largest value.
    fn difference(a: &[f32], b: &[f32]) -> f32 {
        let scale = b.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / scale
    }

    #[test]
    fn operands_are_rounded_to_the_nearest_halves_to_even_as_ieee_754_has_it() {
        let ulp = 2f32.powi(-10);
        for (value, want) in [
            (1.0 + ulp / 2.0, 1.0),
            (1.0 + 1.5 * ulp, 1.0 + 2.0 * ulp),
            (1.0 + 0.51 * ulp, 1.0 + ulp),
            (65504.0, 65504.0),
            (65519.0, 65504.0),
            (65520.0, f32::INFINITY),
            (2f32.powi(-24), 2f32.powi(-24)),
            (2f32.powi(-25), 0.0),
            (1.5 * 2f32.powi(-24), 2f32.powi(-23)),
        ] {
            assert_eq!(rounded(Precision::Float16, value), want, "{value}");
        }
        let ulp = 2f32.powi(-7);
        let small = 2f32.powi(-120);
        for (value, want) in [(1.0 + ulp / 2.0, 1.0), (1.0 + 1.5 * ulp, 1.0 + 2.0 * ulp), (small, small), (1e30, 1e30)]
        {
            let got = rounded(Precision::BFloat16, value);
            assert!(got == want || (value > 2.0 && (got / want - 1.0).abs() < ulp / 2.0), "{value} became {got}");
        }
        assert_eq!(rounded(Precision::Float32, 1.0 + f32::EPSILON), 1.0 + f32::EPSILON);
    }

    #[test]
    fn products_and_their_gradients_are_those_of_float32_within_the_formats_precision() {
        let strided = Convolution { stride: [2, 1], padding: [1, 0], ..Convolution::default() };
        let grouped = Convolution { groups: 2, ..Convolution::default() };
        type Product = Box<dyn Fn(&Tensor, &Tensor) -> Tensor>;
        let cases: [(Product, [&[usize]; 2]); 4] = [
            (Box::new(|a, b| a.matmul(b).unwrap()), [&[7, 33], &[33, 5]]),
            (Box::new(|a, b| a.matmul(b).unwrap()), [&[3, 1, 4, 6], &[2, 6, 5]]),
            (Box::new(move |a, b| a.conv2d(b, None, strided).unwrap()), [&[3, 4, 9, 8], &[5, 4, 3, 3]]),
            (Box::new(move |a, b| a.conv2d(b, None, grouped).unwrap()), [&[2, 4, 6, 6], &[6, 2, 3, 3]]),
        ];
        for (product, shapes) in &cases {
            let want = results(product, *shapes, 1.0);
            for (precision, tolerance) in [(Precision::Float16, 2e-3), (Precision::BFloat16, 2e-2)] {
                let got = results(|a, b| autocast(precision, || product(a, b)), *shapes, 1.0);
                for (got, want) in got.iter().zip(&want) {
                    let off = difference(got, want);
                    assert!(got.len() == want.len() && off < tolerance, "{precision} {shapes:?}: off by {off}");
                    assert!(off > tolerance / 500.0, "{precision} {shapes:?}: nothing was rounded");
                }
            }
        }
    }

    #[test]
    fn a_bias_is_added_in_float32() {
        let (images, weight) = (Tensor::zeros(&[1, 1, 2, 2], &Device::cpu()), random(&[1, 1, 1, 1], "w"));
        let bias = Tensor::from_floats(vec![1.0 + f32::EPSILON], &[1], &Device::cpu()).unwrap();
        let convolve = || images.as_ref().unwrap().conv2d(&weight, Some(&bias), Convolution::default()).unwrap();
        assert_eq!(autocast(Precision::Float16, convolve).floats().unwrap(), [1.0 + f32::EPSILON; 4]);
    }

    #[test]
    fn gradients_underflow_and_overflow_as_the_format_does() {
        let product = |a: &Tensor, b: &Tensor| autocast(Precision::Float16, || a.matmul(b).unwrap());
        let shapes: [&[usize]; 2] = [&[4, 4], &[4, 4]];
        assert!(results(product, shapes, 1e-9)[1].iter().all(|value| *value == 0.0));
        assert!(results(product, shapes, 1e-9 * 65536.0)[1].iter().any(|value| *value != 0.0));
        assert!(results(product, shapes, 1e6)[1].iter().any(|value| !value.is_finite()));
        let product = |a: &Tensor, b: &Tensor| autocast(Precision::BFloat16, || a.matmul(b).unwrap());
        assert!(results(product, shapes, 1e-9)[1].iter().all(|value| *value != 0.0));
    }

    #[test]
    fn an_unknown_format_gets_a_suggestion() {
        let message = |text: &str| text.parse::<Precision>().unwrap_err().to_string();
        assert_eq!(message("flaot16"), "precision: unknown format 'flaot16'; did you mean 'float16'?");
        assert_eq!(message("half"), "precision: unknown format 'half'; there are: float32, float16, bfloat16");
        assert_eq!("bfloat16".parse::<Precision>().unwrap(), Precision::BFloat16);
    }
}
