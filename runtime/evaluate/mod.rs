//! How good features are, without training anything on them.

mod features;
mod knn;

pub use features::features;
pub use knn::knn;
