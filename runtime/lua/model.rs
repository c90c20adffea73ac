//! Assembled networks.

use super::{api::Api, object::named};
use crate::{
    Result,
    model::{
        self, Conv4Options, ConvNextOptions, MlpActivation, MlpNorm, MlpOptions, ResNet12Options, ResNetOptions, Stem,
        VitOptions, VitPool, WideResNetOptions,
    },
};

named! {
    Stem;
    MlpActivation;
    MlpNorm;
    VitPool;
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    resnets(api);
    few_shot(api);
    others(api);
}

fn resnets(api: &mut Api) {
    let doc = "without its classifier: [N, channels, H, W] to features [N, d]. Parameter names are torchvision's.";
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
        "WRN-28-10 for small images (Zagoruyko and Komodakis 2016) without its classifier: [N, channels, H, W] to features \
         [N, 64 · widen]. Parameter names are those of the common PyTorch code: block1.layer.0.conv1.",
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
         channels, H, W] to features [N, 10 · width], or [N, 10 · width · h · w] where they are not pooled. Parameter names are \
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

fn others(api: &mut Api) {
    let doc = "without its classifier: [N, channels, image, image] to features [N, dim], the class token behind the last norm \
               or the norm of the mean over the patches. Parameter names are timm's, as of vit_tiny_patch16_224.";
    type Build = fn(VitOptions) -> Result<crate::nn::Module>;
    let mut declare = |name: &str, what: &str, build: Build| {
        api.function(name, "options", &format!("{what} (Dosovitskiy et al. 2021) {doc}"), build).example(format!(
            "local encoder = mb.{name}({{ image = 16, patch = 4, dim = 24, depth = 2, heads = 3 }}):realise(\"encoder\")\n\
             print(encoder(mb.rand(2, 3, 16, 16)).shape[2]) --> 24",
        ));
    };
    declare("model.vit_tiny", "ViT-Ti", model::vit_tiny);
    declare("model.vit_small", "ViT-S", model::vit_small);
    api.function(
        "model.convnext_tiny",
        "options",
        "ConvNeXt-T (Liu et al. 2022) without its classifier: [N, channels, H, W] to features [N, 8 · width]. Parameter names \
         are torchvision's; classifier.0 is the last norm.",
        |options: ConvNextOptions| model::convnext_tiny(options),
    )
    .example(
        r#"local encoder = mb.model.convnext_tiny({ width = 4, depths = { 1, 1, 1, 1 } }):realise("encoder")
print(encoder(mb.rand(2, 3, 32, 32)).shape[2]) --> 32"#,
    );
    api.function(
        "model.mlp",
        "sizes, options",
        "A perceptron: linear layers between each two sizes, each but the last with a norm, an activation and dropout behind \
         it. Positions are those of torchvision.ops.MLP, where dropout has one also if it drops nothing: 0.weight, 3.weight.",
        |sizes: Vec<usize>, options: MlpOptions| model::mlp(&sizes, options),
    )
    .example(
        r#"local model = mb.model.mlp({ 4, 16, 2 }, { norm = "layer_norm", activation = "gelu" }):realise("model")
print(model(mb.rand(5, 4)).shape[2], model:parameters()["4.weight"].shape[1]) --> 2 2"#,
    );
}
