//! Assembled networks.

use super::{
    api::{Api, options},
    object::named,
};
use crate::{
    Result,
    model::{self, ResNetOptions, Stem},
};

named! {
    Stem, "\"imagenet\"|\"cifar\"";
}

options! {
    /// Options of the ResNets.
    ResNetTable("ResNetOptions") {
        /// The first layers: "imagenet" (7×7 stride 2, max pooling) or "cifar" (3×3 stride 1, none).
        stem: Stem = Stem::ImageNet;
        /// Channels of the first stage; the features are 8 times as many (32 times in resnet50).
        width: usize = 64;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    let doc = "without its classifier: [N, 3, H, W] to features [N, d]. Parameter names are torchvision's.";
    type Build = fn(ResNetOptions) -> Result<crate::nn::Module>;
    let mut declare = |name: &str, what: &str, features: usize, build: Build| {
        api.function(name, "options", &format!("{what} (He et al. 2016) {doc}"), move |options: ResNetTable| {
            build(ResNetOptions { stem: options.stem, width: options.width })
        })
        .example(format!(
            "local encoder = mb.{name} {{ stem = \"cifar\", width = 4 }}:realise(\"encoder\")\n\
             print(encoder(mb.rand(2, 3, 16, 16)).shape[2]) --> {features}",
        ));
    };
    declare("model.resnet18", "ResNet-18", 32, model::resnet18);
    declare("model.resnet34", "ResNet-34", 32, model::resnet34);
    declare("model.resnet50", "ResNet-50", 128, model::resnet50);
}
