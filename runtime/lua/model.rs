//! Assembled networks.

use super::{api::Api, object::named};
use crate::{
    Result,
    model::{self, ResNetOptions, Stem},
};

named! {
    Stem;
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    let doc = "without its classifier: [N, 3, H, W] to features [N, d]. Parameter names are torchvision's.";
    type Build = fn(ResNetOptions) -> Result<crate::nn::Module>;
    let mut declare = |name: &str, what: &str, features: usize, build: Build| {
        api.function(name, "options", &format!("{what} (He et al. 2016) {doc}"), build).example(format!(
            "local encoder = mb.{name} {{ stem = \"cifar\", width = 4 }}:realise(\"encoder\")\n\
             print(encoder(mb.rand(2, 3, 16, 16)).shape[2]) --> {features}",
        ));
    };
    declare("model.resnet18", "ResNet-18", 32, model::resnet18);
    declare("model.resnet34", "ResNet-34", 32, model::resnet34);
    declare("model.resnet50", "ResNet-50", 128, model::resnet50);
}
