//! An episode as a picture: a column per class under its name, a row per example, support above queries above crops.

use std::path::Path;

use super::Episode;
use crate::{
    Error, Result,
    position::number,
    run::{Legend, Tiles, contact_sheet},
    tensor::{Resize, ResizeMode, class_labels},
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
        let (support, query, large) = (self.support_rows(), self.query_rows(), self.large_query_rows());
        let first = task * (support + large);
        let mut values = self.images.slice(0, first, first + support + large)?.floats()?;
        let shape = self.images.shape();
        if let Some(crops) = &self.crops {
            let size = [shape[2], shape[3]];
            let resize = Resize { size, scale: None, mode: ResizeMode::Nearest, align_corners: false };
            values.extend(crops.images.resized(OP, resize)?.floats()?);
        }
        let volume = shape[1] * shape[2] * shape[3];
        let of_task = |labels| class_labels(OP, labels, self.ways);
        let of_queries = of_task(&self.query_labels)?;
        let (queries, crops) = of_queries[task * query..][..query].split_at(large);
        let parts = [
            ("support", &of_task(&self.support_labels)?[task * support..][..support]),
            ("query", queries),
            ("crops", crops),
        ];
        let mut tiles = Vec::new();
        let (mut down, mut offset, mut named) = (0, 0, Vec::new());
        for (name, labels) in parts.into_iter().filter(|(_, labels)| !labels.is_empty()) {
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
            offset += labels.len();
            named.push((name.to_owned(), most));
        }
        let mut notes = Vec::new();
        if columns < self.ways {
            notes.push(format!("{columns} of {} classes", self.ways));
        }
        if self.tasks > 1 {
            notes.push(format!("task {} of {}", number(task), self.tasks));
        }
        let tiles = Tiles { values: &tiles, rows: down, columns, height: shape[2], width: shape[3] };
        contact_sheet(path, tiles, Legend { columns: self.names_of_ways(task, columns)?, parts: named, notes })
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
