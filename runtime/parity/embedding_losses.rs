//! Losses of embeddings: of pairs, of triplets, of all rows of a batch.

use super::{
    Case,
    losses::loss,
    noise::{ints, noise},
};
use crate::{
    Result, Tensor,
    loss::{
        AlignmentOptions, CosineEmbeddingOptions, DclOptions, DclwOptions, DinoOptions, Mining, ReductionOptions,
        SupervisedContrastiveOptions, TripletMarginOptions, TripletOptions, UniformityOptions, VicregOptions,
        VicregTermsOptions, alignment, cosine_embedding, dcl, dclw, dino, negative_cosine_similarity,
        supervised_contrastive, triplet, triplet_margin, uniformity, vicreg, vicreg_terms,
    },
};

const SHAPE: &[usize] = &[66, 35];

pub(super) fn cases() -> Vec<Case> {
    vec![
        loss("cosine_embedding", SHAPE, |z| {
            let target = ints("signs", &[66], [0, 1], z.device())?.mul_scalar(2.0)?.sub_scalar(1.0)?;
            cosine_embedding(z, &other(z)?, &target, CosineEmbeddingOptions { margin: 0.1, ..Default::default() })
        }),
        loss("negative_cosine_similarity", SHAPE, |z| {
            negative_cosine_similarity(z, &other(z)?, ReductionOptions::default())
        }),
        loss("triplet_margin", SHAPE, |z| {
            let [anchor, positive, negative] = [0, 22, 44].map(|first| z.slice(0, first, first + 22));
            let options = TripletMarginOptions { swap: true, ..Default::default() };
            triplet_margin(&anchor?, &positive?, &negative?, options)
        }),
        mined("triplet, hard", Mining::Hard),
        mined("triplet, semi_hard", Mining::SemiHard),
        mined("triplet, all", Mining::All),
        loss("supervised_contrastive", SHAPE, |z| {
            supervised_contrastive(z, &labels(z)?, SupervisedContrastiveOptions::default())
        }),
        loss("vicreg", SHAPE, |z| vicreg(z, &other(z)?, VicregOptions::default())),
        loss("vicreg_terms", SHAPE, |z| {
            let [invariance, variance, covariance] = vicreg_terms(z, &other(z)?, VicregTermsOptions::default())?;
            invariance.mul_scalar(0.3)?.add(&variance)?.add(&covariance.mul_scalar(0.7)?)
        }),
        loss("dino, 6 crops", SHAPE, |z| {
            let center = Some(noise("center", &[35], z.device())?);
            let options = DinoOptions { crops: 6, center, ..Default::default() };
            dino(z, &other(z)?.slice(0, 0, 22)?, &options)
        }),
        loss("dcl", SHAPE, |z| dcl(z, DclOptions { temperature: 0.5 })),
        loss("dclw", SHAPE, |z| dclw(z, DclwOptions { sigma: 0.5, common: DclOptions { temperature: 0.5 } })),
        loss("alignment", SHAPE, |z| alignment(z, &other(z)?, AlignmentOptions { alpha: 1.5 })),
        loss("uniformity", SHAPE, |z| uniformity(z, UniformityOptions::default())),
    ]
}

fn mined(name: &'static str, mining: Mining) -> Case {
    loss(name, SHAPE, move |z| triplet(z, &labels(z)?, TripletOptions { mining, ..Default::default() }))
}

fn other(z: &Tensor) -> Result<Tensor> {
    noise("other embeddings", z.shape(), z.device())
}

fn labels(z: &Tensor) -> Result<Tensor> {
    ints("labels", &[66], [0, 6], z.device())
}
