//! Elementwise operations on float tensors: on the CPU device in the widest instructions of the processor and in the
//! order in which the operands lie, elsewhere Burn's.

use burn_backend::{
    DType, Scalar,
    ops::{ActivationOps, FloatTensorOps},
};
use burn_dispatch::{BackendTensor, Dispatch, DispatchTensor, DispatchTensorKind, backends::flex::FlexTensor};

use super::{
    dense, double,
    floats::untaped,
    functions,
    map::{Map, map},
    pair::{Pair, pair},
};

/// Values that are worth a thread of their own where memory is what takes the time.
const LIGHT: usize = 1 << 17;

/// The same where each takes some twenty instructions or more.
const HEAVY: usize = 1 << 15;

/// The tensor of float32 on the CPU device below a dispatch tensor that is on no tape, or the tensor itself.
#[expect(clippy::result_large_err, reason = "the tensor goes on to Burn, and is no error")]
pub(super) fn on_cpu(tensor: DispatchTensor) -> Result<FlexTensor, DispatchTensor> {
    match tensor.kind {
        DispatchTensorKind::Flex(BackendTensor::Float(tensor)) if tensor.dtype() == DType::F32 => Ok(tensor),
        _ => Err(tensor),
    }
}

/// A function of one value: how it is called, Burn's, what it is worth a thread for, and what it is.
macro_rules! maps {
    ($($(#[$doc:meta])* $name:ident = $burn:path, $share:ident, $fused:ident, |$x:ident| $value:expr;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::tensor) fn $name(tensor: DispatchTensor) -> DispatchTensor {
                #[derive(Clone, Copy)]
                struct Function;

                impl Map for Function {
                    const SHARE: usize = $share;

                    #[inline(always)]
                    fn of<const $fused: bool>(self, $x: f32) -> f32 {
                        $value
                    }
                }

                match on_cpu(tensor) {
                    Ok(tensor) => untaped(map(tensor, Function)),
                    Err(tensor) => $burn(tensor),
                }
            }
        )*
    };
}

maps! {
    /// eˣ.
    exp = Dispatch::float_exp, HEAVY, FUSED, |x| functions::exp::<FUSED>(x);
    /// ln x.
    log = Dispatch::float_log, HEAVY, FUSED, |x| functions::log::<FUSED>(x);
    /// ln(1 + x).
    log1p = Dispatch::float_log1p, HEAVY, FUSED, |x| double::log1p::<FUSED>(x.into()) as f32;
    /// tanh x.
    tanh = Dispatch::float_tanh, HEAVY, FUSED, |x| functions::tanh::<FUSED>(x);
    /// The error function.
    erf = Dispatch::float_erf, HEAVY, FUSED, |x| functions::erf::<FUSED>(x);
    /// 1 / (1 + e⁻ˣ).
    sigmoid = Dispatch::sigmoid, HEAVY, FUSED, |x| functions::sigmoid::<FUSED>(x);
    /// x · Φ(x).
    gelu = Dispatch::gelu, HEAVY, FUSED, |x| functions::gelu::<FUSED>(x);
    sin_of_few_turns = Dispatch::float_sin, HEAVY, FUSED, |x| double::sin::<FUSED>(x.into()) as f32;
    cos_of_few_turns = Dispatch::float_cos, HEAVY, FUSED, |x| double::cos::<FUSED>(x.into()) as f32;
    /// √x.
    sqrt = Dispatch::float_sqrt, LIGHT, FUSED, |x| x.sqrt();
    /// The largest integer not above x.
    floor = Dispatch::float_floor, LIGHT, FUSED, |x| x.floor();
    /// The smallest integer not below x.
    ceil = Dispatch::float_ceil, LIGHT, FUSED, |x| x.ceil();
    /// The nearest integer; halves go to the even one.
    round = Dispatch::float_round, LIGHT, FUSED, |x| x.round_ties_even();
    /// −1, 0 or 1; 0 for NaN.
    sign = Dispatch::float_sign, LIGHT, FUSED, |x| f32::from(x > 0.0) - f32::from(x < 0.0);
    /// |x|.
    abs = Dispatch::float_abs, LIGHT, FUSED, |x| x.abs();
    /// max(x, 0), or NaN.
    relu = Dispatch::relu, LIGHT, FUSED, |x| if x <= 0.0 { 0.0 } else { x };
    /// The integer part.
    trunc = Dispatch::float_trunc, LIGHT, FUSED, |x| x.trunc();
    /// 1 / x.
    reciprocal = Dispatch::float_recip, LIGHT, FUSED, |x| 1.0 / x;
    /// tan x.
    tan = Dispatch::float_tan, HEAVY, FUSED, |x| f64::from(x).tan() as f32;
    /// The inverse of sin.
    asin = Dispatch::float_asin, HEAVY, FUSED, |x| f64::from(x).asin() as f32;
    /// The inverse of cos.
    acos = Dispatch::float_acos, HEAVY, FUSED, |x| f64::from(x).acos() as f32;
    /// The inverse of tan.
    atan = Dispatch::float_atan, HEAVY, FUSED, |x| f64::from(x).atan() as f32;
    /// sinh x.
    sinh = Dispatch::float_sinh, HEAVY, FUSED, |x| double::sinh::<FUSED>(x.into()) as f32;
    /// cosh x.
    cosh = Dispatch::float_cosh, HEAVY, FUSED, |x| double::cosh::<FUSED>(x.into()) as f32;
    /// The inverse of sinh.
    asinh = Dispatch::float_asinh, HEAVY, FUSED, |x| double::asinh::<FUSED>(x.into()) as f32;
    /// The inverse of cosh.
    acosh = Dispatch::float_acosh, HEAVY, FUSED, |x| double::acosh::<FUSED>(x.into()) as f32;
    /// The inverse of tanh.
    atanh = Dispatch::float_atanh, HEAVY, FUSED, |x| double::atanh::<FUSED>(x.into()) as f32;
}

