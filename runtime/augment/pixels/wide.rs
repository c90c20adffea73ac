//! Loops that are compiled for the widest instructions that the processor has. They give the same bits with any: nothing
//! is multiplied and added at once, and sums have an order of their own.

use pulp::{Arch, Scalar, WithSimd};

use crate::device::instructions;

/// Runs a loop with the instructions that kernels of the CPU take.
pub(crate) fn widely(body: impl WithSimd<Output = ()>) {
    match instructions::arch() {
        Arch::Scalar => body.with_simd(Scalar::new()),
        arch => arch.dispatch(body),
    }
}

/// A value kept within bounds. `f32::clamp` looks at the bounds each time, which keeps a loop from being vectorised.
/// What is not a number stays so.
#[inline(always)]
pub(crate) fn kept(x: f32, [low, high]: [f32; 2]) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// Declares functions without a result whose loops run widely. No closure holds a loop, since one that is not inlined
/// keeps to the build's own instructions; what a loop calls must be inlined into it.
macro_rules! wide {
    ($($(#[$attribute:meta])* $vis:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $body:block)*) => {
        $(
            $(#[$attribute])*
            $vis fn $name($($argument: $type),*) {
                struct Given<T>(T);

                impl pulp::WithSimd for Given<($($type,)*)> {
                    type Output = ();

                    #[inline(always)]
                    fn with_simd<S: pulp::Simd>(self, _: S) {
                        let Self(($($argument,)*)) = self;
                        $body
                    }
                }

                $crate::augment::pixels::wide::widely(Given(($($argument,)*)));
            }
        )*
    };
}
pub(crate) use wide;
