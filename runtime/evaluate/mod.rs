//! How good features are, by classifiers that are fitted on them. The module that made the features learns nothing.
//!
//! Described in `runtime/book/07-evaluation.md`.

mod classifier;
mod episodes;
mod features;
mod few_shot;
#[cfg(test)]
mod fixture;
mod head;
mod knn;
mod labels;
mod layer;
mod linear;
mod linear_probe;
mod logistic;
mod newton;
mod protocol;
mod rows;
mod sketch;
mod unfit;

pub use features::features;
pub use few_shot::{FewShotAccuracy, few_shot};
pub use head::FewShotHead;
pub use knn::{KnnOptions, knn};
pub use labels::{Labels, Matched, matched};
pub use linear::linear;
pub use linear_probe::LinearProbe;
pub use protocol::FewShotProtocol;
pub use sketch::{sketched_features, sketched_rows};
