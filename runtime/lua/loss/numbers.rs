//! Losses of numbers beside the numbers that they should be.

use crate::{
    Tensor,
    loss::{self, HuberOptions, ReductionOptions, SmoothL1Options},
    lua::api::Api,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "loss.mse",
        "input, target, options",
        "Mean of (input − target)². Both have one shape: nothing broadcasts, since [N, 1] and [N] would be N² losses.",
        |input: Tensor, target: Tensor, options: ReductionOptions| loss::mse(&input, &target, options),
    )
    .example(
        r#"local got, want = mb.tensor { 1.0, 2.0 }, mb.tensor { 1.0, 4.0 }
print(mb.loss.mse(got, want):item(), mb.loss.mse(got, want, { reduction = "sum" }):item()) --> 2.0 4.0"#,
    );
    api.function(
        "loss.l1",
        "input, target, options",
        "Mean of |input − target|. Both have one shape. The gradient where both are equal is 0.",
        |input: Tensor, target: Tensor, options: ReductionOptions| loss::l1(&input, &target, options),
    )
    .example(
        r#"local got, want = mb.tensor { 1.0, 2.0 }, mb.tensor { 1.0, 4.0 }
print(mb.loss.l1(got, want):item()) --> 1.0"#,
    );
    api.function(
        "loss.huber",
        "input, target, options",
        "Mean of d² / 2 of differences d up to delta, and of delta · (|d| − delta / 2) beyond (Huber 1964). Input and \
         target have one shape.",
        |input: Tensor, target: Tensor, options: HuberOptions| loss::huber(&input, &target, options),
    )
    .example(
        r#"local got, want = mb.tensor { 0.5, 3.0 }, mb.tensor { 0.0, 0.0 }
print(mb.loss.huber(got, want, { delta = 2, reduction = "none" }))
--> tensor [2] float32 on cpu
--> [0.1250, 4.0000]"#,
    );
    api.function(
        "loss.smooth_l1",
        "input, target, options",
        "Mean of d² / (2 · beta) of differences d up to beta, and of |d| − beta / 2 beyond (Girshick 2015): Huber's \
         loss divided by beta. Input and target have one shape.",
        |input: Tensor, target: Tensor, options: SmoothL1Options| loss::smooth_l1(&input, &target, options),
    )
    .example(
        r#"local got, want = mb.tensor { 0.5, 3.0 }, mb.tensor { 0.0, 0.0 }
print(mb.loss.smooth_l1(got, want, { beta = 2, reduction = "none" }))
--> tensor [2] float32 on cpu
--> [0.0625, 2.0000]"#,
    );
}
