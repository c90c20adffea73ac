//! MixUp and CutMix of labelled batches.

use super::{api::Api, context::Context, position};
use crate::{
    Result, Tensor,
    mixing::{LabelledMixOptions, cutmix, mixup},
    rng::Stream,
    tensor::Kind,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "augment.mixup",
        "images, labels, options",
        "MixUp (Zhang et al. 2018), as torchvision's: λ of each of the images [B, C, H, W] and 1 − λ of the one before it in \
         the batch, one λ ~ Beta(alpha, alpha) for all. Labels are ints [B] from 1, or probabilities of classes. Gives the \
         images and targets, floats [B, classes], which mb.loss.cross_entropy takes. Gradients flow through the images. \
         Keyed by the step and the number of such calls in it.",
        |cx: Context, images: Tensor, labels: Tensor, options: LabelledMixOptions| {
            let stream = Stream::new(cx.seed, "mixup");
            mixup(&images, &from_lua("mixup", &labels)?, options, &stream, cx.next_draw("mixup"))
        },
    )
    .example(
        r"local images, labels = mb.cat { mb.zeros(1, 3, 4, 4), mb.ones(1, 3, 4, 4) }, mb.tensor { 1, 3 }
local mixed, targets = mb.augment.mixup(images, labels, { classes = 3 })
local weight = targets[1][1]:item() -- λ
print(weight > 0 and weight < 1, targets:sum(2):allclose(1)) --> true true
print(mixed[2]:allclose(weight), mixed[1]:allclose(1 - weight)) --> true true",
    );
    api.function(
        "augment.cutmix",
        "images, labels, options",
        "CutMix (Yun et al. 2019), as torchvision's: in each of the images [B, C, H, W] a box of the one before it in the \
         batch, of the share 1 − λ of the area before it is clipped, λ ~ Beta(alpha, alpha). All boxes are at one place. \
         The targets' λ is what is left of the image. Otherwise as mixup.",
        |cx: Context, images: Tensor, labels: Tensor, options: LabelledMixOptions| {
            let stream = Stream::new(cx.seed, "cutmix");
            cutmix(&images, &from_lua("cutmix", &labels)?, options, &stream, cx.next_draw("cutmix"))
        },
    )
    .example(
        r#"session.images = mb.data.images("shapes", { count = 20 })
local batch = session.images:next(4)
local images, targets = mb.augment.cutmix(batch:images(), batch:labels()) -- which know how many classes there are
local logits = mb.zeros(4, 10)
print(#images, targets.shape[2], mb.loss.cross_entropy(logits, targets):isfinite():item()) --> 4 10 true"#,
    );
}

/// Labels from 0; probabilities of classes as they are.
fn from_lua(op: &'static str, labels: &Tensor) -> Result<Tensor> {
    if labels.kind() == Kind::Float { Ok(labels.clone()) } else { position::from_lua(op, labels) }
}
