//! Evaluation of frozen features.

use mlua::{Lua, MultiValue, Value};

use super::{
    api::{Api, Returned},
    context::Context,
    data::loaded,
    object::named,
    position,
};
use crate::{
    Error, Result, Tensor,
    data::{ImageSet, Images},
    evaluate::{self, FewShotAccuracy, FewShotHead, FewShotProtocol, KnnOptions, Labels, LinearProbe, Matched},
    nn::Module,
    options::options,
    position::number,
    views::Source,
};

named! {
    FewShotHead;
}

options! {
    /// How features are computed.
    pub struct ForwardOptions {
        /// Images per forward pass.
        pub batch: usize = 256, in 1..;
    }

    /// Options of `mb.evaluate.knn`.
    pub struct KnnTable as "KnnOptions" {
        ..forward: ForwardOptions;
        ..vote: KnnOptions;
    }

    /// Options of `mb.evaluate.few_shot`.
    pub struct FewShotEvaluationOptions {
        ..forward: ForwardOptions;
        ..protocol: FewShotProtocol;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "evaluate.features",
        "encoder, images, batch",
        "The features of every image, unaugmented, in eval mode and without gradients: [N, d].",
        |cx: Context, encoder: Module, images: ImageSet, batch: Option<usize>| {
            features(&cx, &encoder, &loaded(&cx, &images)?, batch.unwrap_or(ForwardOptions::default().batch))
        },
    )
    .example(
        r#"session.images = mb.data.images("shapes", { count = 20 })
session.encoder = mb.model.resnet18 { stem = "cifar", width = 4 }
local features = mb.evaluate.features(session.encoder, session.images)
print(table.concat(features.shape, " x ")) --> 20 x 32"#,
    );
    api.function(
        "evaluate.knn",
        "encoder, train, test, options",
        "Accuracy in percent of a weighted k-nearest-neighbour classifier (Wu et al. 2018) on frozen features of two \
         data sets: cosine similarity, votes exp(cosine / temperature). Classes are matched by name, whatever their \
         order; a class that only test has is an error.",
        |cx: Context, encoder: Module, train: ImageSet, test: ImageSet, options: KnnTable| {
            let (train, test) = (loaded(&cx, &train)?, loaded(&cx, &test)?);
            let labels = told(&cx, evaluate::matched("knn", Labels::of(&train), Labels::of(&test))?);
            let (known, asked) = (
                features(&cx, &encoder, &train, options.forward.batch)?,
                features(&cx, &encoder, &test, options.forward.batch)?,
            );
            knn(&cx, &known, &asked, labels, options.vote)
        },
    )
    .example(
        r#"local images = mb.data.images("shapes", { count = 50 })
print(mb.evaluate.knn(mb.nn.flatten(), images, images, { k = 1 })) --> 100.0"#,
    );
    api.function(
        "evaluate.knn_features",
        "train, train_labels, test, test_labels, options",
        "As knn, on features [N, d] that you have; labels are ints from 1. They are matched by name if both carry the \
             names of classes, as images:labels() does, else by number. A class that only test has is an error; a \
             class that only train has is reported.",
        |cx: Context, train: Tensor, train_labels: Tensor, test: Tensor, test_labels: Tensor, options: KnnTable| {
            let labels = matched(&cx, "knn_features", &train_labels, &test_labels)?;
            knn(&cx, &train, &test, labels, options.vote)
        },
    )
    .example(
        r"local train, test = mb.tensor { { 1.0, 0.0 }, { 0.0, 1.0 } }, mb.tensor { { 0.9, 0.1 }, { 0.7, 0.3 } }
print(mb.evaluate.knn_features(train, mb.tensor { 1, 2 }, test, mb.tensor { 1, 2 }, { k = 1 })) --> 50.0",
    );
    api.function(
        "evaluate.few_shot",
        "encoder, images, options",
        "Accuracy in percent of a head that is fitted on few images of a few classes, over episodes drawn from a \
         labelled data set: frozen, L2-normalised features, each query on its own. With the half width of the mean's \
         95 % confidence interval over episodes, and the protocol in words.",
        |cx: Context, encoder: Module, images: ImageSet, options: FewShotEvaluationOptions| {
            let (batch, protocol) = (options.forward.batch, tried(&cx, options.protocol));
            let images = loaded(&cx, &images)?;
            let accuracy = evaluate::few_shot(&features(&cx, &encoder, &images, batch)?, images.labels(), &protocol)?;
            Ok(Measured { accuracy, protocol })
        },
    )
    .example(
        r#"local images = mb.data.images("shapes", { count = 50 })
local found = mb.evaluate.few_shot(mb.nn.flatten(), images, { queries = 4, episodes = 10 })
print(found.protocol) --> 5-way 1-shot 4-query, 10 episodes, prototypes on unit features, seed 0
print(found.accuracy >= 0 and found.accuracy <= 100) --> true"#,
    );
    api.function(
        "evaluate.few_shot_features",
        "features, labels, options",
        "As few_shot, on features [N, d] that you have; labels are ints from 1.",
        |cx: Context, features: Tensor, of_rows: Tensor, options: FewShotEvaluationOptions| {
            let protocol = tried(&cx, options.protocol);
            let accuracy = evaluate::few_shot(&features, &labels("few_shot_features", &of_rows)?, &protocol)?;
            Ok(Measured { accuracy, protocol })
        },
    )
    .example(
        r"local labels = mb.range(1, 60) % 3 + 1
local features = labels:one_hot(3) + mb.rand(60, 3) / 10
local found = mb.evaluate.few_shot_features(features, labels, { ways = 3, episodes = 20 })
print(found.accuracy, found.interval) --> 100.0 0.0",
    );
    api.function(
        "evaluate.linear",
        "encoder, train, test, options",
        "Accuracy in percent on test of a linear layer trained on frozen features of train, unaugmented: from zero, by \
         SGD with momentum, the learning rate falling linearly to 0. Classes are matched by name, whatever their \
         order; a class of test that no row of train has is an error.",
        |cx: Context, encoder: Module, train: ImageSet, test: ImageSet, options: LinearProbe| {
            let probe = tried_probe(&cx, options);
            let (train, test) = (loaded(&cx, &train)?, loaded(&cx, &test)?);
            let Matched { train: known, test: asked, classes, .. } =
                told(&cx, evaluate::matched("linear", Labels::of(&train), Labels::of(&test))?);
            let batch = ForwardOptions::default().batch;
            let (train, test) = (features(&cx, &encoder, &train, batch)?, features(&cx, &encoder, &test, batch)?);
            Ok(100.0 * evaluate::linear(&train, &known, &test, &asked, classes, &probe)?)
        },
    )
    .example(
        r#"local train = mb.data.images("shapes", { count = 50 })
local test = mb.data.images("shapes", { count = 20, split = "test" })
local accuracy = mb.evaluate.linear(mb.nn.flatten(), train, test, { epochs = 2, batch = 10 })
print(accuracy >= 0 and accuracy <= 100) --> true"#,
    );
    api.function(
        "evaluate.linear_features",
        "train, train_labels, test, test_labels, options",
        "As linear, on features [N, d] that you have; labels are ints from 1, matched by name where both carry the \
             names of classes, as images:labels() does, else by number. A class of test that no row of train has is an \
             error; one that only train has is told.",
        |cx: Context, train: Tensor, train_labels: Tensor, test: Tensor, test_labels: Tensor, options: LinearProbe| {
            let probe = tried_probe(&cx, options);
            let Matched { train: known, test: asked, classes, .. } =
                matched(&cx, "linear_features", &train_labels, &test_labels)?;
            Ok(100.0 * evaluate::linear(&train, &known, &test, &asked, classes, &probe)?)
        },
    )
    .example(
        r"local labels = mb.range(1, 60) % 3 + 1
local features = labels:one_hot(3) + mb.rand(60, 3) / 10
print(mb.evaluate.linear_features(features, labels, features, labels, { epochs = 20, batch = 20 })) --> 100.0",
    );
}

