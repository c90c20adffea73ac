//! An episode: one or several tasks of support and query images with class labels. How one is built from views
//! (every image a class) or from labelled classes, and how it is changed: mixed queries, rotated views.
//!
//! Rows are task-major; within a task the support rows come before the query rows; each part is view-major: row
//! k·B + i (from 0) is the example k + 1 of class i + 1, of B. Crops, which are queries of another size, come last.
//!
//! Described in `runtime/book/06-episodes.md`.

mod altered;
mod build;
mod crops;
mod few_shot;
mod mixing;
mod roster;
mod rotation;
mod sheet;
mod sizes;
mod views;

pub use altered::{Mixing, Rotated};
pub use build::Parts;
pub use crops::{CropViews, Crops, SameSize};
pub use few_shot::FewShot;
pub use mixing::MixOptions;
pub use rotation::RotateOptions;
pub use views::ViewOptions;

use roster::{Class, Roster};

use crate::{Error, Result, Tensor, tensor::format_shape};

/// Unit rows that differ by less in every entry are equal to float32.
const SAME_DIRECTION: f64 = 1e-6;

/// One or several tasks.
#[derive(Clone)]
pub struct Episode {
    /// Floats in 0..1, [T·(n + m), 3, H, W], for T tasks of n support and m query rows; without the crops.
    pub images: Tensor,
    /// Query views of another size, whose rows come behind all others; in an episode of one task only.
    pub crops: Option<Crops>,
    /// The class of each support row within its task, from 0: int [T, n].
    pub support_labels: Tensor,
    /// The class of each query row within its task, those of crops last, from 0: int [T, m].
    pub query_labels: Tensor,
    /// The class of each way in the data set, from 0: int [T, B]; none for images of unknown origin.
    pub classes: Option<Tensor>,
    /// The number of classes of a task, B.
    pub ways: usize,
    /// Support rows per class; rounded down where classes differ.
    pub shots: usize,
    /// Query rows per class without crops; rounded down where classes differ.
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

    /// Query rows of a task, crops among them.
    pub fn query_rows(&self) -> usize {
        self.query_labels.shape()[1]
    }

    /// Query rows of a task without crops, m.
    pub(super) fn large_query_rows(&self) -> usize {
        self.query_rows() - self.crops.as_ref().map_or(0, |crops| crops.images.shape()[0])
    }

    /// Rows of a class: support, queries and crops.
    pub fn views_of_class(&self) -> usize {
        self.shots + self.queries + self.crops_of_class()
    }

    /// All rows: T·(n + m), and those of crops.
    pub fn rows(&self) -> usize {
        self.tasks * (self.support_rows() + self.query_rows())
    }

    /// The support images `[T, n, 3, H, W]` and the query images `[T, m, 3, H, W]`, without crops.
    ///
    /// # Errors
    /// The device failed.
    pub fn parts(&self) -> Result<(Tensor, Tensor)> {
        let (support, query) = (self.support_rows(), self.large_query_rows());
        let tasks = self.images.reshape(&[&[self.tasks, support + query], &self.images.shape()[1..]].concat())?;
        Ok((tasks.slice(1, 0, support)?, tasks.slice(1, support, support + query)?))
    }

    /// Embeddings `[rows, d]` as those of the support `[T, n, d]` and of the queries `[T, m, d]`, crops behind the others.
    /// One read from the device tells whether they can be learnt from.
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
        // Crops are in episodes of one task only, whose rows lie as they are split.
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
        let tasks = count(self.tasks, "task", "tasks");
        let ways = count(self.ways, "way", "ways");
        let shots = count(self.shots, "shot", "shots");
        let queries = count(self.queries, "query", "queries");
        let images = format_shape(self.images.shape());
        match &self.crops {
            None => format!("{tasks} of {ways}, {shots} and {queries} each, images {images}"),
            Some(crops) => {
                let (views, small) = (count(crops.views, "crop", "crops"), format_shape(crops.images.shape()));
                format!("{tasks} of {ways}, {shots}, {queries} and {views} each, images {images} and {small}")
            }
        }
    }

    /// The order of the rows, in words.
    pub fn layout(&self) -> &'static str {
        if self.crops.is_some() {
            "support before queries before crops, each view-major: first every class's first example, then every second"
        } else if self.view_major {
            "task by task, support before queries, each view-major: first every class's first example, then every \
                 second"
        } else {
            "task by task, support before queries, in the order of the labels given"
        }
    }
}
