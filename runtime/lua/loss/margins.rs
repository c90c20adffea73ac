//! Losses of vectors and scores that are compared, up to a margin.

use crate::{
    Tensor,
    loss::{
        self, CosineEmbeddingOptions, HingeOptions, MarginRankingOptions, ReductionOptions, TripletMarginOptions,
        TripletOptions,
    },
    lua::api::Api,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "loss.cosine_embedding",
        "input1, input2, target, options",
        "Mean of 1 − cos of rows [N, d] that are alike, and of max(0, cos − margin) of those that are not: target [N] \
         has 1 or -1.",
        |input1: Tensor, input2: Tensor, target: Tensor, options: CosineEmbeddingOptions| {
            loss::cosine_embedding(&input1, &input2, &target, options)
        },
    )
    .example(
        r"local a, b = mb.tensor { { 1.0, 0.0 }, { 0.0, 1.0 } }, mb.tensor { { 0.0, 2.0 }, { 0.0, 3.0 } }
print(mb.loss.cosine_embedding(a, b, mb.tensor { 1, 1 }):item()) --> 0.5",
    );
    api.function(
        "loss.negative_cosine_similarity",
        "input1, input2, options",
        "Mean of −cos of vectors along the last dim, between -1 and 1: the loss of BYOL and SimSiam, where the second \
         input is t:detach().",
        |input1: Tensor, input2: Tensor, options: ReductionOptions| {
            loss::negative_cosine_similarity(&input1, &input2, options)
        },
    )
    .example(
        r"local a = mb.tensor { { 3.0, 0.0 }, { 0.0, 2.0 } }
print(mb.loss.negative_cosine_similarity(a, a):item()) --> -1.0",
    );
    api.function(
        "loss.triplet_margin",
        "anchor, positive, negative, options",
        "Mean of max(0, d(anchor, positive) − d(anchor, negative) + margin) of vectors along the last dim. d is the \
         norm of order p of a difference, to which eps is added.",
        |anchor: Tensor, positive: Tensor, negative: Tensor, options: TripletMarginOptions| {
            loss::triplet_margin(&anchor, &positive, &negative, options)
        },
    )
    .example(
        r#"local anchor, near, far = mb.zeros(1, 2), mb.tensor { { 0.0, 2.0 } }, mb.tensor { { 2.5, 0.0 } }
print(("%.3f"):format(mb.loss.triplet_margin(anchor, near, far):item())) --> 0.500"#,
    );
    api.function(
        "loss.triplet",
        "embeddings, labels, options",
        "Mean of max(0, d(a, p) − d(a, n) + margin) over triplets within a batch [N, d] with labels int [N], with \
         Euclidean distances. mining = \"hard\": for each anchor the farthest of its class and the nearest of all \
         others (Hermans et al. 2017), anchors without either left out. \"semi_hard\": all triplets with \
         d(a, p) < d(a, n) < d(a, p) + margin (Schroff et al. 2015). \"all\": all with a loss over 0. The loss of \
         no triplet is 0. Memory for \"semi_hard\" and \"all\" grows with pairs of a class times N.",
        |embeddings: Tensor, labels: Tensor, options: TripletOptions| loss::triplet(&embeddings, &labels, options),
    )
    .example(
        r#"local z = mb.tensor { { 0.0 }, { 2.0 }, { 1.5 } }
local labels = mb.tensor { 1, 1, 2 }
print(mb.loss.triplet(z, labels, { margin = 1 }):item()) --> 2.0
print(mb.loss.triplet(z, labels, { margin = 1, mining = "semi_hard" }):item()) --> 0.0"#,
    );
    api.function(
        "loss.margin_ranking",
        "input1, input2, target, options",
        "Mean of max(0, −y · (x1 − x2) + margin): the target y is 1 where the first should be larger, else -1. All \
         have one shape.",
        |input1: Tensor, input2: Tensor, target: Tensor, options: MarginRankingOptions| {
            loss::margin_ranking(&input1, &input2, &target, options)
        },
    )
    .example(
        r"local a, b = mb.tensor { 1.0, 2.0 }, mb.tensor { 0.0, 4.0 }
print(mb.loss.margin_ranking(a, b, mb.tensor { 1, 1 }):item()) --> 1.0",
    );
    api.function(
        "loss.hinge",
        "input, target, options",
        "Mean of max(0, margin − y · x) of scores x and signs y, 1 or -1, of one shape: a support vector machine's \
         loss, and that of a discriminator.",
        |input: Tensor, target: Tensor, options: HingeOptions| loss::hinge(&input, &target, options),
    )
    .example(
        r"local scores = mb.tensor { 0.5, 3.0, 1.0 }
print(mb.loss.hinge(scores, mb.tensor { 1, 1, -1 }, { reduction = 'sum' }):item()) --> 2.5",
    );
    api.function(
        "loss.hinge_embedding",
        "input, target, options",
        "Mean of distances x where the target is 1, and of max(0, margin − x) where it is -1. Both have one shape.",
        |input: Tensor, target: Tensor, options: HingeOptions| loss::hinge_embedding(&input, &target, options),
    )
    .example(
        r"local distances = mb.tensor { 0.5, 0.25, 3.0 }
print(mb.loss.hinge_embedding(distances, mb.tensor { 1, -1, -1 }, { reduction = 'sum' }):item()) --> 1.25",
    );
}