/// sin x.
pub(in crate::tensor) fn sin(tensor: DispatchTensor) -> DispatchTensor {
    if has_few_turns(&tensor) { sin_of_few_turns(tensor) } else { Dispatch::float_sin(tensor) }
}

/// cos x.
pub(in crate::tensor) fn cos(tensor: DispatchTensor) -> DispatchTensor {
    if has_few_turns(&tensor) { cos_of_few_turns(tensor) } else { Dispatch::float_cos(tensor) }
}

/// Whether all values are small enough for a short π.
fn has_few_turns(tensor: &DispatchTensor) -> bool {
    let DispatchTensorKind::Flex(BackendTensor::Float(tensor)) = &tensor.kind else { return false };
    tensor.dtype() == DType::F32
        && dense::is_dense(tensor)
        && dense::values(tensor)
            .chunks(1 << 10)
            .all(|values| values.iter().fold(true, |all, value| all & (value.abs() <= double::MOST_TURNED)))
}

/// A function of a value and a number.
macro_rules! with_numbers {
    ($($(#[$doc:meta])* $name:ident = $burn:path, |$x:ident, $number:ident| $value:expr;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::tensor) fn $name(tensor: DispatchTensor, number: Scalar) -> DispatchTensor {
                #[derive(Clone, Copy)]
                struct With(f32);

                impl Map for With {
                    const SHARE: usize = LIGHT;

                    #[inline(always)]
                    fn of<const FUSED: bool>(self, $x: f32) -> f32 {
                        let $number = self.0;
                        $value
                    }
                }

                match on_cpu(tensor) {
                    Ok(tensor) => untaped(map(tensor, With(number.elem()))),
                    Err(tensor) => $burn(tensor, number),
                }
            }
        )*
    };
}

with_numbers! {
    /// x + number.
    add_number = Dispatch::float_add_scalar, |x, number| x + number;
    /// x − number.
    sub_number = Dispatch::float_sub_scalar, |x, number| x - number;
    /// x · number.
    mul_number = Dispatch::float_mul_scalar, |x, number| x * number;
    /// x / number.
    div_number = Dispatch::float_div_scalar, |x, number| x / number;
}

/// A function of two values, as [`maps`].
macro_rules! pairs {
    ($($(#[$doc:meta])* $name:ident = $burn:path, $share:ident, $fused:ident, |$x:ident, $y:ident| $value:expr;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::tensor) fn $name(left: DispatchTensor, right: DispatchTensor) -> DispatchTensor {
                #[derive(Clone, Copy)]
                struct Function;

                impl Pair for Function {
                    const SHARE: usize = $share;

                    #[inline(always)]
                    fn of<const $fused: bool>(self, $x: f32, $y: f32) -> f32 {
                        $value
                    }
                }

                match on_cpu(left) {
                    Ok(left) => match on_cpu(right) {
                        Ok(right) => untaped(pair(left, right, Function)),
                        Err(right) => $burn(untaped(left), right),
                    },
                    Err(left) => $burn(left, right),
                }
            }
        )*
    };
}

