//! Losses of truth values, each by itself.

use crate::{
    Tensor,
    loss::{self, BceOptions, BceWithLogitsOptions, FocalOptions},
    lua::api::Api,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "loss.bce_with_logits",
        "input, target, options",
        "Mean binary cross-entropy of logits with truth values or probabilities of the same shape, bool or float: \
         −(y · ln σ(x) + (1 − y) · ln(1 − σ(x))), finite for logits of any size. Ints are refused: labels count from \
         1, and would be taken for 0 and 1.",
        |input: Tensor, target: Tensor, options: BceWithLogitsOptions| loss::bce_with_logits(&input, &target, &options),
    )
    .example(
        r#"local logits = mb.tensor { 0.0, 1e4 }
local loss = mb.loss.bce_with_logits(logits, mb.tensor { true, false }, { reduction = "none" })
print(loss)
--> tensor [2] float32 on cpu
--> [0.6931, 10000.0000]"#,
    );
    api.function(
        "loss.bce",
        "input, target, options",
        "Mean binary cross-entropy of probabilities from 0 to 1 with truth values or probabilities of the same shape, \
         bool or float. No logarithm counts as under −100, as in PyTorch. From logits take bce_with_logits, which \
         keeps its digits. The probabilities are read from the device once, to be checked.",
        |input: Tensor, target: Tensor, options: BceOptions| loss::bce(&input, &target, &options),
    )
    .example(
        r#"local loss = mb.loss.bce(mb.tensor { 0.5, 0.0 }, mb.tensor { true, true }, { reduction = "none" })
print(loss)
--> tensor [2] float32 on cpu
--> [0.6931, 100.0000]"#,
    );
    api.function(
        "loss.focal",
        "input, target, options",
        "Mean focal loss of logits with truth values of the same shape, bool or float (Lin et al. 2017): binary \
         cross-entropy times (1 − p)^gamma, with p the probability of what is true, times alpha for true elements \
         and 1 − alpha for false ones. The mean by default, where torchvision's sigmoid_focal_loss has \"none\".",
        |input: Tensor, target: Tensor, options: FocalOptions| loss::focal(&input, &target, options),
    )
    .example(
        r#"local logits, truth = mb.tensor { 0.0 }, mb.tensor { true }
print(("%.4f"):format(mb.loss.focal(logits, truth, { alpha = -1 }):item())) --> 0.1733"#,
    );
}
