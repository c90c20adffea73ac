//! Who computes a convolution on a GPU. No real GPU has been measured, so Burn does unless our own kernels are asked for: by
//! the variable MOONBURN_CONVOLUTIONS for a process, or by a scope for what runs in it. Whatever comes to choose by
//! measurement chooses here.

use std::{cell::Cell, sync::OnceLock};

use crate::{
    Device, Result,
    options::choices,
    scoped,
    tensor::{DType, Tensor},
};

choices! {
    /// Which kernels compute float32's convolutions on a GPU. Those of other formats are always Burn's.
    pub enum ConvolutionKernels of "convolutions" "kernels" {
        /// Burn's.
        #[default]
        Burn = "burn",
        /// Our own, with tiles of 64 pixels by 64 channels.
        Own = "own",
        /// Our own, with tiles of 128 by 64.
        Own128x64 = "own-128x64",
        /// Our own, with tiles of 128 by 128.
        Own128x128 = "own-128x128",
    }
}

thread_local! {
    static SCOPE: Cell<Option<ConvolutionKernels>> = const { Cell::new(None) };
}

impl ConvolutionKernels {
    /// The environment variable that names those of a process.
    pub const VARIABLE: &str = "MOONBURN_CONVOLUTIONS";

    /// Runs `body` with the convolutions of the calling thread computed by these, those of backward passes included.
    /// Scopes nest, and a panic restores the outer one.
    pub fn within<T>(self, body: impl FnOnce() -> T) -> T {
        scoped::within(&SCOPE, Some(self), body)
    }

    /// Those of the running scope, else those that the variable names, else the default.
    ///
    /// # Errors
    /// The variable names none that there are.
    pub fn now() -> Result<Self> {
        static NAMED: OnceLock<Option<String>> = OnceLock::new();
        if let Some(own) = SCOPE.get() {
            return Ok(own);
        }
        let read = || std::env::var_os(Self::VARIABLE).map(|value| value.to_string_lossy().into_owned());
        match NAMED.get_or_init(read).as_deref() {
            None | Some("") => Ok(Self::default()),
            Some(name) => name.parse(),
        }
    }
}

impl ConvolutionKernels {
    /// Those of a device; none on the CPU, and where the variable names none that there are.
    pub fn on(device: &Device) -> Option<Self> {
        device.is_gpu().then(Self::now)?.ok()
    }
}

/// How one of the three products of a convolution is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Burns,
    Own(Tile),
}

/// What a workgroup of our own kernels makes, in blocks of 64: pixels, or weights, by channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    pub down: usize,
    pub across: usize,
}

impl Tile {
    /// Pixels, or weights, of a block, and channels of one.
    pub const BLOCK: usize = 64;

    /// How many tiles cover so much, down and across.
    pub fn count(self, down: usize, across: usize) -> usize {
        down.div_ceil(Self::BLOCK * self.down) * across.div_ceil(Self::BLOCK * self.across)
    }
}

/// How a product of a tensor is computed.
///
/// # Errors
/// As [`ConvolutionKernels::now`], for a tensor on a GPU.
pub(super) fn way(of: &Tensor) -> Result<Way> {
    if !of.device().is_gpu() || of.dtype() != DType::Float32 {
        return Ok(Way::Burns);
    }
    let own = |down, across| Way::Own(Tile { down, across });
    Ok(match ConvolutionKernels::now()? {
        ConvolutionKernels::Burn => Way::Burns,
        ConvolutionKernels::Own => own(1, 1),
        ConvolutionKernels::Own128x64 => own(2, 1),
        ConvolutionKernels::Own128x128 => own(2, 2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_nest_and_a_panic_restores_the_outer_one() {
        let now = || ConvolutionKernels::now().unwrap();
        let before = now();
        let seen = ConvolutionKernels::Own.within(|| {
            let inner = ConvolutionKernels::Burn.within(now);
            let caught = std::panic::catch_unwind(|| ConvolutionKernels::Own128x64.within(|| panic!("out of cheese")));
            assert!(caught.is_err());
            [now(), inner]
        });
        assert_eq!((seen, now()), ([ConvolutionKernels::Own, ConvolutionKernels::Burn], before));
    }

    #[test]
    fn tiles_cover_everything() {
        let tile = Tile { down: 2, across: 1 };
        assert_eq!([tile.count(1, 1), tile.count(128, 64), tile.count(129, 65)], [1, 1, 4]);
    }
}
