//! Operations of the CPU device that Burn's own kernels are slow at, as single operations to Burn's tape. Each has
//! Burn's operation as its reference: the results agree, only the time differs.

mod batch_norm;
mod convolution;
mod im2col;
mod tape;

pub(super) use batch_norm::batch_norm_train;
pub(super) use convolution::conv2d;
pub(super) use im2col::Geometry;
