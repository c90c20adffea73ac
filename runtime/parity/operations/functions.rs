//! Functions that are asked for less often, activations, and what tells numbers apart.

use super::operation::{LARGE, differentiable, exact};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        noise::{ints, uniform},
        tolerance::{ARITHMETIC, EXACT, FUNCTION, TRIGONOMETRY},
    },
    rng::{DrawKey, Stream},
    tensor::{Closeness, Kind, Parameter, Source, TruncatedNormal},
};

type Function = fn(&Tensor) -> Result<Tensor>;
type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;

/// Name, tolerance, range of the input.
const FUNCTIONS: [(&str, f64, [f32; 2], Function); 35] = [
    ("square", ARITHMETIC, [-2.0, 2.0], Tensor::square),
    ("reciprocal", ARITHMETIC, [0.25, 4.0], Tensor::reciprocal),
    ("rsqrt", FUNCTION, [0.25, 4.0], Tensor::rsqrt),
    ("expm1", FUNCTION, [-2.0, 2.0], Tensor::expm1),
    ("exp2", FUNCTION, [-4.0, 4.0], Tensor::exp2),
    ("log2", FUNCTION, [0.05, 4.0], Tensor::log2),
    ("log10", FUNCTION, [0.05, 4.0], Tensor::log10),
    ("tan", TRIGONOMETRY, [-1.0, 1.0], Tensor::tan),
    ("asin", TRIGONOMETRY, [-0.9, 0.9], Tensor::asin),
    ("acos", TRIGONOMETRY, [-0.9, 0.9], Tensor::acos),
    ("atan", TRIGONOMETRY, [-3.0, 3.0], Tensor::atan),
    ("sinh", FUNCTION, [-2.0, 2.0], Tensor::sinh),
    ("cosh", FUNCTION, [-2.0, 2.0], Tensor::cosh),
    ("asinh", FUNCTION, [-3.0, 3.0], Tensor::asinh),
    ("acosh", FUNCTION, [1.5, 4.0], Tensor::acosh),
    ("atanh", FUNCTION, [-0.9, 0.9], Tensor::atanh),
    ("erfc", FUNCTION, [-3.0, 3.0], Tensor::erfc),
    ("erfinv", FUNCTION, [-0.9, 0.9], Tensor::erfinv),
    ("trunc", EXACT, [-9.0, 9.0], Tensor::trunc),
    ("frac", EXACT, [-9.0, 9.0], Tensor::frac),
    ("silu", FUNCTION, [-4.0, 4.0], Tensor::silu),
    ("mish", FUNCTION, [-4.0, 4.0], Tensor::mish),
    ("selu", FUNCTION, [-3.0, 3.0], Tensor::selu),
    ("elu", FUNCTION, [-3.0, 3.0], |x| x.elu(0.75)),
    ("leaky_relu", ARITHMETIC, [-3.0, 3.0], |x| x.leaky_relu(0.01)),
    ("relu6", EXACT, [-2.0, 8.0], Tensor::relu6),
    ("hardtanh", EXACT, [-2.0, 2.0], |x| x.hardtanh(-1.0, 1.5)),
    ("hardswish", ARITHMETIC, [-4.0, 4.0], Tensor::hardswish),
    ("softsign", ARITHMETIC, [-3.0, 3.0], Tensor::softsign),
    ("logsigmoid", FUNCTION, [-4.0, 4.0], Tensor::logsigmoid),
    ("softplus", FUNCTION, [-4.0, 4.0], |x| x.softplus(2.0, 3.0)),
    ("clamp_min", EXACT, [-1.0, 1.0], |x| x.clamp_min(-0.5)),
    ("clamp_max", EXACT, [-1.0, 1.0], |x| x.clamp_max(0.25)),
    ("nan_to_num", EXACT, [-1.0, 1.0], |x| x.nan_to_num(0.0, None, None)),
    ("lerp with a number", ARITHMETIC, [-1.0, 1.0], |x| x.lerp_scalar(&x.square()?, 0.75)),
];

/// Name, tolerance, range of both inputs.
const BINARIES: [(&str, f64, [f32; 2], Binary); 5] = [
    ("atan2", TRIGONOMETRY, [0.25, 2.0], Tensor::atan2),
    ("hypot", FUNCTION, [0.25, 2.0], Tensor::hypot),
    ("logaddexp", FUNCTION, [-3.0, 3.0], Tensor::logaddexp),
    ("xlogy", FUNCTION, [0.25, 2.0], Tensor::xlogy),
    ("fmod", FUNCTION, [0.25, 2.0], Tensor::fmod),
];

pub(super) fn cases() -> Vec<Case> {
    let functions = FUNCTIONS.into_iter().map(|(name, tolerance, range, f)| {
        differentiable(name, tolerance, [(LARGE.to_vec(), range)], move |inputs| f(&inputs[0]))
    });
    let binaries = BINARIES.into_iter().map(|(name, tolerance, range, f)| {
        differentiable(name, tolerance, [(LARGE.to_vec(), range), (vec![301], range)], move |inputs| {
            f(&inputs[0], &inputs[1])
        })
    });
    let lerp = differentiable(
        "lerp",
        ARITHMETIC,
        [(LARGE.to_vec(), [-1.0, 1.0]), (vec![301], [-1.0, 1.0]), (vec![37, 1], [0.0, 1.0])],
        |inputs| inputs[0].lerp(&inputs[1], &inputs[2]),
    );
    let more = [
        exact("what is no number", ["isnan", "isinf", "isfinite", "nan_to_num"], |device| {
            let x = Tensor::from_floats(vec![1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38], &[5], device)?;
            let numbers = x.nan_to_num(0.5, Some(2.0), Some(-2.0))?;
            Ok([x.isnan()?, x.isinf()?, x.isfinite()?, numbers])
        }),
        exact("nearness, steps and ints", ["isclose", "heaviside", "xor", "fmod", "remainder", "trunc"], |device| {
            let (left, right) = (ints("left", &LARGE, [-30, 30], device)?, ints("right", &[301], [1, 9], device)?);
            let x = left.cast(Kind::Float)?;
            let is_close = x.isclose(&right, Closeness { rtol: 0.5, atol: 1.0, equal_nan: false })?;
            let xor = left.gt_scalar(0.0)?.logical_xor(&right.gt_scalar(4.0)?)?;
            let step = x.heaviside(&Tensor::scalar(0.5, device)?)?;
            Ok([is_close, step, xor, left.fmod(&right)?, left.remainder(&right)?, left.trunc()?])
        }),
        exact("random tensors of every distribution", ["normal", "beta", "cut", "rolled", "drawn"], |device| {
            let source = |call| Source { stream: Stream::new(3, "parity"), key: DrawKey { step: 1, call }, device };
            let means = Parameter::Tensor(uniform("means", &[301], [-1.0, 1.0], device)?);
            let half = Parameter::Number(0.5);
            let cut = TruncatedNormal { mean: 0.0, std: 1.0, min: -2.0, max: 1.0 };
            let weights = uniform("weights", &LARGE, [0.0, 1.0], device)?;
            Ok([
                Tensor::normal(&means, &half, Some(&LARGE), &source(0))?,
                Tensor::beta(&half, &half, Some(&LARGE), &source(1))?,
                Tensor::truncated_normal(&LARGE, cut, &source(2))?,
                Tensor::randint(-5, 5, &LARGE, &source(3))?,
                weights.multinomial(7, false, &source(4))?,
            ])
        }),
    ];
    functions.chain(binaries).chain([lerp]).chain(more).collect()
}
