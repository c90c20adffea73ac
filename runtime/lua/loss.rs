//! Losses.

use super::{api::Api, position};
use crate::{
    Tensor,
    loss::{self, NtXentOptions},
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
        "loss.cross_entropy",
        "logits, labels",
        "Mean −log softmax of logits [N, C] at labels, int [N] from 1.",
        |logits: Tensor, labels: Tensor| loss::cross_entropy(&logits, &position::from_lua("cross_entropy", &labels)?),
    )
    .example(
        r"local logits = mb.tensor { { 2.0, 2.0 }, { 50.0, 0.0 } }
print(mb.loss.cross_entropy(logits, mb.tensor { 1, 1 }))
--> tensor [] float32 on cpu
--> 0.3466",
    );
}
