//! Networks put together from layers, with torchvision's parameter names.

mod block;
mod resnet;
#[cfg(test)]
mod tests;

pub use resnet::{ResNetOptions, Stem, resnet18, resnet34, resnet50};
