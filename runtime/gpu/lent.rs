//! What keeps a range of Burn's memory as it is. Burn's memory is pooled: a tensor is a part of a buffer, which stays its
//! own for as long as a handle to it lives, and where it is for as long as its resource is held: Burn moves what it has
//! allocated where that frees memory.

use std::{any::Any, sync::Arc};

use burn_cubecl::tensor::CubeTensor;

use crate::{
    Result,
    guard::{failure, guard},
};

/// The tensor, and the place of its memory.
#[derive(Clone)]
pub(super) struct Lent {
    _place: Arc<dyn Any + Send + Sync>,
    cube: CubeTensor,
}

impl Lent {
    /// Holds a tensor, and what its memory is kept in place by.
    pub fn new(cube: CubeTensor, place: impl Any + Send + Sync) -> Self {
        Self { _place: Arc::new(place), cube }
    }

    /// Hands the queue what Burn has recorded so far.
    ///
    /// # Errors
    /// The device failed.
    pub fn flush(&self) -> Result<()> {
        const OP: &str = "kernel";
        guard(OP, || self.cube.client.flush().map_err(|error| failure::of_text(OP, &error.to_string())))
    }
}
