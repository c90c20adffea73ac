//! An episode as a picture: a column per class under its name, a row per example, support above queries.

use std::path::Path;

use super::Episode;
use crate::{
    Error, Result,
    position::number,
    run::{Legend, Tiles, contact_sheet},
    tensor::class_labels,
};

/// What stands where a class has fewer examples than another.
const BLANK: f32 = 1.0;

impl Episode {
    /// Writes one task as a PNG, counted from 0, with at most `columns` of its classes, named where they have names.
    ///
    /// # Errors
    /// There is no such task; the picture cannot be written.
    pub fn save_sheet(&self, path: &Path, task: usize, columns: usize) -> Result<()> {
        const OP: &str = "save_sheet";
        if task >= self.tasks {
            let range = format!("there are {}", self.tasks);
            return Err(Error::OutOfRange { op: OP, what: "task", got: number(task), range });
        }
        let columns = columns.min(self.ways).min(Tiles::MOST_COLUMNS);
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
        let (mut down, mut parts) = (0, Vec::new());
        for (name, (labels, offset)) in ["support", "query"].into_iter().zip(labels.into_iter().zip([0, support])) {
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
            parts.push((name.to_owned(), most));
        }
        let mut notes = Vec::new();
        if columns < self.ways {
            notes.push(format!("{columns} of {} classes", self.ways));
        }
        if self.tasks > 1 {
            notes.push(format!("task {} of {}", number(task), self.tasks));
        }
        let tiles = Tiles { values: &tiles, rows: down, columns, height: shape[2], width: shape[3] };
        contact_sheet(path, tiles, Legend { columns: self.names_of_ways(task, columns)?, parts, notes })
    }

    /// What the first classes of a task are called; nothing where they have no names.
    fn names_of_ways(&self, task: usize, columns: usize) -> Result<Vec<String>> {
        let Some((classes, names)) = self.classes.as_ref().and_then(|classes| Some((classes, classes.class_names()?)))
        else {
            return Ok(Vec::new());
        };
        let numbers = classes.ints("save_sheet")?;
        let of_task = &numbers[task * self.ways..][..columns];
        Ok(of_task.iter().map(|number| names.names().get(*number as usize).cloned().unwrap_or_default()).collect())
    }
}
