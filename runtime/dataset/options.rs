//! Options of data sets of tensors.

use crate::options::options;

options! {
    /// Options of `mb.data.from`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct DatasetOptions {
        /// How many items a function has; of tensors it is known.
        pub count: Option<usize> = None, in 1..=DatasetOptions::MOST;
        /// How many items a set of tensors grows to; then the newest take the place of the oldest.
        pub capacity: Option<usize> = None, in 1..=DatasetOptions::MOST;
    }
    /// Options of a data set's `batches`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct BatchesOptions {
        /// The items of a batch.
        pub batch: usize, in 1..;
        /// Whether the set's own shuffled order is gone on with, to the end of its epoch. Else a pass from the first item
        /// to the last.
        pub shuffle: bool = false;
        /// Whether a last batch of fewer items is left out.
        pub drop_last: bool = false;
    }
    /// Options of a data set's `sample`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SampleOptions {
        /// Whether an item may be drawn more than once.
        pub replacement: bool = true;
    }
}

impl DatasetOptions {
    /// The most items that a set has.
    pub const MOST: usize = i32::MAX as usize;
}
