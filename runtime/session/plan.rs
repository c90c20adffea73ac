//! How many steps a training has, and whether its data sets have room for the batch that it asks for.

use super::{Component, Purpose, Session, batch_option::BatchOption};
use crate::{Error, Result};

impl Session {
    /// Notes the script's option `batch`, and the number that is used for it, which is less in a check. The first note
    /// holds.
    pub fn note_batch(&mut self, asked: usize, taken: usize) {
        self.beginning.note_batch(BatchOption { asked, taken });
    }

    /// The batch that a real training asks for where this session asks for `batch`.
    pub fn real_batch(&self, batch: usize) -> usize {
        self.beginning.batch().filter(|known| known.taken == batch).map_or(batch, |known| known.asked)
    }

    /// Sets the number of steps, which schedules and the progress bar go by.
    pub fn plan(&mut self, total: u64) {
        if self.purpose != Purpose::Check {
            self.counters.total = total;
        }
    }

    /// The number of steps that `setup` or the option `steps` planned; 0 where only the loop knows it.
    pub fn planned(&self) -> u64 {
        self.beginning.made.total
    }

    /// As [`Session::plan`], for a count that was worked out.
    ///
    /// # Errors
    /// No step, with the data sets that have too few images for the option `batch`, as that is mostly why.
    pub fn plan_count(&mut self, op: &str, count: i64) -> Result<()> {
        if count > 0 {
            self.plan(count.unsigned_abs());
            return Ok(());
        }
        let batch = self.beginning.batch().map_or(0, |known| known.asked);
        let small = self.components.iter().filter_map(|(name, component)| match component {
            Component::ImageSet(set) => set.images(&|_, _| {}).ok().map(|images| (name, images.len())),
            _ => None,
        });
        let small: Vec<String> = small
            .filter(|(_, images)| *images < batch)
            .map(|(name, images)| format!("{name} has {images} images, the option batch is {batch}"))
            .collect();
        let why = if small.is_empty() { String::new() } else { format!(": {}", small.join("; ")) };
        Err(Error::argument(op, "count", "a positive integer", format!("{count}{why}")))
    }

    /// Refuses a step count that no training has.
    pub fn check_plan(&self) -> Result<()> {
        if self.counters.total > 0 {
            return Ok(());
        }
        let reason = "the number of steps is not known; set options.steps, or call session:plan(steps) in setup".into();
        Err(Error::State { op: "steps", reason })
    }
}
