//! Metrics of scores that rank.

use crate::{
    Result, Tensor,
    lua::{api::Api, position},
    metric,
    tensor::Kind,
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "metric.auroc",
        "scores, labels",
        "The area under the ROC curve: the probability that a true row has a larger score than an untrue one, where \
         equal scores count half. Of scores [N] with bool [N], or with labels 1 and 2 of which 2 is true. Of scores \
         [N, C] the mean over classes, each against the rest, with labels int [N] or bool [N, C]. A class without a \
         true or an untrue row is an error.",
        |scores: Tensor, labels: Tensor| metric::auroc(&scores, &truths("auroc", &labels)?),
    )
    .example(
        r"local scores = mb.tensor { 0.1, 0.4, 0.35, 0.8 }
print(mb.metric.auroc(scores, mb.tensor { false, false, true, true })) --> 0.75",
    );
    api.function(
        "metric.average_precision",
        "scores, labels",
        "The average precision: the sum over thresholds, from the largest score on, of the precision times the recall \
         that is won. Of scores [N, C] the mean over classes, mAP. Scores and labels as of mb.metric.auroc. A class \
         without a true row is an error.",
        |scores: Tensor, labels: Tensor| metric::average_precision(&scores, &truths("average_precision", &labels)?),
    )
    .example(
        r"local scores = mb.tensor { 0.1, 0.4, 0.35, 0.8 }
print(mb.metric.average_precision(scores, mb.tensor { false, false, true, true })) --> 0.83333333333333",
    );
}

/// Truth values as they are, labels from 0.
fn truths(op: &'static str, labels: &Tensor) -> Result<Tensor> {
    if labels.kind() == Kind::Bool { Ok(labels.clone()) } else { position::from_lua(op, labels) }
}
