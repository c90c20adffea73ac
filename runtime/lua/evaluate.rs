//! Evaluation of frozen features.

use mlua::{Lua, MultiValue, Value};

use super::{
    api::{Api, Returned, options},
    context::Context,
    data::loaded,
    object::named,
    position,
};
use crate::{
    Error, Result, Tensor,
    data::{ImageSet, Images},
    evaluate::{self, FewShotAccuracy, FewShotHead, FewShotProtocol, Labels, LinearProbe, Matched},
    nn::Module,
    position::number,
    views::Source,
};

/// Images per forward pass, where nothing else is said.
const BATCH: usize = 256;

named! {
    FewShotHead, "\"prototypes\"|\"ridge\"|\"logistic\"";
}

options! {
    /// Options of `mb.evaluate.knn`.
    KnnOptions("KnnOptions") {
        /// Neighbours that vote.
        k: usize = 200;
        /// A neighbour's vote is exp(cosine / temperature).
        temperature: f64 = 0.1;
        /// Images per forward pass.
        batch: usize = 256;
    }

    /// Options of `mb.evaluate.few_shot`.
    FewShotEvaluationOptions("FewShotEvaluationOptions") {
        /// Classes of an episode.
        ways: usize = 5;
        /// Support images of each class, which the head is fitted on.
        shots: usize = 1;
        /// Query images of each class, which it classifies.
        queries: usize = 15;
        /// How many episodes.
        episodes: usize = 1000;
        /// "prototypes": the nearest class mean. "ridge": ridge regression on one-hot labels. "logistic": logistic regression as scikit-learn's.
        head: FewShotHead = FewShotHead::Prototypes;
        /// The penalty of ridge.
        lambda: f64 = 1.0;
        /// The inverse penalty C of logistic.
        c: f64 = 1.0;
        /// Keys the episodes: 0 or more. The same for every encoder and head.
        seed: i64 = 0;
        /// Images per forward pass.
        batch: usize = 256;
    }

    /// Options of `mb.evaluate.linear`.
    LinearProbeOptions("LinearProbeOptions") {
        /// Passes over the training images.
        epochs: usize = 100;
        /// Images of a step; a shorter last batch is left out.
        batch: usize = 256;
        /// The learning rate of the first step. It falls linearly to 0.
        lr: f64 = 0.1;
        /// Momentum of the steps.
        momentum: f64 = 0.9;
        /// Of weight and bias.
        weight_decay: f64 = 1e-4;
        /// Whether features are L2-normalised first.
        normalize: bool = false;
        /// Keys the order of the images: 0 or more.
        seed: i64 = 0;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "evaluate.features",
        "encoder, images, batch",
        "The features of every image, unaugmented, in eval mode and without gradients: [N, d].",
        |cx: Context, encoder: Module, images: ImageSet, batch: Option<usize>| {
            features(&cx, &encoder, &loaded(&cx, &images)?, batch.unwrap_or(BATCH))
        },
    )
    .example(
        r#"session.images = mb.data.images("shapes", { count = 20 })
session.encoder = mb.model.resnet18 { stem = "cifar", width = 4 }
local features = mb.evaluate.features(session.encoder, session.images)
print(table.concat(features.shape, " x ")) --> 20 x 32"#,
    );
    api.function("evaluate.knn", "encoder, train, test, options", "Accuracy in percent of a weighted k-nearest-neighbour classifier (Wu et al. 2018) on frozen features of two data sets: cosine similarity, votes exp(cosine / temperature). Classes are matched by name, whatever their order; a class of test that no row of train has is an error.", |cx: Context, encoder: Module, train: ImageSet, test: ImageSet, options: KnnOptions| {
        let (train, test) = (loaded(&cx, &train)?, loaded(&cx, &test)?);
        let labels = told(&cx, evaluate::matched("knn", Labels::of(&train), Labels::of(&test))?);
        let (known, asked) = (features(&cx, &encoder, &train, options.batch)?, features(&cx, &encoder, &test, options.batch)?);
        knn(&cx, &known, &asked, labels, &options)
    });
    api.function(
        "evaluate.knn_features",
        "train, train_labels, test, test_labels, options",
        "As knn, on features [N, d] that you have; labels are ints from 1, matched by name where both carry the names of classes, as images:labels() does, else by number. A class of test that no row of train has is an error; one that only train has is told.",
        |cx: Context,
         train: Tensor,
         train_labels: Tensor,
         test: Tensor,
         test_labels: Tensor,
         options: KnnOptions| {
            let labels = matched(&cx, "knn_features", &train_labels, &test_labels)?;
            knn(&cx, &train, &test, labels, &options)
        },
    );
    api.function("evaluate.few_shot", "encoder, images, options", "Accuracy in percent of a head that is fitted on few images of a few classes, over episodes drawn from a labelled data set: frozen, L2-normalised features, each query on its own. With the half width of the mean's 95 % confidence interval over episodes, and the protocol in words.", |cx: Context, encoder: Module, images: ImageSet, options: FewShotEvaluationOptions| {
        let (batch, protocol) = (options.batch, options.protocol(&cx, "few_shot")?);
        let images = loaded(&cx, &images)?;
        let accuracy = evaluate::few_shot(&features(&cx, &encoder, &images, batch)?, images.labels(), &protocol)?;
        Ok(Measured { accuracy, protocol })
    });
    api.function(
        "evaluate.few_shot_features",
        "features, labels, options",
        "As few_shot, on features [N, d] that you have; labels are ints from 1.",
        |cx: Context, features: Tensor, of_rows: Tensor, options: FewShotEvaluationOptions| {
            let protocol = options.protocol(&cx, "few_shot_features")?;
            let accuracy = evaluate::few_shot(&features, &labels("few_shot_features", &of_rows)?, &protocol)?;
            Ok(Measured { accuracy, protocol })
        },
    );
    api.function("evaluate.linear", "encoder, train, test, options", "Accuracy in percent on test of a linear layer trained on frozen features of train, unaugmented: from zero, by SGD with momentum, the learning rate falling linearly to 0. Classes are matched by name, whatever their order; a class of test that no row of train has is an error.", |cx: Context, encoder: Module, train: ImageSet, test: ImageSet, options: LinearProbeOptions| {
        let probe = options.probe(&cx, "linear")?;
        let (train, test) = (loaded(&cx, &train)?, loaded(&cx, &test)?);
        let Matched { train: known, test: asked, classes, .. } =
            told(&cx, evaluate::matched("linear", Labels::of(&train), Labels::of(&test))?);
        let (train, test) = (features(&cx, &encoder, &train, BATCH)?, features(&cx, &encoder, &test, BATCH)?);
        Ok(100.0 * evaluate::linear(&train, &known, &test, &asked, classes, &probe)?)
    });
    api.function(
        "evaluate.linear_features",
        "train, train_labels, test, test_labels, options",
        "As linear, on features [N, d] that you have; labels are ints from 1, matched by name where both carry the names of classes, as images:labels() does, else by number. A class of test that no row of train has is an error; one that only train has is told.",
        |cx: Context,
         train: Tensor,
         train_labels: Tensor,
         test: Tensor,
         test_labels: Tensor,
         options: LinearProbeOptions| {
            let probe = options.probe(&cx, "linear_features")?;
            let Matched { train: known, test: asked, classes, .. } =
                matched(&cx, "linear_features", &train_labels, &test_labels)?;
            Ok(100.0 * evaluate::linear(&train, &known, &test, &asked, classes, &probe)?)
        },
    );
}

