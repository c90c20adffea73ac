//! Functions of one value, and arithmetic of two with broadcasting.

use super::operation::{EVEN, LARGE, differentiable, unary};
use crate::{
    Result, Tensor,
    parity::{
        Case, Group, Output,
        tolerance::{ARITHMETIC, EXACT, FUNCTION, SUM, TRIGONOMETRY},
    },
};

type Function = fn(&Tensor) -> Result<Tensor>;
type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;

/// Name, tolerance, range of the input.
const FUNCTIONS: [(&str, f64, [f32; 2], Function); 21] = [
    ("exp", FUNCTION, [-4.0, 4.0], Tensor::exp),
    ("log", FUNCTION, [0.05, 4.0], Tensor::log),
    ("log1p", FUNCTION, [-0.5, 0.5], Tensor::log1p),
    ("sqrt", FUNCTION, [0.05, 4.0], Tensor::sqrt),
    ("sin", TRIGONOMETRY, [-3.0, 3.0], Tensor::sin),
    ("cos", TRIGONOMETRY, [-3.0, 3.0], Tensor::cos),
    ("tanh", FUNCTION, [-3.0, 3.0], Tensor::tanh),
    ("erf", FUNCTION, [-3.0, 3.0], Tensor::erf),
    ("sigmoid", FUNCTION, [-4.0, 4.0], Tensor::sigmoid),
    ("gelu", FUNCTION, [-3.0, 3.0], Tensor::gelu),
    ("relu", EXACT, [-1.0, 1.0], Tensor::relu),
    ("abs", EXACT, [-1.0, 1.0], Tensor::abs),
    ("neg", EXACT, [-1.0, 1.0], Tensor::neg),
    ("sign", EXACT, [-1.0, 1.0], Tensor::sign),
    ("floor", EXACT, [-9.0, 9.0], Tensor::floor),
    ("ceil", EXACT, [-9.0, 9.0], Tensor::ceil),
    ("round", EXACT, [-9.0, 9.0], Tensor::round),
    ("clamp", EXACT, [-1.0, 1.0], |x| x.clamp(-0.5, 0.25)),
    ("pow_scalar", FUNCTION, [0.05, 3.0], |x| x.pow_scalar(1.5)),
    ("scalars: (x + 1.5) · 3 − 0.25", ARITHMETIC, [-1.0, 1.0], |x| {
        x.add_scalar(1.5)?.mul_scalar(3.0)?.sub_scalar(0.25)
    }),
    ("div_scalar", ARITHMETIC, [-1.0, 1.0], |x| x.div_scalar(3.0)),
];

/// Name, tolerance, range of both inputs.
const BINARIES: [(&str, f64, [f32; 2], Binary); 8] = [
    ("add", ARITHMETIC, [-1.0, 1.0], Tensor::add),
    ("sub", ARITHMETIC, [-1.0, 1.0], Tensor::sub),
    ("mul", ARITHMETIC, [-1.0, 1.0], Tensor::mul),
    ("div", ARITHMETIC, [0.25, 2.0], Tensor::div),
    ("pow", FUNCTION, [0.25, 2.0], Tensor::pow),
    ("remainder", FUNCTION, [0.25, 2.0], Tensor::remainder),
    ("maximum", EXACT, [-1.0, 1.0], Tensor::maximum),
    ("minimum", EXACT, [-1.0, 1.0], Tensor::minimum),
];

pub(super) fn cases() -> Vec<Case> {
    let functions = FUNCTIONS.into_iter().map(|(name, tolerance, range, f)| {
        differentiable(name, tolerance, [(LARGE.to_vec(), range)], move |inputs| f(&inputs[0]))
    });
    let binaries = BINARIES.into_iter().map(|(name, tolerance, range, f)| {
        differentiable(name, tolerance, [(LARGE.to_vec(), range), (LARGE.to_vec(), range)], move |inputs| {
            f(&inputs[0], &inputs[1])
        })
    });
    let broadcast = |name: &str, left: &[usize], right: &[usize]| {
        differentiable(name, SUM, [(left.to_vec(), [0.25, 1.0]), (right.to_vec(), [0.25, 1.0])], |inputs| {
            inputs[0].mul(&inputs[1])?.add(&inputs[0])?.div(&inputs[1])
        })
    };
    let more = [
        broadcast("broadcast over rows", &LARGE, &[301]),
        broadcast("broadcast over columns", &LARGE, &[37, 1]),
        broadcast("broadcast both ways", &[5, 1, 7, 1], &[3, 1, 64]),
        broadcast("broadcast of a scalar", &EVEN, &[]),
        broadcast("broadcast over a million rows", &[1_048_577, 2], &[2]),
        unary("vectorised: x · x + tanh x", FUNCTION, &EVEN, |x| x.mul(x)?.add(&x.tanh()?)),
        unary("one value", ARITHMETIC, &[1, 1], |x| x.mul(x)),
        unary("six dims", FUNCTION, &[2, 3, 1, 5, 2, 7], |x| x.mul(x)?.exp()),
        not_finite(),
    ];
    functions.chain(binaries).chain(more).collect()
}

/// A training stops at a loss or a gradient that is not finite, so it has to arrive as that.
fn not_finite() -> Case {
    Case::new(Group::Operation, "NaN and infinities", EXACT, |device| {
        let values = vec![1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38];
        let x = Tensor::from_floats(values, &[5], device)?;
        let found = [
            ("moved", x.add_scalar(1.0)?),
            ("squared", x.mul(&x)?),
            ("summed", x.slice(0, 0, 2)?.sum(None, false)?),
            ("overflown", x.slice(0, 4, 5)?.mul_scalar(10.0)?),
        ];
        found.into_iter().map(|(name, value)| Ok(Output::forward(name, value.floats()?).with_not_finite())).collect()
    })
}
