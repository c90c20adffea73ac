//! The deterministic parts against values that torchvision computed.

mod augmentations;
mod transforms;
