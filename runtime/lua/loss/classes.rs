//! Losses of classes: of scores or logarithms of probabilities beside labels, or beside probabilities.

use crate::{
    Tensor,
    loss::{self, CrossEntropyOptions, KlDivOptions, MultiMarginOptions, NllOptions},
    lua::{api::Api, position},
    tensor::Kind,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "loss.cross_entropy",
        "logits, target, options",
        "Mean −log softmax of logits [N, C, d1, …] over classes at labels, int [N, d1, …] from 1. Or with float \
         probabilities of classes of the logits' shape, such as those of MixUp. The mean of no row is NaN. Labels are \
         read from the device once, to be checked.",
        |logits: Tensor, target: Tensor, options: CrossEntropyOptions| {
            let is_soft = target.kind() == Kind::Float && target.rank() == logits.rank();
            let target = if is_soft { target } else { position::from_lua("cross_entropy", &target)? };
            let ignore_index = match is_soft {
                true => options.ignore_index,
                false => position::label_from_lua(options.ignore_index),
            };
            loss::cross_entropy(&logits, &target, &CrossEntropyOptions { ignore_index, ..options })
        },
    )
    .example(
        r"local logits = mb.tensor { { 2.0, 2.0 }, { 50.0, 0.0 } }
print(mb.loss.cross_entropy(logits, mb.tensor { 1, 1 }))
--> tensor [] float32 on cpu
--> 0.3466
print(mb.loss.cross_entropy(logits, mb.tensor { 1, 0 }, { ignore_index = 0 }))
--> tensor [] float32 on cpu
--> 0.6931
print(mb.loss.cross_entropy(logits, mb.tensor { { 0.5, 0.5 }, { 0.9, 0.1 } }))
--> tensor [] float32 on cpu
--> 2.8466",
    );
    api.function(
        "loss.nll",
        "input, labels, options",
        "Mean −input at labels, int [N, d1, …] from 1, of logarithms of probabilities [N, C, d1, …]. From logits take \
         cross_entropy. Labels are read from the device once, to be checked.",
        |input: Tensor, labels: Tensor, options: NllOptions| {
            let ignore_index = position::label_from_lua(options.ignore_index);
            loss::nll(&input, &position::from_lua("nll", &labels)?, &NllOptions { ignore_index, ..options })
        },
    )
    .example(
        r"local log_probabilities = mb.tensor { { 0.25, 0.75 }, { 0.5, 0.5 } }:log()
print(mb.loss.nll(log_probabilities, mb.tensor { 2, 1 }))
--> tensor [] float32 on cpu
--> 0.4904",
    );
    api.function(
        "loss.kl_div",
        "input, target, options",
        "Mean of target · (ln target − input), of logarithms of probabilities beside probabilities of the same shape: \
         how far the target is from the input, the order of PyTorch. 0 · ln 0 is 0. The divergence of rows is that of \
         reduction = \"batchmean\".",
        |input: Tensor, target: Tensor, options: KlDivOptions| loss::kl_div(&input, &target, options),
    )
    .example(
        r#"local p, q = mb.tensor { { 0.5, 0.5 } }, mb.tensor { { 1.0, 0.0 } }
print(("%.4f"):format(mb.loss.kl_div(p:log(), q, { reduction = "batchmean" }):item())) --> 0.6931"#,
    );
    api.function(
        "loss.multi_margin",
        "input, labels, options",
        "Mean over rows of Σ max(0, margin − x_y + x_c)ᵖ / C over the classes c other than the label y, of scores \
         [N, C] and labels int [N] from 1: the hinge of several classes.",
        |input: Tensor, labels: Tensor, options: MultiMarginOptions| {
            loss::multi_margin(&input, &position::from_lua("multi_margin", &labels)?, &options)
        },
    )
    .example(
        r"local scores = mb.tensor { { 2.0, 0.0 }, { 0.0, 0.5 } }
print(mb.loss.multi_margin(scores, mb.tensor { 1, 1 }):item()) --> 0.375",
    );
}