/// Features of all images; in an evaluation that is only tried those of a few.
fn features(cx: &Context, encoder: &Module, images: &Images, batch: usize) -> Result<Tensor> {
    match cx.is_tried() {
        true => evaluate::sketched_features(encoder, images, batch, &cx.device),
        false => evaluate::features(encoder, Source::Set(images), batch, &cx.device),
    }
}

fn knn(cx: &Context, train: &Tensor, test: &Tensor, labels: Matched, options: KnnOptions) -> Result<f64> {
    let Matched { train: known, test: asked, classes, .. } = labels;
    let (test, asked) = if cx.is_tried() { evaluate::sketched_rows(test, asked)? } else { (test.clone(), asked) };
    Ok(100.0 * evaluate::knn(train, &known, &test, &asked, classes, options)?)
}

/// Shows the notes on matched labels to the user, and returns the labels.
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

/// The protocol, with few episodes in an evaluation that is only tried.
fn tried(cx: &Context, protocol: FewShotProtocol) -> FewShotProtocol {
    if cx.is_tried() { protocol.sketched() } else { protocol }
}

/// The probe, with one epoch in an evaluation that is only tried.
fn tried_probe(cx: &Context, probe: LinearProbe) -> LinearProbe {
    if cx.is_tried() { probe.sketched() } else { probe }
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
