//! Whether convolutions on the CPU may multiply less often than their definition says. It knows no kernel: whoever
//! computes a convolution asks.

use std::cell::Cell;

use crate::{options::choices, scoped};

choices! {
    /// How the CPU computes convolutions. On a GPU every product is computed, whichever kernels do it.
    pub enum Exactness of "convolution" "way" {
        /// By the fastest kernel for the shape, Winograd's F(4×4, 3×3) among them (Lavin and Gray, CVPR 2016). That
        /// one is off by up to about 2e-5 of the largest value.
        #[default]
        Fast = "fast",
        /// Every product of the sum is computed and added.
        Exact = "exact",
    }
}

thread_local! {
    static EXACTNESS: Cell<Exactness> = const { Cell::new(Exactness::Fast) };
}

impl Exactness {
    /// Runs `body` with the convolutions of the calling thread computed so, those of backward passes included. Scopes
    /// nest, and a panic restores the outer one.
    pub fn within<T>(self, body: impl FnOnce() -> T) -> T {
        scoped::within(&EXACTNESS, self, body)
    }
}

/// Whether the running scope wants every product computed.
pub fn is_exact() -> bool {
    EXACTNESS.get() == Exactness::Exact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_nest_and_a_panic_restores_the_outer_one() {
        let seen = Exactness::Exact.within(|| {
            let inner = Exactness::Fast.within(is_exact);
            let caught = std::panic::catch_unwind(|| Exactness::Fast.within(|| panic!("out of cheese")));
            assert!(caught.is_err());
            [is_exact(), inner]
        });
        assert_eq!((seen, is_exact()), ([true, false], false));
    }
}
