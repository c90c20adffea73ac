//! Scopes of mixed precision: in which format the products in them are computed, by modules and by others.

use std::cell::Cell;

use super::Precision;
use crate::{Device, Result, scoped};

/// What a scope casts.
#[derive(Clone, Copy, Default)]
struct Scope {
    /// Products that are computed now.
    products: Precision,
    /// Products inside modules.
    modules: Precision,
}

thread_local! {
    static SCOPE: Cell<Scope> = const { Cell::new(Scope { products: Precision::Float32, modules: Precision::Float32 }) };
}

/// Runs `body` with convolutions and matrix products in a precision, those of modules and all others. Scopes nest, and
/// a panic restores the outer one. A device that cannot do it is an error of the first product.
pub fn autocast<T>(precision: Precision, body: impl FnOnce() -> T) -> T {
    scoped::within(&SCOPE, Scope { products: precision, modules: precision }, body)
}

/// Runs `body` with the convolutions and matrix products of modules in a precision. What `body` computes from their
/// outputs, such as a loss, stays as it is.
pub fn autocast_modules<T>(precision: Precision, body: impl FnOnce() -> T) -> T {
    scoped::within(&SCOPE, Scope { modules: precision, ..SCOPE.get() }, body)
}

/// Runs a module's forward pass.
pub(crate) fn in_module<T>(body: impl FnOnce() -> T) -> T {
    let scope = SCOPE.get();
    scoped::within(&SCOPE, Scope { products: scope.modules, ..scope }, body)
}

/// Runs `body`, a loss or a distance, with its own products in float32.
pub(crate) fn in_float32<T>(body: impl FnOnce() -> T) -> T {
    scoped::within(&SCOPE, Scope { products: Precision::Float32, ..SCOPE.get() }, body)
}

/// The scopes that are open, to be opened again later.
#[derive(Clone, Copy)]
pub struct Scopes(Scope);

impl Scopes {
    /// Those of the calling thread now.
    pub fn now() -> Self {
        Self(SCOPE.get())
    }

    /// Runs `body` in them.
    pub fn within<T>(self, body: impl FnOnce() -> T) -> T {
        scoped::within(&SCOPE, self.0, body)
    }
}

/// Runs a backward pass, whose gradients have the format of what they are gradients of, whatever scope it is called in.
pub(super) fn plain<T>(body: impl FnOnce() -> T) -> T {
    scoped::within(&SCOPE, Scope::default(), body)
}

impl Precision {
    /// That of a product on a device in the running scope. Errors as [`Precision::check`].
    pub(super) fn of_product(device: &Device) -> Result<Self> {
        let precision = SCOPE.get().products;
        precision.check(device).map(|()| precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device, Tensor,
        rng::{DrawKey, Stream},
    };

    fn scalar(value: f32) -> Tensor {
        Tensor::from_floats(vec![value], &[1, 1], &Device::cpu()).unwrap()
    }

    #[test]
    fn a_scope_of_modules_casts_in_modules_only_and_scopes_nest() {
        let value = 1.0 + f32::EPSILON;
        let product = || scalar(value).matmul(&scalar(1.0)).unwrap().item().unwrap() as f32;
        let seen = autocast_modules(Precision::Float16, || {
            let nested = autocast(Precision::Float32, || in_module(product));
            let caught = std::panic::catch_unwind(|| autocast(Precision::Float16, || panic!("out of cheese")));
            assert!(caught.is_err());
            [product(), in_module(product), in_module(|| in_float32(product)), nested]
        });
        assert_eq!(seen, [value, 1.0, value, value]);
        assert_eq!(in_module(product), value);
    }

    #[test]
    fn losses_and_distances_are_float32_whatever_the_scope() {
        let z = Tensor::randn(&[8, 6], Stream::new(3, "z"), DrawKey::default(), &Device::cpu()).unwrap();
        let values = || {
            let distances = z.squared_distances(&z.mul_scalar(1.01).unwrap()).unwrap();
            [crate::loss::nt_xent(&z, crate::loss::NtXentOptions { views: 2, temperature: 0.1 }).unwrap(), distances]
                .map(|tensor| tensor.floats().unwrap())
        };
        assert_eq!(autocast(Precision::Float16, values), values());
    }
}
