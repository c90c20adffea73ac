//! Data sets of named tensors: tensors with a row for each item, a ring that grows up to a capacity, or items that a
//! function computes. What is drawn is a function of the seed, the set's name and its place in the order, so that a run
//! that goes on from a checkpoint draws the same. Knows nothing of images and nothing of Lua.
//!
//! Described in `runtime/book/25-losses-and-metrics.md`.

mod computed;
mod options;
mod ring;
mod rows;
mod set;
mod walk;

pub use computed::Items;
pub use options::{BatchesOptions, DatasetOptions, SampleOptions};
pub use ring::Contents;
pub use rows::Named;
pub use set::Dataset;
