//! Elementwise functions beside those of `operations.rs`, as steps of a program.

use moonburn::{Result, Tensor};

use super::program::Step;

type Unary = fn(&Tensor) -> Result<Tensor>;
type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;
type Scalar = fn(&Tensor, f64) -> Result<Tensor>;

/// The operation of a name among those of a type.
macro_rules! among {
    ($name:expr, $kind:ty: $($operation:ident)*) => {
        match $name {
            $(stringify!($operation) => Some(Tensor::$operation as $kind),)*
            _ => None,
        }
    };
}

/// What a step computes of its operands; none where it is of something else.
pub fn apply(step: Step<'_>, operands: &[Tensor]) -> Option<Result<Tensor>> {
    let (name, first) = (step.operation(), &operands[0]);
    let unary = among!(name, Unary: square reciprocal rsqrt expm1 exp2 log2 log10 tan asin acos atan sinh cosh asinh
        acosh atanh erfc erfinv trunc frac silu mish selu relu6 hardswish softsign logsigmoid);
    if let Some(operation) = unary {
        return Some(operation(first));
    }
    if let Some(operation) = among!(name, Scalar: elu leaky_relu clamp_min clamp_max) {
        return Some(operation(first, step.number("value")));
    }
    if let Some(operation) = among!(name, Binary: atan2 hypot logaddexp xlogy fmod logical_xor) {
        return Some(operation(first, &operands[1]));
    }
    match name {
        "lerp" => Some(first.lerp(&operands[1], &operands[2])),
        "softplus" => Some(first.softplus(step.number("beta"), step.number("threshold"))),
        "hardtanh" => Some(first.hardtanh(step.number("min"), step.number("max"))),
        "nan_to_num" => Some(first.nan_to_num(0.0, None, None)),
        _ => None,
    }
}
