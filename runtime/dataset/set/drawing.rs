//! Which items of a data set are drawn, and by what their random numbers are keyed.

use super::{
    super::{Named, computed::stacked},
    Dataset, Source,
};
use crate::{
    Error, Result, memory,
    position::number,
    rng::{DrawKey, Stream},
};

/// What keys the random numbers of computed items: the index comes besides.
struct Keys {
    stream: Stream,
    step: u64,
}

/// What keys the draws of a set without a name.
const NAMELESS: &str = "data";

impl Dataset {
    /// The next items of the shuffled order. A batch never mixes epochs: what is left over at the end of one is passed
    /// over.
    ///
    /// # Errors
    /// As [`Dataset::check_order`]; a count of 0 or larger than the set; the function's.
    pub fn next(&self, count: usize) -> Result<Named> {
        const OP: &str = "next";
        self.check_order(OP)?;
        self.check_batch(OP, "count", count)?;
        let (picks, stream) = self.walk(OP, |walk| Ok((walk.order.next(count)?, walk.items())))?;
        self.at(OP, &picks.indices, &Keys { stream, step: picks.epoch })
    }

    /// The next items of the running epoch, the last of them fewer unless they are left out; none at its end, where the
    /// next one begins. Errors as [`Dataset::next`].
    pub fn rest_of_epoch(&self, op: &'static str, count: usize, drop_last: bool) -> Result<Option<Named>> {
        let (picks, stream) = self.walk(op, |walk| Ok((walk.order.rest(count, drop_last)?, walk.items())))?;
        picks.map(|picks| self.at(op, &picks.indices, &Keys { stream, step: picks.epoch })).transpose()
    }

    /// Items that follow one another.
    ///
    /// # Errors
    /// The function's.
    pub fn in_order(&self, op: &'static str, from: usize, to: usize, seed: u64) -> Result<Named> {
        let positions: Vec<usize> = (from..to).collect();
        self.at(op, &positions, &Keys { stream: self.stream(seed, "items.plain"), step: 0 })
    }

    /// The items at positions, from 0.
    ///
    /// # Errors
    /// No positions, or one outside the set; the function's.
    pub fn pick(&self, positions: &[usize], seed: u64, key: DrawKey) -> Result<Named> {
        const OP: &str = "pick";
        if positions.is_empty() {
            return Err(Error::argument(OP, "positions", "at least one", "none"));
        }
        if let Some(position) = positions.iter().find(|position| **position >= self.len()) {
            let range = format!("there are {} items", self.len());
            return Err(Error::OutOfRange { op: OP, what: "item", got: number(*position), range });
        }
        let stream = self.stream(seed, &format!("items.pick.{}", key.call));
        self.at(OP, positions, &Keys { stream, step: key.step })
    }

    /// Random items, each as likely as any other.
    ///
    /// # Errors
    /// A set without items; a count of 0; more than it has, without replacement; the function's.
    pub fn sample(&self, count: usize, replacement: bool, seed: u64, key: DrawKey) -> Result<Named> {
        const OP: &str = "sample";
        let len = self.len();
        if len == 0 {
            return Err(Error::State { op: OP, reason: "the data set has no items yet".into() });
        }
        if count == 0 {
            return Err(Error::argument(OP, "count", "at least 1", count));
        }
        if !replacement {
            self.check_batch(OP, "count", count)?;
        }
        let mut draws = self.stream(seed, "sample").at(key.step, key.call, 0, 0);
        let mut positions: Vec<usize> = memory::list(OP, if replacement { count } else { len })?;
        if replacement {
            positions.extend((0..count).map(|_| draws.below(len as u32) as usize));
        } else {
            positions.extend(0..len);
            draws.choose(&mut positions, count);
            positions.truncate(count);
        }
        let stream = self.stream(seed, &format!("items.sample.{}", key.call));
        self.at(OP, &positions, &Keys { stream, step: key.step })
    }

    /// Refuses a batch that there are too few items for.
    ///
    /// # Errors
    /// There are.
    pub fn check_batch(&self, op: &'static str, name: &str, count: usize) -> Result<()> {
        if (1..=self.len()).contains(&count) {
            return Ok(());
        }
        Err(Error::argument(op, name, format!("from 1 to the {} items of the data set", self.len()), count))
    }

    /// A stream of draws under the set's name.
    fn stream(&self, seed: u64, purpose: &str) -> Stream {
        let walk = self.0.walk.borrow();
        Stream::new(seed, &format!("{}.{purpose}", walk.as_ref().map_or(NAMELESS, |walk| &walk.name)))
    }

    fn at(&self, op: &'static str, positions: &[usize], keys: &Keys) -> Result<Named> {
        match &self.0.source {
            Source::Rows(rows) => rows.select(positions),
            Source::Ring(ring) => ring.borrow().select(positions),
            Source::Computed { items, device, .. } => {
                let item = |index: &usize| {
                    let draws = keys.stream.at(keys.step, *index as u64, 0, 0);
                    Ok((*index, items.item(*index, draws, device)?))
                };
                stacked(op, &positions.iter().map(item).collect::<Result<Vec<_>>>()?)
            }
        }
    }
}
