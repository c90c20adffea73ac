//! Elementwise functions that Burn lacks, of float32 tensors on the CPU device. Any other tensor is left alone: there the
//! function is put together of a tensor's operations.

use std::f64::consts::LN_2;

use burn_dispatch::DispatchTensor;

use super::{
    double,
    elementwise::on_cpu,
    floats::untaped,
    map::{Map, map},
    pair::{Pair, pair},
};

/// Values that are worth a thread of their own.
const SHARE: usize = 1 << 15;

/// A function of one value.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident, $fused:ident, |$x:ident| $value:expr;)*) => {
        $(
            $(#[$doc])*
            #[expect(clippy::result_large_err, reason = "the tensor goes on, and is no error")]
            pub(in crate::tensor) fn $name(tensor: DispatchTensor) -> Result<DispatchTensor, DispatchTensor> {
                #[derive(Clone, Copy)]
                struct Function;

                impl Map for Function {
                    const SHARE: usize = SHARE;

                    #[inline(always)]
                    fn of<const $fused: bool>(self, $x: f32) -> f32 {
                        let $x = f64::from($x);
                        $value as f32
                    }
                }

                on_cpu(tensor).map(|tensor| untaped(map(tensor, Function)))
            }
        )*
    };
}

functions! {
    /// 1 / √x.
    rsqrt, FUSED, |x| (1.0 / x.sqrt());
    /// eˣ − 1.
    expm1, FUSED, |x| double::expm1::<FUSED>(x);
    /// 2ˣ.
    exp2, FUSED, |x| double::exp::<FUSED>(x * LN_2);
    /// log₂ x.
    log2, FUSED, |x| double::log2::<FUSED>(x);
    /// log₁₀ x.
    log10, FUSED, |x| double::log10::<FUSED>(x);
    /// ln(1 + eˣ).
    softplus, FUSED, |x| double::softplus::<FUSED>(x);
    /// −ln(1 + e⁻ˣ).
    logsigmoid, FUSED, |x| (-double::softplus::<FUSED>(-x));
    /// x / (1 + e⁻ˣ).
    silu, FUSED, |x| double::silu::<FUSED>(x);
    /// x · tanh(ln(1 + eˣ)).
    mish, FUSED, |x| double::mish::<FUSED>(x);
}

/// A function of two values.
macro_rules! pairs {
    ($($(#[$doc:meta])* $name:ident, $fused:ident, |$x:ident, $y:ident| $value:expr;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::tensor) fn $name(left: DispatchTensor, right: DispatchTensor) -> Option<DispatchTensor> {
                #[derive(Clone, Copy)]
                struct Function;

                impl Pair for Function {
                    const SHARE: usize = SHARE;

                    #[inline(always)]
                    fn of<const $fused: bool>(self, $x: f32, $y: f32) -> f32 {
                        $value
                    }
                }

                Some(untaped(pair(on_cpu(left).ok()?, on_cpu(right).ok()?, Function)))
            }
        )*
    };
}

pairs! {
    /// x − y · trunc(x / y). Shapes broadcast, as those below.
    fmod, FUSED, |x, y| x % y;
    /// ln(eˣ + eʸ).
    logaddexp, FUSED, |x, y| {
        let apart = f64::from(x) - f64::from(y);
        // Two infinities of a sign.
        let apart = if x == y { 0.0 } else { apart.abs() };
        let larger = if x < y { y } else { x };
        // NaN comes from what is apart.
        (f64::from(larger) + double::log1p::<FUSED>(double::exp::<FUSED>(-apart))) as f32
    };
}
