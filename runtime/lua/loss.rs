//! Losses.

use super::{
    api::{Api, options},
    position,
};
use crate::{Tensor, loss};

options! {
    /// Options of `mb.loss.nt_xent`.
    NtXentOptions("NtXentOptions") {
        /// Views per image; the rows of z are view-major.
        views: usize = 2;
        /// Divides the logits.
        temperature: f64 = 0.5;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function("loss.nt_xent", "z, options", "The contrastive loss of SimCLR (Chen et al. 2020) for any number of views: rows of z [V·B, d] are normalised; the mean over rows and over the other views of the same image of −log softmax of the cosines / temperature, a row itself left out.", |z: Tensor, options: NtXentOptions| {
        loss::nt_xent(&z, options.views, options.temperature)
    });
    api.function(
        "loss.cross_entropy",
        "logits, labels",
        "Mean −log softmax of logits [N, C] at labels, int [N] from 1.",
        |logits: Tensor, labels: Tensor| loss::cross_entropy(&logits, &position::from_lua("cross_entropy", &labels)?),
    )
    .example(
        r"local logits = mb.tensor { { 9.0, 0.0 }, { 0.0, 9.0 } }
local right, wrong = mb.tensor { 1, 2 }, mb.tensor { 2, 1 }
assert(mb.loss.cross_entropy(logits, right):item() < mb.loss.cross_entropy(logits, wrong):item())",
    );
}
