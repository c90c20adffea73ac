//! Losses of predictions beside what they should be: numbers, truth values, classes.

use super::{
    Case,
    losses::loss,
    noise::{ints, noise},
};
use crate::{
    Device, Result, Tensor,
    loss::{
        BceOptions, BceWithLogitsOptions, CrossEntropyOptions, FocalOptions, HingeOptions, HuberOptions, KlDivOptions,
        KlReduction, MarginRankingOptions, MultiMarginOptions, NllOptions, Reduction, ReductionOptions,
        SmoothL1Options, bce, bce_with_logits, cross_entropy, focal, hinge, hinge_embedding, huber, kl_div, l1,
        margin_ranking, mse, multi_margin, nll, smooth_l1,
    },
};

const SUM: ReductionOptions = ReductionOptions { reduction: Reduction::Sum };
const SHAPE: &[usize] = &[37, 21];

pub(super) fn cases() -> Vec<Case> {
    vec![
        loss("mse", SHAPE, |z| mse(z, &other(z)?, ReductionOptions::default())),
        loss("l1 of a sum", SHAPE, |z| l1(z, &other(z)?, SUM)),
        loss("huber", SHAPE, |z| huber(z, &other(z)?, HuberOptions { delta: 0.3, ..HuberOptions::default() })),
        loss("smooth_l1", SHAPE, |z| smooth_l1(z, &other(z)?, SmoothL1Options { beta: 0.3, common: SUM })),
        loss("bce_with_logits, weighed", SHAPE, |z| {
            let weight = Some(noise("class weights", &[21], z.device())?.add_scalar(1.5)?);
            let options = BceWithLogitsOptions { weight: weight.clone(), pos_weight: weight, ..Default::default() };
            bce_with_logits(&z.mul_scalar(9.0)?, &truths(z)?, &options)
        }),
        loss("bce", SHAPE, |z| {
            bce(&z.mul_scalar(0.45)?.add_scalar(0.5)?, &truths(z)?, &BceOptions { weight: None, common: SUM })
        }),
        loss("focal", SHAPE, |z| focal(&z.mul_scalar(4.0)?, &truths(z)?, FocalOptions::default())),
        loss("cross_entropy, smoothed, weighed, of pixels", &[3, 21, 5], |z| {
            let weight = Some(noise("class weights", &[21], z.device())?.add_scalar(1.5)?);
            let options = CrossEntropyOptions { weight, ignore_index: 4, label_smoothing: 0.1, ..Default::default() };
            cross_entropy(&z.mul_scalar(4.0)?, &ints("labels", &[3, 5], [0, 20], z.device())?, &options)
        }),
        loss("cross_entropy of probabilities", SHAPE, |z| {
            cross_entropy(&z.mul_scalar(4.0)?, &other(z)?.softmax(1)?, &CrossEntropyOptions::default())
        }),
        loss("nll", SHAPE, |z| {
            let options = NllOptions { weight: None, ignore_index: 4, common: ReductionOptions::default() };
            nll(&z.log_softmax(1)?, &labels(z.device())?, &options)
        }),
        loss("kl_div", SHAPE, |z| {
            let options = KlDivOptions { reduction: KlReduction::BatchMean, log_target: false };
            kl_div(&z.log_softmax(1)?, &other(z)?.softmax(1)?, options)
        }),
        loss("multi_margin", SHAPE, |z| {
            multi_margin(z, &labels(z.device())?, &MultiMarginOptions { p: 2, ..Default::default() })
        }),
        loss("margin_ranking", SHAPE, |z| {
            margin_ranking(z, &other(z)?, &signs(z)?, MarginRankingOptions { margin: 0.2, ..Default::default() })
        }),
        loss("hinge and hinge_embedding", SHAPE, |z| {
            let options = HingeOptions { margin: 0.7, common: SUM };
            hinge(z, &signs(z)?, options)?.add(&hinge_embedding(z, &signs(z)?, options)?)
        }),
    ]
}

fn other(z: &Tensor) -> Result<Tensor> {
    noise("targets", z.shape(), z.device())
}

fn truths(z: &Tensor) -> Result<Tensor> {
    other(z)?.gt_scalar(0.2)
}

fn signs(z: &Tensor) -> Result<Tensor> {
    truths(z)?.cast(crate::tensor::Kind::Float)?.mul_scalar(2.0)?.sub_scalar(1.0)
}

fn labels(device: &Device) -> Result<Tensor> {
    ints("labels", &[37], [0, 20], device)
}
