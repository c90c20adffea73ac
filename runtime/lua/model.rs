//! Assembled networks.

use super::{api::Api, object::named};
use crate::{
    Result,
    model::{self, Conv4Options, ResNet12Options, ResNetOptions, Stem, WideResNetOptions},
};

named! {
    Stem;
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    resnets(api);
    few_shot(api);
}

fn resnets(api: &mut Api) {
    let doc = "without its classifier: [N, 3, H, W] to features [N, d]. Parameter names are torchvision's.";
    type Build = fn(ResNetOptions) -> Result<crate::nn::Module>;
    let mut declare = |name: &str, what: &str, features: usize, build: Build| {
        api.function(name, "options", &format!("{what} (He et al. 2016) {doc}"), build).example(format!(
            "local encoder = mb.{name} {{ stem = \"cifar\", width = 4 }}:realise(\"encoder\")\n\
             print(encoder(mb.rand(2, 3, 16, 16)).shape[2]) --> {features}",
        ));
    };
    declare("model.resnet10", "ResNet-10, one basic block a stage", 32, model::resnet10);
    declare("model.resnet18", "ResNet-18", 32, model::resnet18);
    declare("model.resnet34", "ResNet-34", 32, model::resnet34);
    declare("model.resnet50", "ResNet-50", 128, model::resnet50);
    declare("model.resnet101", "ResNet-101", 128, model::resnet101);
    api.function(
        "model.wide_resnet28_10",
        "options",
        "WRN-28-10 for small images (Zagoruyko and Komodakis 2016) without its classifier: [N, 3, H, W] to features [N, 64 · \
         widen]. Parameter names are those of the common PyTorch code: block1.layer.0.conv1.",
        |options: WideResNetOptions| model::wide_resnet28_10(options),
    )
    .example(
        r#"local encoder = mb.model.wide_resnet28_10({ widen = 1, blocks = 1 }):realise("encoder")
print(encoder(mb.rand(2, 3, 16, 16)).shape[2]) --> 64"#,
    );
}

fn few_shot(api: &mut Api) {
    api.function(
        "model.resnet12",
        "options",
        "ResNet-12 of few-shot learning (Lee et al. 2019), leaky ReLUs and four stages of one block, without drop block: [N, \
         3, H, W] to features [N, 10 · width], or [N, 10 · width · h · w] where they are not pooled. Parameter names are \
         those of the authors' code.",
        |options: ResNet12Options| model::resnet12(options),
    )
    .example(
        r#"local encoder = mb.model.resnet12({ width = 4 }):realise("encoder")
print(encoder(mb.rand(2, 3, 32, 32)).shape[2]) --> 40"#,
    );
    api.function(
        "model.conv4",
        "options",
        "Conv-4 of few-shot learning (Vinyals et al. 2016): four times a 3×3 convolution, batch norm, ReLU and a 2×2 \
         max-pool. [N, channels, H, W] to features [N, width · ⌊H / 16⌋ · ⌊W / 16⌋]. Parameter names are those of Snell et \
         al.'s code: 0.0.weight.",
        |options: Conv4Options| model::conv4(options),
    )
    .example(
        r#"local encoder = mb.model.conv4({ width = 8 }):realise("encoder")
print(encoder(mb.rand(2, 3, 32, 32)).shape[2]) --> 32"#,
    );
}
