//! Assembled networks.

use super::{api::Api, object::named};
use crate::{
    Result,
    model::{self, ResNetOptions, Stem},
};

named! {
    Stem, "\"imagenet\"|\"cifar\"";
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    let doc = "without its classifier: [N, 3, H, W] to features [N, d]. Parameter names are torchvision's.";
    type Build = fn(ResNetOptions) -> Result<crate::nn::Module>;
    let mut declare = |name: &str, what: &str, build: Build| {
        api.function(name, "options", &format!("{what} (He et al. 2016) {doc}"), build);
    };
    declare("model.resnet18", "ResNet-18", model::resnet18);
    declare("model.resnet34", "ResNet-34", model::resnet34);
    declare("model.resnet50", "ResNet-50", model::resnet50);
}
