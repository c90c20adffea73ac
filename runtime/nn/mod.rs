//! Layers: descriptions that are cheap to make, and get their parameters when the session realises them under a
//! name. Parameter names follow PyTorch; nothing here knows how a loss is minimised.

mod activation;
mod batch_norm;
mod convolution;
mod copy;
mod custom;
#[cfg(test)]
pub(crate) mod fixture;
mod init;
mod linear;
mod module;
mod parameter;
mod pooling;
mod projector;
mod reshape;
mod sequential;
mod state;
pub mod weights;

pub use activation::relu;
pub use batch_norm::{BatchNormOptions, batch_norm};
pub use convolution::{Conv2dOptions, conv2d, conv2d_from};
pub use custom::custom;
pub use init::{Init, ParameterOptions};
pub use linear::linear;
pub use module::{Layer, Modes, Module};
pub use parameter::{Buffer, Parameter, Role};
pub use pooling::{PoolOptions, avg_pool2d, global_avg_pool, max_pool2d};
pub use projector::projector;
pub use reshape::{flatten, identity};
pub use sequential::sequential;
pub use state::LoadReport;