pairs! {
    /// x + y. Shapes broadcast, as those below.
    add = Dispatch::float_add, LIGHT, FUSED, |x, y| x + y;
    /// x − y.
    sub = Dispatch::float_sub, LIGHT, FUSED, |x, y| x - y;
    /// x · y.
    mul = Dispatch::float_mul, LIGHT, FUSED, |x, y| x * y;
    /// x / y.
    div = Dispatch::float_div, LIGHT, FUSED, |x, y| x / y;
    /// The gradient where this output of relu is over 0, 0 elsewhere.
    relu_backward = Dispatch::relu_backward, LIGHT, FUSED, |y, by| if y <= 0.0 { 0.0 } else { by };
    /// y · (1 − y) times the gradient, for this output of sigmoid.
    sigmoid_backward = Dispatch::sigmoid_backward, LIGHT, FUSED, |y, by| by * y * (1.0 - y);
    /// The gradient times the slope of gelu at x.
    gelu_backward = Dispatch::gelu_backward, HEAVY, FUSED,
        |x, by| functions::gelu_slope::<FUSED>(x) * by;
    /// The angle of (y, x), given y and x.
    atan2 = Dispatch::float_atan2, HEAVY, FUSED, |y, x| f64::from(y).atan2(x.into()) as f32;
    /// √(x² + y²).
    hypot = Dispatch::float_hypot, HEAVY, FUSED, |x, y| f64::from(x).hypot(y.into()) as f32;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device, Tensor,
        rng::{DrawKey, Stream},
        tensor::{
            Kind,
            cpu::{copies::layout_copies, order::is_channels_last},
        },
    };

    fn random(shape: &[usize], name: &str) -> Tensor {
        Tensor::randn(shape, Stream::new(7, name), DrawKey::default(), &Device::cpu()).unwrap()
    }

    /// The same values, channels last.
    fn channels_last(tensor: &Tensor) -> Tensor {
        let last = tensor.permute(&[0, 2, 3, 1]).unwrap();
        let values = Tensor::from_floats(last.floats().unwrap(), last.shape(), &Device::cpu()).unwrap();
        values.permute(&[0, 3, 1, 2]).unwrap()
    }

    fn flex(raw: DispatchTensor) -> FlexTensor {
        on_cpu(raw).map_err(|_| ()).unwrap()
    }

    fn bits(raw: DispatchTensor) -> Vec<u32> {
        let tensor = flex(raw).to_contiguous();
        dense::values(&tensor).iter().map(|value| value.to_bits()).collect()
    }

    type Binary = fn(DispatchTensor, DispatchTensor) -> DispatchTensor;

    /// Sums, differences, products and quotients are to the last bit what Burn's are.
    fn check(left: &Tensor, right: &Tensor) {
        let both: [(Binary, Binary); 5] = [
            (add, Dispatch::float_add),
            (sub, Dispatch::float_sub),
            (mul, Dispatch::float_mul),
            (div, Dispatch::float_div),
            (relu_backward, Dispatch::relu_backward),
        ];
        for (ours, burns) in both {
            let (got, want) = (ours(left.raw(), right.raw()), burns(left.raw(), right.raw()));
            assert!(bits(got) == bits(want), "{:?} and {:?}", left.shape(), right.shape());
        }
    }

    #[test]
    fn pairs_are_burns_for_every_broadcast_order_and_size() {
        for (left, right) in [
            (&[3][..], &[3][..]),
            (&[1], &[1]),
            (&[400, 700], &[400, 700]),
            (&[400, 700], &[1, 700]),
            (&[400, 700], &[400, 1]),
            (&[1, 700], &[400, 1]),
            (&[5000, 3], &[1, 3]),
            (&[1, 63], &[5001, 63]),
            (&[3, 5, 1, 7], &[1, 5, 6, 1]),
            (&[2, 1, 200_003], &[2, 3, 1]),
            (&[2, 3, 4, 5, 6, 2], &[1, 3, 1, 5, 1, 2]),
            (&[4, 1, 1, 1], &[4, 3, 33, 1]),
        ] {
            let (left, right) = (random(left, "left"), random(right, "right"));
            check(&left, &right);
            check(&right, &left);
        }
        let whole = random(&[8, 9, 10], "views");
        let views = [
            whole.permute(&[2, 0, 1]).unwrap(),
            whole.slice(0, 1, 5).unwrap(),
            whole.slice(2, 3, 7).unwrap(),
            whole.flip(1).unwrap(),
            random(&[8, 1, 10], "stretched").expand(&[8, 9, 10]).unwrap(),
            random(&[1, 1, 1], "one").expand(&[8, 9, 10]).unwrap(),
        ];
        for view in &views {
            check(view, view);
            check(view, &random(view.shape(), "other"));
            check(&random(view.shape(), "other"), view);
            check(view, &random(&[1, 1, view.shape()[2]], "row"));
        }
        check(&views[4], &views[5]);
    }

    #[test]
    fn the_result_lies_channels_last_where_an_operand_does_and_only_another_order_is_copied() {
        let plain = random(&[4, 6, 5, 7], "images");
        let last = channels_last(&plain);
        let channels = random(&[1, 6, 1, 1], "bias");
        let one = random(&[1], "one");
        let before = layout_copies();
        let results = [
            last.add(&last).unwrap(),
            last.mul(&channels).unwrap(),
            channels.sub(&last).unwrap(),
            last.div(&one).unwrap(),
            last.add_scalar(2.0).unwrap(),
            last.relu().unwrap(),
            last.exp().unwrap(),
            last.sin().unwrap(),
            last.add(&one.expand(last.shape()).unwrap()).unwrap(),
        ];
        assert!(results.iter().all(is_channels_last));
        assert_eq!(layout_copies(), before);
        let mixed = [last.add(&plain).unwrap(), plain.add(&last).unwrap()];
        assert_eq!(layout_copies(), before + 2);
        for mixed in mixed {
            assert!(is_channels_last(&mixed));
            assert_eq!(mixed.floats().unwrap(), plain.mul_scalar(2.0).unwrap().floats().unwrap());
        }
        check(&last, &channels);
        check(&plain, &last);
        check(&last, &random(&[4, 1, 5, 7], "mask"));
    }

    #[test]
    fn memory_of_nobody_else_is_written_to_and_shared_memory_is_not() {
        let values = random(&[300, 400], "values");
        let want: Vec<f32> = values.floats().unwrap().iter().map(|value| value + value).collect();
        let place = |raw: &DispatchTensor| match &raw.kind {
            DispatchTensorKind::Flex(BackendTensor::Float(tensor)) => tensor.storage::<f32>().as_ptr(),
            _ => unreachable!(),
        };
        let own = mul_number(values.raw(), 1.0.into());
        assert!(place(&own) != place(&values.raw()));
        let before = place(&own);
        let sum = add(own, values.raw());
        assert_eq!(place(&sum), before);
        let own = mul_number(values.raw(), 1.0.into());
        let before = place(&own);
        let sum_right = add(values.raw(), own);
        assert_eq!(place(&sum_right), before);
        for sum in [sum, sum_right] {
            let sum = Tensor::wrap(sum, Kind::Float, vec![300, 400], &Device::cpu());
            assert_eq!(sum.floats().unwrap(), want);
        }
        let again = values.floats().unwrap();
        assert_eq!(again, random(&[300, 400], "values").floats().unwrap());
    }

    #[test]
    fn one_two_and_three_threads_give_the_same_bits() {
        let compute = || {
            let (x, y) = (random(&[700, 500], "x"), random(&[700, 500], "y"));
            let row = random(&[500], "row");
            [x.gelu(), x.exp(), x.add(&y), x.mul(&row)].map(|tensor| tensor.unwrap().floats().unwrap())
        };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(compute)
        };
        let one = on(1);
        assert!(one == on(2) && one == on(3));
    }

    #[test]
    fn sines_of_many_turns_and_of_what_is_not_finite_are_burns() {
        let values = [1.0f32, 3e7, -1e30, f32::INFINITY, f32::NAN];
        let tensor = Tensor::from_floats(values.to_vec(), &[5], &Device::cpu()).unwrap();
        assert_eq!(bits(sin(tensor.raw())), bits(Dispatch::float_sin(tensor.raw())));
        assert_eq!(bits(cos(tensor.raw())), bits(Dispatch::float_cos(tensor.raw())));
    }
}
