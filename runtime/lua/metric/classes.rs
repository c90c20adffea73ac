//! Metrics of predicted classes.

use crate::{
    Result, Tensor,
    lua::{
        api::{Api, Several},
        position,
    },
    metric::{self, AccuracyOptions, ConfusionOptions, ScoreOptions, Shares},
    options::options,
    tensor::Kind,
};

options! {
    /// Options of `mb.metric.top_k_accuracy`.
    pub struct TopKOptions {
        /// Rows with this label are left out.
        pub ignore_index: i64 = -100;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "metric.accuracy",
        "predictions, labels, options",
        "The share of predictions that are right. Predictions are scores [N, C, …], whose largest counts, or ints of \
         the shape of the labels [N, …], which count from 1. NaN of no row. Counted on the host, as every metric is.",
        |predictions: Tensor, labels: Tensor, options: AccuracyOptions| {
            let [predictions, labels] = from_lua("accuracy", &predictions, &labels)?;
            let ignore_index = position::label_from_lua(options.ignore_index);
            metric::accuracy(&predictions, &labels, AccuracyOptions { ignore_index, ..options })
        },
    )
    .example(
        r#"local scores = mb.tensor { { 0.9, 0.1 }, { 0.8, 0.2 }, { 0.3, 0.7 }, { 0.6, 0.4 } }
local labels = mb.tensor { 1, 1, 2, 2 }
print(mb.metric.accuracy(scores, labels)) --> 0.75
print(mb.metric.accuracy(scores, mb.tensor { 1, 1, 1, 2 }, { average = "macro" })) --> 0.33333333333333"#,
    );
    api.function(
        "metric.top_k_accuracy",
        "scores, labels, k, options",
        "For each k of a list the share of rows whose label is among the k classes of the largest scores [N, C]. Of \
         equal scores the first class counts as larger. Labels are int [N] from 1.",
        |scores: Tensor, labels: Tensor, k: Vec<usize>, options: TopKOptions| {
            let labels = position::from_lua("top_k_accuracy", &labels)?;
            let ignore = position::label_from_lua(options.ignore_index);
            metric::top_k_accuracy(&scores, &labels, &k, ignore).map(Several)
        },
    )
    .example(
        r"local scores = mb.tensor { { 0.5, 0.3, 0.2 }, { 0.5, 0.3, 0.2 } }
local top1, top2 = mb.metric.top_k_accuracy(scores, mb.tensor { 1, 2 }, { 1, 2 })
print(top1, top2) --> 0.5 1.0",
    );
    api.function(
        "metric.class_accuracy",
        "predictions, labels, options",
        "For each class the share of its rows that are right, [C]; NaN for a class without rows. Predictions and \
         labels as of mb.metric.accuracy.",
        |predictions: Tensor, labels: Tensor, options: ConfusionOptions| {
            let [predictions, labels] = from_lua("class_accuracy", &predictions, &labels)?;
            metric::class_accuracy(&predictions, &labels, counted(options))
        },
    )
    .example(
        r"print(mb.metric.class_accuracy(mb.tensor { 1, 2, 2 }, mb.tensor { 1, 1, 2 }))
--> tensor [2] float32 on cpu
--> [0.5000, 1.0000]",
    );
    api.function(
        "metric.confusion_matrix",
        "predictions, labels, options",
        "Counts int [C, C]: row t, column p has how often class p was predicted for label t. Predictions and labels as \
         of mb.metric.accuracy.",
        |predictions: Tensor, labels: Tensor, options: ConfusionOptions| {
            let [predictions, labels] = from_lua("confusion_matrix", &predictions, &labels)?;
            metric::confusion_matrix(&predictions, &labels, counted(options))
        },
    )
    .example(
        r"print(mb.metric.confusion_matrix(mb.tensor { 1, 2, 2 }, mb.tensor { 1, 1, 2 }))
--> tensor [2, 2] int32 on cpu
--> [[1, 1],
-->  [0, 1]]",
    );
    api.function(
        "metric.precision_recall_f1",
        "predictions, labels, options",
        "Of each class [C]: the precision, how much of what was predicted as it is of it; the recall, how much of it \
         was predicted as it; F1, their harmonic mean; and the support, the number of its rows. 0 where it would be \
         0 / 0. Predictions and labels as of mb.metric.accuracy.",
        |predictions: Tensor, labels: Tensor, options: ConfusionOptions| {
            let [predictions, labels] = from_lua("precision_recall_f1", &predictions, &labels)?;
            let Shares { precision, recall, f1, support } =
                metric::precision_recall_f1(&predictions, &labels, counted(options))?;
            Ok((((precision, recall), f1), support))
        },
    )
    .example(
        r"local precision, recall, f1, support = mb.metric.precision_recall_f1(mb.tensor { 1, 2, 2 }, mb.tensor { 1, 1, 2 })
print(precision[2]:item(), recall[2]:item(), support[2]:item()) --> 0.5 1.0 1
print(f1)
--> tensor [2] float32 on cpu
--> [0.6667, 0.6667]",
    );
    scores(api);
}

fn scores(api: &mut Api) {
    api.function(
        "metric.precision",
        "predictions, labels, options",
        "The precision: how much of what was predicted as a class is of it, averaged. Predictions and labels as of \
         mb.metric.accuracy.",
        |predictions: Tensor, labels: Tensor, options: ScoreOptions| {
            let [predictions, labels] = from_lua("precision", &predictions, &labels)?;
            metric::precision(&predictions, &labels, averaged(options))
        },
    )
    .example(r"print(mb.metric.precision(mb.tensor { 1, 2, 2 }, mb.tensor { 1, 1, 2 })) --> 0.75");
    api.function(
        "metric.recall",
        "predictions, labels, options",
        "The recall: how much of a class was predicted as it, averaged. Predictions and labels as of \
         mb.metric.accuracy.",
        |predictions: Tensor, labels: Tensor, options: ScoreOptions| {
            let [predictions, labels] = from_lua("recall", &predictions, &labels)?;
            metric::recall(&predictions, &labels, averaged(options))
        },
    )
    .example(r"print(mb.metric.recall(mb.tensor { 1, 2, 2 }, mb.tensor { 1, 1, 2 })) --> 0.75");
    api.function(
        "metric.f1",
        "predictions, labels, options",
        "F1, the harmonic mean of precision and recall, averaged. Predictions and labels as of mb.metric.accuracy.",
        |predictions: Tensor, labels: Tensor, options: ScoreOptions| {
            let [predictions, labels] = from_lua("f1", &predictions, &labels)?;
            metric::f1(&predictions, &labels, averaged(options))
        },
    )
    .example(
        r#"local predicted, labels = mb.tensor { 1, 2, 2, 2 }, mb.tensor { 1, 1, 2, 2 }
print(("%.4f"):format(mb.metric.f1(predicted, labels))) --> 0.7333
print(mb.metric.f1(predicted, labels, { average = "micro" })) --> 0.75"#,
    );
}

/// Labels from 0, and predictions too where they are classes.
fn from_lua(op: &'static str, predictions: &Tensor, labels: &Tensor) -> Result<[Tensor; 2]> {
    let predictions = match predictions.kind() {
        Kind::Int => position::from_lua(op, predictions)?,
        _ => predictions.clone(),
    };
    Ok([predictions, position::from_lua(op, labels)?])
}

fn counted(options: ConfusionOptions) -> ConfusionOptions {
    ConfusionOptions { ignore_index: position::label_from_lua(options.ignore_index), ..options }
}

fn averaged(options: ScoreOptions) -> ScoreOptions {
    ScoreOptions { of: counted(options.of), ..options }
}
