//! An episode: one or several tasks of support and query images with class labels. How one is built from views
//! (every image a class) or from labelled classes, and how it is changed: mixed queries, rotated views.
//!
//! Rows are task-major; within a task the support rows come before the query rows; each part is view-major: row
//! k·B + i (from 0) is the example k + 1 of class i + 1, of B.
//!
//! Described in `runtime/book/06-episodes.md`.

mod altered;
mod build;
mod few_shot;
mod mixing;
mod roster;
mod rotation;
mod sheet;
mod views;

pub use altered::{Mixing, Rotated};
pub use build::Parts;
pub use few_shot::FewShot;
pub use mixing::MixOptions;
pub use rotation::RotateOptions;
pub use views::ViewOptions;

use roster::{Class, Roster};

use crate::{Error, Result, Tensor};

/// Unit rows that differ by less in every entry are equal to float32.
const SAME_DIRECTION: f64 = 1e-6;

/// One or several tasks.
#[derive(Clone)]
pub struct Episode {
    /// Floats in 0..1, [T·(n + m), 3, H, W], for T tasks of n support and m query rows.
    pub images: Tensor,
    /// The class of each support row within its task, from 0: int [T, n].
    pub support_labels: Tensor,
    /// The class of each query row within its task, from 0: int [T, m].
    pub query_labels: Tensor,
    /// The class of each way in the data set, from 0: int [T, B]; none for images of unknown origin.
    pub classes: Option<Tensor>,
    /// The number of classes of a task, B.
    pub ways: usize,
    /// Support rows per class; rounded down where classes differ.
    pub shots: usize,
    /// Query rows per class; rounded down where classes differ.
    pub queries: usize,
    /// The number of tasks, T.
    pub tasks: usize,
    /// Whether rows of a part follow each other class by class, example by example.
    pub view_major: bool,
    /// What the queries were mixed with.
    pub mixing: Option<Mixing>,
    /// Which rows were rotated, and how far.
    pub rotated: Option<Rotated>,
}

impl Episode {
    /// Support rows of a task, n.
    pub fn support_rows(&self) -> usize {
        self.support_labels.shape()[1]
    }

    /// Query rows of a task, m.
    pub fn query_rows(&self) -> usize {
        self.query_labels.shape()[1]
    }

    /// Rows of a class, support and queries.
    pub fn views_of_class(&self) -> usize {
        self.shots + self.queries
    }

    /// All rows, T·(n + m).
    pub fn rows(&self) -> usize {
        self.tasks * (self.support_rows() + self.query_rows())
    }

    /// The support images `[T, n, 3, H, W]` and the query images `[T, m, 3, H, W]`.
    ///
    /// # Errors
    /// The device failed.
    pub fn parts(&self) -> Result<(Tensor, Tensor)> {
        let (support, query) = (self.support_rows(), self.query_rows());
        let tasks = self.images.reshape(&[&[self.tasks, support + query], &self.images.shape()[1..]].concat())?;
        Ok((tasks.slice(1, 0, support)?, tasks.slice(1, support, support + query)?))
    }

    /// Embeddings `[T·(n + m), d]` as those of the support `[T, n, d]` and of the queries `[T, m, d]`. One read from
    /// the device tells whether they can be learnt from.
    ///
    /// # Errors
    /// Another number of rows; embeddings that are not finite; support of one direction in every task.
    pub fn split(&self, embeddings: &Tensor) -> Result<(Tensor, Tensor)> {
        const OP: &str = "split";
        embeddings.want_float(OP)?;
        let &[rows, width] = embeddings.shape() else {
            let want = format!("wants embeddings [{}, d]", self.rows());
            return Err(Error::Shape { op: OP.into(), want, got: embeddings.shape().to_vec() });
        };
        if rows != self.rows() {
            let want = format!("wants the embeddings of {} rows", self.rows());
            return Err(Error::Shape { op: OP.into(), want, got: embeddings.shape().to_vec() });
        }
        let (support, query) = (self.support_rows(), self.query_rows());
        let tasks = embeddings.reshape(&[self.tasks, support + query, width])?;
        let parts = (tasks.slice(1, 0, support)?, tasks.slice(1, support, support + query)?);
        // Heads look at directions only. One number tells both: it is NaN where anything is not finite.
        let directions = parts.0.detach().normalize(2)?;
        let spread = directions.sub(&directions.slice(1, 0, 1)?)?.abs()?.max(None, false)?;
        let finite = embeddings.detach().mul_scalar(0.0)?.sum(None, false)?;
        let spread = spread.add(&finite)?.item()?;
        if spread.is_nan() {
            return Err(Error::NotFinite { op: OP, what: "an embedding".into(), step: None });
        }
        if spread < SAME_DIRECTION {
            return Err(Error::argument(OP, "support embeddings", "of different directions", "all equal ones"));
        }
        Ok(parts)
    }

    /// What it is, in one line.
    pub fn describe(&self) -> String {
        let count = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        format!(
            "{} of {}, {} and {} each, images {}",
            count(self.tasks, "task", "tasks"),
            count(self.ways, "way", "ways"),
            count(self.shots, "shot", "shots"),
            count(self.queries, "query", "queries"),
            crate::tensor::format_shape(self.images.shape()),
        )
    }

    /// The order of the rows, in words.
    pub fn layout(&self) -> &'static str {
        if self.view_major {
            "task by task, support before queries, each view-major: first every class's first example, then every \
                 second"
        } else {
            "task by task, support before queries, in the order of the labels given"
        }
    }
}
