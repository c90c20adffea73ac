//! An episode as a picture: a column per class, a row per example, support above queries.

use std::path::Path;

use super::Episode;
use crate::{Error, Result, run::contact_sheet, tensor::class_labels};

/// What stands where a class has fewer examples than another.
const BLANK: f32 = 1.0;

impl Episode {
    /// Draws one task, counted from 0, with at most `columns` of its classes.
    ///
    /// # Errors
    /// There is no such task; the picture cannot be written.
    pub fn draw_sheet(&self, path: &Path, task: usize, columns: usize) -> Result<()> {
        const OP: &str = "save_sheet";
        if task >= self.tasks {
            let range = format!("there are {}", self.tasks);
            return Err(Error::OutOfRange { op: OP, what: "task", got: task as i64 + 1, range });
        }
        let columns = columns.min(self.ways);
        let (support, query) = (self.support_rows(), self.query_rows());
        let first = task * (support + query);
        let values = self.images.slice(0, first, first + support + query)?.floats()?;
        let shape = self.images.shape();
        let volume = shape[1] * shape[2] * shape[3];
        let of_task = |labels| class_labels(OP, labels, self.ways);
        let labels = [
            &of_task(&self.support_labels)?[task * support..][..support],
            &of_task(&self.query_labels)?[task * query..][..query],
        ];
        let mut tiles = Vec::new();
        let mut down = 0;
        for (labels, offset) in labels.into_iter().zip([0, support]) {
            let mut members = vec![Vec::new(); columns];
            for (row, class) in labels.iter().enumerate().filter(|(_, class)| **class < columns) {
                members[*class].push(offset + row);
            }
            let most = members.iter().map(Vec::len).max().unwrap_or(0);
            for example in 0..most {
                for class in &members {
                    match class.get(example) {
                        Some(row) => tiles.extend_from_slice(&values[row * volume..(row + 1) * volume]),
                        None => tiles.resize(tiles.len() + volume, BLANK),
                    }
                }
            }
            down += most;
        }
        contact_sheet(path, &tiles, down, columns, shape[2], shape[3])
    }
}
