//! Losses: functions of embeddings, logits or predictions, a scalar unless they are asked for each element's. They are
//! put together from operations of tensors, so they have gradients of any order.

mod binary;
mod classes;
mod cosine;
mod cross_entropy;
mod dcl;
mod dino;
mod hypersphere;
mod kl_div;
mod margin;
mod nll;
mod nt_xent;
mod operands;
mod reduction;
mod regression;
mod similarity;
mod supervised_contrastive;
mod triplet;
mod triplet_margin;
mod vicreg;

pub use binary::{BceOptions, BceWithLogitsOptions, FocalOptions, bce, bce_with_logits, focal};
pub use cosine::{CosineEmbeddingOptions, cosine_embedding, negative_cosine_similarity};
pub use cross_entropy::{CrossEntropyOptions, cross_entropy};
pub use dcl::{DclOptions, DclwOptions, dcl, dclw};
pub use dino::{DinoOptions, dino};
pub use hypersphere::{AlignmentOptions, UniformityOptions, alignment, uniformity};
pub use kl_div::{KlDivOptions, KlReduction, kl_div};
pub use margin::{
    HingeOptions, MarginRankingOptions, MultiMarginOptions, hinge, hinge_embedding, margin_ranking, multi_margin,
};
pub use nll::{NllOptions, nll};
pub use nt_xent::{NtXentOptions, nt_xent};
pub use reduction::{Reduction, ReductionOptions};
pub use regression::{HuberOptions, SmoothL1Options, huber, l1, mse, smooth_l1};
pub use supervised_contrastive::{SupervisedContrastiveOptions, supervised_contrastive};
pub use triplet::{Mining, TripletOptions, triplet};
pub use triplet_margin::{TripletMarginOptions, triplet_margin};
pub use vicreg::{VicregOptions, VicregTermsOptions, vicreg, vicreg_terms};
