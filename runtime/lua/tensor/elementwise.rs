//! Powers, exponentials, trigonometry and rounding: of one tensor, and of two.

use super::{
    Operand,
    arithmetic::{Binary, WithNumber, combine},
    example::example,
};
use crate::{
    Result, Tensor,
    lua::api::{Class, Docs},
};

type Function = fn(&Tensor) -> Result<Tensor>;

/// Name, sentence, function, and an example: what it is of, and what it is.
type Declared = (&'static str, &'static str, Function, &'static str, &'static str);

const FUNCTIONS: [Declared; 20] = [
    ("square", "x². Of an int tensor an int tensor.", Tensor::square, "1.5, -2.0", "2.2500, 4.0000"),
    ("reciprocal", "1 / x.", Tensor::reciprocal, "2.0, -4.0", "0.5000, -0.2500"),
    ("rsqrt", "1 / √x.", Tensor::rsqrt, "4.0, 0.25", "0.5000, 2.0000"),
    ("expm1", "eˣ − 1, exact near 0.", Tensor::expm1, "-1.0, 0.0, 1.0", "-0.6321, 0.0000, 1.7183"),
    ("exp2", "2ˣ.", Tensor::exp2, "-1.0, 3.0", "0.5000, 8.0000"),
    ("log2", "Logarithm to base 2; on the CPU exact for powers of 2.", Tensor::log2, "0.5, 8.0", "-1.0000, 3.0000"),
    ("log10", "Logarithm to base 10.", Tensor::log10, "0.01, 1000.0", "-2.0000, 3.0000"),
    ("tan", "Tangent.", Tensor::tan, "0.0, 1.0", "0.0000, 1.5574"),
    ("asin", "Inverse of sin, in -π/2 … π/2; NaN outside of -1 … 1.", Tensor::asin, "0.0, 1.0", "0.0000, 1.5708"),
    ("acos", "Inverse of cos, in 0 … π; NaN outside of -1 … 1.", Tensor::acos, "0.0, 1.0", "1.5708, 0.0000"),
    ("atan", "Inverse of tan, in -π/2 … π/2.", Tensor::atan, "0.0, 1.0", "0.0000, 0.7854"),
    ("sinh", "Hyperbolic sine.", Tensor::sinh, "0.0, 1.0", "0.0000, 1.1752"),
    ("cosh", "Hyperbolic cosine.", Tensor::cosh, "0.0, 1.0", "1.0000, 1.5431"),
    ("asinh", "Inverse of sinh.", Tensor::asinh, "0.0, 1.0", "0.0000, 0.8814"),
    ("acosh", "Inverse of cosh, from 0; NaN below 1.", Tensor::acosh, "1.0, 2.0", "0.0000, 1.3170"),
    ("atanh", "Inverse of tanh; NaN outside of -1 … 1.", Tensor::atanh, "0.0, 0.5", "0.0000, 0.5493"),
    (
        "erfc",
        "1 − erf x, with all its digits where that is small. On the host.",
        Tensor::erfc,
        "0.0, 1.0",
        "1.0000, 0.1573",
    ),
    (
        "erfinv",
        "Inverse of the error function; infinite at -1 and 1, NaN outside. On the host.",
        Tensor::erfinv,
        "0.0, 0.5",
        "0.0000, 0.4769",
    ),
    (
        "trunc",
        "Rounded towards 0. The gradient is 0. An int tensor is its own.",
        Tensor::trunc,
        "-1.5, 2.7",
        "-1.0000, 2.0000",
    ),
    (
        "frac",
        "What is behind the point: x − trunc x. The gradient is 1.",
        Tensor::frac,
        "-1.5, 2.75",
        "-0.5000, 0.7500",
    ),
];

/// Of one tensor.
pub(super) fn elementwise(class: &mut Class<Tensor>, docs: &mut Docs) {
    for (name, doc, function, of, is) in FUNCTIONS {
        class.method(docs, name, "", doc, move |t: Tensor| function(&t)).example(example(&format!("{name}()"), of, is));
    }
}

/// Of two tensors, or of a tensor and a number.
pub(super) fn pairs(class: &mut Class<Tensor>, docs: &mut Docs) {
    let mut declare =
        |name: &'static str, doc: &str, tensors: Binary, number: Option<WithNumber>, [of, other, is]: [&str; 3]| {
            let doc = format!("{doc} Shapes broadcast.");
            class
                .method(docs, name, "other", &doc, move |t: Tensor, other: Operand| {
                    combine(Operand::Tensor(t), other, tensors, number)
                })
                .example(example(&format!("{name}({other})"), of, is));
        };
    declare(
        "atan2",
        "The angle of the point whose y is self and whose x is other, in -π … π, as float. At the origin the gradient is \
         0.",
        Tensor::atan2,
        None,
        ["1.0, -1.0", "-1", "2.3562, -2.3562"],
    );
    declare(
        "hypot",
        "√(self² + other²) without overflow, as float.",
        Tensor::hypot,
        None,
        ["3.0, 5.0", "mb.tensor { 4.0, 12.0 }", "5.0000, 13.0000"],
    );
    declare(
        "logaddexp",
        "ln(eˢᵉˡᶠ + eᵒᵗʰᵉʳ) without overflow, as float.",
        Tensor::logaddexp,
        None,
        ["0.0, 1000.0", "0", "0.6931, 1000.0000"],
    );
    declare(
        "xlogy",
        "self · ln other as float, and 0 where self is 0 and other is a number.",
        Tensor::xlogy,
        None,
        ["0.0, 2.0", "mb.tensor { 0.0, 0.5 }", "0.0000, -1.3863"],
    );
    declare(
        "remainder",
        "What a division leaves, with the sign of the divisor: the operator %.",
        Tensor::remainder,
        None,
        ["-5.0, 5.5", "3", "1.0000, 2.5000"],
    );
    declare(
        "fmod",
        "What a division leaves, with the sign of the dividend. Of two int tensors an int tensor.",
        Tensor::fmod,
        None,
        ["-5.0, 5.5", "3", "-2.0000, 2.5000"],
    );
    declare(
        "floor_divide",
        "Quotient rounded down: the operator //. No gradient.",
        Tensor::floor_div,
        None,
        ["-5.0, 5.5", "3", "-2.0000, 1.0000"],
    );
    declare(
        "heaviside",
        "0 below 0 and 1 above; at 0 what other is there. No gradient.",
        Tensor::heaviside,
        None,
        ["-2.0, 0.0, 3.0", "0.5", "0.0000, 0.5000, 1.0000"],
    );
    class
        .method(
            docs,
            "lerp",
            "last, weight",
            "self + weight · (last − self) of floats, exact for weights of 0 and 1; the weight is a number or a tensor. \
             Shapes broadcast.",
            |t: Tensor, last: Tensor, weight: Operand| match weight {
                Operand::Tensor(weight) => t.lerp(&last, &weight),
                Operand::Number(weight) => t.lerp_scalar(&last, weight),
                Operand::Large(weight) => t.lerp_scalar(&last, weight as f64),
            },
        )
        .example(example("lerp(mb.tensor { 10.0, 20.0 }, 0.25)", "0.0, 10.0", "2.5000, 12.5000"));
}