/// Features of all images; in an evaluation that is only tried those of a few.
fn features(cx: &Context, encoder: &Module, images: &Images, batch: usize) -> Result<Tensor> {
    match cx.is_tried() {
        true => evaluate::sketched_features(encoder, images, batch, &cx.device),
        false => evaluate::features(encoder, Source::Set(images), batch, &cx.device),
    }
}

fn knn(cx: &Context, train: &Tensor, test: &Tensor, labels: Matched, options: &KnnOptions) -> Result<f64> {
    let Matched { train: known, test: asked, classes, .. } = labels;
    let (test, asked) = if cx.is_tried() { evaluate::sketched_rows(test, asked)? } else { (test.clone(), asked) };
    Ok(100.0 * evaluate::knn(train, &known, &test, &asked, classes, options.k, options.temperature)?)
}

/// Matched labels, once the user was told what there is to know of them.
fn told(cx: &Context, labels: Matched) -> Matched {
    labels.notes.iter().for_each(|note| cx.note(note));
    labels
}

/// The labels of two sets as the same classes.
fn matched(cx: &Context, op: &'static str, train: &Tensor, test: &Tensor) -> Result<Matched> {
    let (known, asked) = (labels(op, train)?, labels(op, test)?);
    let known = Labels { numbers: &known, names: train.class_names() };
    let asked = Labels { numbers: &asked, names: test.class_names() };
    Ok(told(cx, evaluate::matched(op, known, asked)?))
}

/// Labels from 1 as the core's.
fn labels(op: &'static str, tensor: &Tensor) -> Result<Vec<u32>> {
    let labels = position::from_lua(op, tensor)?.ints(op)?;
    let label = |label| u32::try_from(label).map_err(|_| Error::argument(op, "labels", "from 1", number(label)));
    labels.into_iter().map(label).collect()
}

fn seed(op: &str, seed: i64) -> Result<u64> {
    u64::try_from(seed).map_err(|_| Error::argument(op, "seed", "0 or more", seed))
}

impl FewShotEvaluationOptions {
    fn protocol(self, cx: &Context, op: &str) -> Result<FewShotProtocol> {
        let Self { ways, shots, queries, episodes, head, lambda, c, .. } = self;
        let head = match head {
            FewShotHead::Prototypes => head,
            FewShotHead::Ridge { .. } => FewShotHead::Ridge { lambda },
            FewShotHead::Logistic { .. } => FewShotHead::Logistic { c },
        };
        let protocol = FewShotProtocol { ways, shots, queries, episodes, head, seed: seed(op, self.seed)? };
        Ok(if cx.is_tried() { protocol.sketched() } else { protocol })
    }
}

impl LinearProbeOptions {
    fn probe(self, cx: &Context, op: &str) -> Result<LinearProbe> {
        let Self { epochs, batch, lr, momentum, weight_decay, normalize, .. } = self;
        let probe = LinearProbe { epochs, batch, lr, momentum, weight_decay, normalize, seed: seed(op, self.seed)? };
        Ok(if cx.is_tried() { probe.sketched() } else { probe })
    }
}

/// What a few-shot evaluation gives a script.
struct Measured {
    accuracy: FewShotAccuracy,
    protocol: FewShotProtocol,
}

impl Returned for Measured {
    fn kind() -> String {
        "{ accuracy: number, interval: number, episodes: integer, protocol: string }".into()
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        let table = lua.create_table()?;
        table.raw_set("accuracy", 100.0 * self.accuracy.accuracy)?;
        table.raw_set("interval", 100.0 * self.accuracy.interval)?;
        table.raw_set("episodes", self.accuracy.episodes)?;
        table.raw_set("protocol", self.protocol.to_string())?;
        Ok(MultiValue::from_vec(vec![Value::Table(table)]))
    }
}
