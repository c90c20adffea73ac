//! Evaluation of frozen features.

use super::{
    api::{Api, options},
    context::Context,
    data::loaded,
    position,
};
use crate::{Error, Tensor, data::ImageSet, evaluate, nn::Module};

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
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "evaluate.features",
        "encoder, images, batch",
        "The features of every image, unaugmented, in eval mode and without gradients: [N, d].",
        |cx: Context, encoder: Module, images: ImageSet, batch: Option<usize>| {
            let images = loaded(&cx, &images)?;
            evaluate::features(
                &encoder,
                images.pixels(),
                images.height(),
                images.width(),
                batch.unwrap_or(256),
                &cx.device,
            )
        },
    );
    api.function("evaluate.knn", "encoder, train, test, options", "Accuracy in percent of a weighted k-nearest-neighbour classifier (Wu et al. 2018) on frozen features of two data sets: cosine similarity, votes exp(cosine / temperature).", |cx: Context, encoder: Module, train: ImageSet, test: ImageSet, options: KnnOptions| {
        let (train, test) = (loaded(&cx, &train)?, loaded(&cx, &test)?);
        let features = |images: &crate::data::Images| {
            evaluate::features(&encoder, images.pixels(), images.height(), images.width(), options.batch, &cx.device)
        };
        if train.classes() != test.classes() {
            let names = |images: &crate::data::Images| images.classes().join(", ");
            return Err(Error::argument("knn", "test", format!("of the classes {}", names(&train)), names(&test)));
        }
        let classes = train.classes().len();
        let (known, asked) = (features(&train)?, features(&test)?);
        Ok(100.0 * evaluate::knn(&known, train.labels(), &asked, test.labels(), classes, options.k, options.temperature)?)
    });
    api.function(
        "evaluate.knn_features",
        "train, train_labels, test, test_labels, options",
        "As knn, on features [N, d] that you have; labels are ints from 1.",
        |train: Tensor, train_labels: Tensor, test: Tensor, test_labels: Tensor, options: KnnOptions| {
            let labels = |tensor: &Tensor| -> crate::Result<Vec<u32>> {
                let labels = position::from_lua("knn_features", tensor)?.ints("knn_features")?;
                labels
                    .into_iter()
                    .map(|label| {
                        u32::try_from(label)
                            .map_err(|_| crate::Error::argument("knn_features", "labels", "from 1", label + 1))
                    })
                    .collect()
            };
            let (known, asked) = (labels(&train_labels)?, labels(&test_labels)?);
            let classes = known.iter().chain(&asked).max().map_or(1, |label| *label as usize + 1);
            Ok(100.0 * evaluate::knn(&train, &known, &test, &asked, classes, options.k, options.temperature)?)
        },
    );
}
