//! Losses of embeddings that are compared with all others of a batch.

use crate::{
    Tensor,
    loss::{
        self, AlignmentOptions, DclOptions, DclwOptions, NtXentOptions, SupervisedContrastiveOptions, UniformityOptions,
    },
    lua::api::Api,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "loss.nt_xent",
        "z, options",
        "The contrastive loss of SimCLR (Chen et al. 2020) for any number of views: rows of z [V·B, d] are normalised. \
         The loss is the mean of −log softmax of the cosines / temperature, over rows and over the other views of the \
         same image; a row is left out of its own softmax.",
        |z: Tensor, options: NtXentOptions| loss::nt_xent(&z, options),
    )
    .example(
        r"local one = mb.eye(2)
local apart, alike = mb.cat { one, one:flip(1) }, mb.cat { one, one }
print(mb.loss.nt_xent(alike):item() < mb.loss.nt_xent(apart):item()) --> true",
    );
    api.function(
        "loss.supervised_contrastive",
        "z, labels, options",
        "The supervised contrastive loss (Khosla et al. 2020), L_out: for each row of z [N, d], normalised, the mean of \
         −log softmax of the cosines / temperature over the other rows of its class; a row is left out of its own \
         softmax. Then the mean over rows that have others of their class; 0 where none has. labels are int [N], or \
         [B] of the images of view-major rows [V·B, d].",
        |z: Tensor, labels: Tensor, options: SupervisedContrastiveOptions| {
            loss::supervised_contrastive(&z, &labels, options)
        },
    )
    .example(
        r"local z = mb.cat { mb.eye(2), mb.eye(2) } -- two views of two images
local same = mb.loss.supervised_contrastive(z, mb.tensor { 1, 2 })
print(same:item() < mb.loss.supervised_contrastive(z, mb.tensor { 1, 1 }):item()) --> true",
    );
    api.function(
        "loss.dcl",
        "z, options",
        "Decoupled contrastive learning (Yeh et al. 2022): the loss of SimCLR for two views, rows of z [2·B, d] \
         view-major and normalised, without the positive pair in the denominator, so that small batches do well.",
        |z: Tensor, options: DclOptions| loss::dcl(&z, options),
    )
    .example(
        r"local one = mb.eye(2)
local apart, alike = mb.cat { one, one:flip(1) }, mb.cat { one, one }
print(mb.loss.dcl(alike):item() < mb.loss.dcl(apart):item()) --> true",
    );
    api.function(
        "loss.dclw",
        "z, options",
        "As mb.loss.dcl, each positive pair weighed by 2 − exp(cos / sigma) / mean exp(cos / sigma): pairs that are \
         apart count more.",
        |z: Tensor, options: DclwOptions| loss::dclw(&z, options),
    )
    .example(
        r"local z = mb.cat { mb.eye(2), mb.eye(2) } -- all pairs are alike: each weighs 1
print((mb.loss.dclw(z) - mb.loss.dcl(z)):abs():item() < 1e-5) --> true",
    );
    api.function(
        "loss.alignment",
        "x, y, options",
        "Mean of ‖x − y‖^alpha over pairs of rows [N, d], normalised (Wang and Isola 2020).",
        |x: Tensor, y: Tensor, options: AlignmentOptions| loss::alignment(&x, &y, options),
    )
    .example(
        r#"local x = mb.eye(2)
print(mb.loss.alignment(x, x):item(), ("%.4f"):format(mb.loss.alignment(x, x:flip(1)):item())) --> 0.0 2.0000"#,
    );
    api.function(
        "loss.uniformity",
        "x, options",
        "The logarithm of the mean of exp(−t · ‖x − y‖²) over all pairs of different rows of x [N, d], normalised \
         (Wang and Isola 2020): 0 where all are the same, less the more they spread.",
        |x: Tensor, options: UniformityOptions| loss::uniformity(&x, options),
    )
    .example(r#"print(("%.4f"):format(mb.loss.uniformity(mb.eye(3)):item())) --> -4.0000"#);
}
