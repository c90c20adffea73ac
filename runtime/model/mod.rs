//! Networks put together from layers, with the parameter names of torchvision or timm.

mod block;
mod conv4;
mod convnext;
mod mlp;
mod resnet;
mod resnet12;
#[cfg(test)]
mod tests;
mod vit;
mod wide_resnet;

pub use conv4::{Conv4Options, conv4};
pub use convnext::{ConvNextOptions, convnext_tiny};
pub use mlp::{MlpActivation, MlpNorm, MlpOptions, mlp};
pub use resnet::{ResNetOptions, Stem, resnet10, resnet18, resnet34, resnet50, resnet101};
pub use resnet12::{ResNet12Options, resnet12};
pub use vit::{VitOptions, VitPool, vit_small, vit_tiny};
pub use wide_resnet::{WideResNetOptions, wide_resnet28_10};

use crate::{Error, Result, Tensor};

/// The images of a network that takes nothing else.
fn images<'a>(op: &str, inputs: &'a [Tensor]) -> Result<&'a Tensor> {
    match inputs {
        [images] => Ok(images),
        _ => Err(Error::argument(op, "input", "one tensor", format!("{} tensors", inputs.len()))),
    }
}
