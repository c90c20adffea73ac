//! Layers: descriptions that are cheap to make, and get their parameters when the session realises them under a
//! name. Parameter names follow PyTorch; nothing here knows how a loss is minimised.

mod activation;
mod attention;
mod batch_norm;
mod buffer;
mod chain;
mod conv1d;
mod conv_transpose2d;
mod convolution;
mod copy;
mod custom;
mod drawing;
mod dropout;
mod embedding;
#[cfg(test)]
pub(crate) mod fixture;
mod function;
mod group;
mod group_norm;
mod init;
mod layer_norm;
mod linear;
mod module;
mod padding;
mod parameter;
mod pooling;
mod pooling1d;
mod prelu;
mod projector;
mod recurrent;
#[cfg(test)]
pub(crate) mod reference;
mod reshape;
mod resize;
mod role;
mod sequential;
mod spectral_norm;
mod standing_in;
mod state;
#[cfg(test)]
pub(crate) mod structure_fixture;
mod summary;
mod transformer;
mod weight_norm;
pub mod weights;

pub use activation::relu;
pub use attention::{MultiHeadAttentionOptions, multi_head_attention};
pub use batch_norm::{BatchNormOptions, batch_norm};
pub use buffer::{Buffer, Touched, touching};
pub use conv_transpose2d::{ConvTranspose2dOptions, conv_transpose2d};
pub use conv1d::{Conv1dOptions, conv1d};
pub use convolution::{Conv2dOptions, conv2d, conv2d_from};
pub use custom::{Parts, custom};
pub use drawing::{DrawKeys, StepKeys, drawing_by};
pub use dropout::{drop_path, dropout, dropout2d};
pub use embedding::{EmbeddingOptions, embedding};
pub use function::{
    EluOptions, Function, GeluForm, GeluOptions, HardtanhOptions, LeakyReluOptions, ShrinkOptions, SoftplusOptions,
    function,
};
pub use group::{dict, list};
pub use group_norm::{GroupNormOptions, InstanceNormOptions, group_norm, instance_norm};
pub use init::{
    FanMode, Init, KaimingOptions, Nonlinearity, NormalInitOptions, OrthogonalOptions, ParameterOptions,
    UniformInitOptions, XavierOptions,
};
pub use layer_norm::{LayerNormOptions, RmsNormOptions, layer_norm, rms_norm};
pub use linear::{linear, linear_from};
pub use module::{Beginning, Hook, HookHandle, Layer, Modes, Module};
pub use padding::{Padding, PaddingMode};
pub use parameter::{Parameter, Start};
pub use pooling::{PoolOptions, avg_pool2d, global_avg_pool, max_pool2d};
pub use pooling1d::{Pool1dOptions, avg_pool1d, max_pool1d};
pub use prelu::{PreluOptions, prelu};
pub use projector::projector;
pub use recurrent::{RecurrentOptions, gru, lstm};
pub use reshape::{flatten, identity};
pub use resize::{UpsampleOptions, adaptive_avg_pool2d, adaptive_max_pool2d, pixel_shuffle, pixel_unshuffle, upsample};
pub use role::Role;
pub use sequential::sequential;
pub use spectral_norm::{SpectralNormOptions, spectral_norm};
pub use state::LoadReport;
pub use summary::Summary;
pub use transformer::{
    Activation, TransformerBlockOptions, TransformerEncoderLayerOptions, transformer_block, transformer_encoder_layer,
};
pub use weight_norm::weight_norm;
