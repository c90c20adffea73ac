//! Losses of views that need no others of a batch to differ from.

use crate::{
    Tensor,
    loss::{self, DinoOptions, VicregOptions, VicregTermsOptions},
    lua::api::Api,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "loss.vicreg",
        "a, b, options",
        "VICReg (Bardes et al. 2022) of embeddings [N, d] of two views: the weighted sum of the terms of \
         mb.loss.vicreg_terms.",
        |a: Tensor, b: Tensor, options: VicregOptions| loss::vicreg(&a, &b, options),
    )
    .example(
        r"local a, b = mb.randn(8, 4), mb.randn(8, 4)
local invariance, variance, covariance = mb.loss.vicreg_terms(a, b)
local sum = 25 * invariance + 25 * variance + covariance
print((mb.loss.vicreg(a, b) - sum):abs():item() < 1e-4) --> true",
    );
    api.function(
        "loss.vicreg_terms",
        "a, b, options",
        "The terms of VICReg, without weights: the invariance, the mean squared difference; the variance, the mean of \
         max(0, gamma − √(var + epsilon)) over dims and views; the covariance, the sum of the squared covariances of \
         different dims, divided by d, of both views. Variances are divided by N − 1.",
        |a: Tensor, b: Tensor, options: VicregTermsOptions| {
            let [invariance, variance, covariance] = loss::vicreg_terms(&a, &b, options)?;
            Ok(((invariance, variance), covariance))
        },
    )
    .example(
        r#"local z = mb.zeros(4, 3) -- a collapse
local invariance, variance, covariance = mb.loss.vicreg_terms(z, z)
print(invariance:item(), ("%.2f"):format(variance:item()), covariance:item()) --> 0.0 0.99 0.0"#,
    );
    api.function(
        "loss.dino",
        "student, teacher, options",
        "DINO (Caron et al. 2021): the mean over images, and over pairs of a teacher's and another crop of the \
         student's, of −Σ q · ln p, with the softmaxes q of (teacher − center) / teacher_temperature and p of student / \
         temperature. Logits are view-major: student [crops·B, K], teacher [teacher_crops·B, K], whose crops are the \
         student's first. No gradient flows into the teacher. The center is moved by the script: \
         center:lerp(teacher:mean(1), 0.1).",
        |student: Tensor, teacher: Tensor, options: DinoOptions| loss::dino(&student, &teacher, &options),
    )
    .example(
        r#"local teacher = mb.tensor { { 4.0, 0.0 }, { 4.0, 0.0 } } -- two crops of one image
local student = mb.cat { teacher, mb.tensor { { 0.0, 0.0 } } } -- and a small one
local loss = mb.loss.dino(student, teacher, { crops = 3, center = mb.tensor { 0.1, 0.0 } })
print(("%.4f"):format(loss:item())) --> 0.3466"#,
    );
}
