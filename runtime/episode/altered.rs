//! What an episode remembers of how its views were changed after they were made.

use crate::Tensor;

/// What the queries were mixed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixing {
    /// λ: the share of its own image in a query, 0 to 1.
    pub weight: f64,
    /// For each query row of each task, the row of the same task that it was mixed with, from 0.
    pub partners: Vec<Vec<usize>>,
}

/// Which rows were rotated, and how far.
#[derive(Clone)]
pub struct Rotated {
    /// Rows of the episode, from 0: int [r].
    pub rows: Tensor,
    /// Quarter turns of each, 0 to 3: int [r].
    pub turns: Tensor,
}
