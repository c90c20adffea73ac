//! A data set as a component of a session: its items, and its place in their order.

use std::{cell::RefCell, rc::Rc};

use super::{
    Contents, DatasetOptions, Items, Named,
    computed::stacked,
    ring::Ring,
    rows::{Rows, describe},
    walk::Walk,
};
use crate::{
    Device, Error, Result,
    data::Cursor,
    memory,
    options::Options,
    position::number,
    rng::{DrawKey, Stream},
};

/// A data set. Cloning shares it.
#[derive(Clone)]
pub struct Dataset(Rc<Inner>);

struct Inner {
    source: Source,
    walk: RefCell<Option<Walk>>,
}

enum Source {
    Rows(Rows),
    Ring(RefCell<Ring>),
    Computed { items: Box<dyn Items>, count: usize, device: Device },
}

/// What keys the random numbers of computed items: the index comes besides.
struct Keys {
    stream: Stream,
    step: u64,
}

/// What keys the draws of a set without a name.
const NAMELESS: &str = "data";

impl Dataset {
    /// A set of tensors with a row for each item. With a capacity it grows, and may begin without any.
    ///
    /// # Errors
    /// Tensors of different lengths, scalars, or none; a count, which is known.
    pub fn of_tensors(op: &'static str, tensors: Named, options: DatasetOptions) -> Result<Self> {
        options.check(op)?;
        if let Some(count) = options.count {
            return Err(Error::argument(op, "count", "left out for tensors, whose rows are counted", count));
        }
        let source = match options.capacity {
            None => Source::Rows(Rows::new(op, tensors)?),
            Some(capacity) => {
                let mut ring = Ring::new(capacity);
                if !tensors.is_empty() {
                    ring.extend(op, &Rows::new(op, tensors)?)?;
                }
                Source::Ring(ring.into())
            }
        };
        Ok(Self::new(source))
    }

    /// A set of so many items that are computed on a device when they are drawn.
    ///
    /// # Errors
    /// No count; a capacity.
    pub fn of_items(op: &'static str, items: Box<dyn Items>, device: &Device, options: DatasetOptions) -> Result<Self> {
        options.check(op)?;
        if let Some(capacity) = options.capacity {
            return Err(Error::argument(op, "capacity", "left out for a function", capacity));
        }
        let Some(count) = options.count else {
            return Err(Error::argument(op, "count", "the number of the function's items", "nothing"));
        };
        Ok(Self::new(Source::Computed { items, count, device: device.clone() }))
    }

    fn new(source: Source) -> Self {
        Self(Rc::new(Inner { source, walk: RefCell::new(None) }))
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        match &self.0.source {
            Source::Rows(rows) => rows.len(),
            Source::Ring(ring) => ring.borrow().len(),
            Source::Computed { count, .. } => *count,
        }
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the set the name that keys its order and its draws. Again the same name does nothing.
    ///
    /// # Errors
    /// It has another name.
    pub fn open(&self, name: &str, seed: u64) -> Result<()> {
        let mut walk = self.0.walk.borrow_mut();
        if let Some(known) = walk.as_ref() {
            if known.name == name {
                return Ok(());
            }
            let reason = format!(
                "the data set already has an order under the name '{}', it cannot be '{name}' as well",
                known.name
            );
            return Err(Error::State { op: "from", reason });
        }
        *walk = Some(Walk::new(name, seed, if self.is_growing() { 0 } else { self.len() }));
        Ok(())
    }

    fn is_growing(&self) -> bool {
        matches!(self.0.source, Source::Ring(_))
    }

    /// Refuses what has no order: a set that has no name yet, or grows.
    ///
    /// # Errors
    /// It is one of these.
    pub fn check_order(&self, op: &'static str) -> Result<()> {
        if self.is_growing() {
            let reason = "a data set that grows has no epochs; draw from it by data:sample(count)".into();
            return Err(Error::State { op, reason });
        }
        if self.0.walk.borrow().is_none() {
            let reason = "a data set has an order once it has a name: session.NAME = mb.data.from(…)".into();
            return Err(Error::State { op, reason });
        }
        Ok(())
    }

    fn walk<T>(&self, op: &'static str, body: impl FnOnce(&mut Walk) -> Result<T>) -> Result<T> {
        self.check_order(op)?;
        match self.0.walk.borrow_mut().as_mut() {
            Some(walk) => body(walk),
            None => Err(Error::State { op, reason: "the data set has no name".into() }),
        }
    }

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

    /// The set as it is now: what is added to this one later is not in it.
    #[must_use]
    pub fn as_it_is(&self) -> Self {
        match &self.0.source {
            Source::Ring(ring) => Self::new(Source::Ring(ring.borrow().clone().into())),
            _ => self.clone(),
        }
    }

    /// Adds items to a set with a capacity.
    ///
    /// # Errors
    /// A set without one; items that are not as those before.
    pub fn extend(&self, op: &'static str, items: Named) -> Result<()> {
        match &self.0.source {
            Source::Ring(ring) => ring.borrow_mut().extend(op, &Rows::new(op, items)?),
            _ => {
                let reason = "only a data set with a capacity grows: mb.data.from({ … }, { capacity = … })".into();
                Err(Error::State { op, reason })
            }
        }
    }

    /// Every item, in order; of a set that grows the oldest first.
    ///
    /// # Errors
    /// A set of computed items.
    pub fn tensors(&self) -> Result<Named> {
        match &self.0.source {
            Source::Rows(rows) => Ok(rows.tensors().clone()),
            Source::Ring(ring) => {
                let ring = ring.borrow();
                ring.select(&(0..ring.len()).collect::<Vec<_>>())
            }
            Source::Computed { .. } => {
                let reason = "the items of a function are computed when they are drawn; take data:batches { … }".into();
                Err(Error::State { op: "tensors", reason })
            }
        }
    }

    /// What it is made of: two sets are alike where this is equal.
    pub fn describe(&self) -> String {
        match &self.0.source {
            Source::Rows(rows) => format!("{} items of {}", rows.len(), describe(rows.tensors())),
            Source::Ring(ring) => format!("items of {}", ring.borrow().describe()),
            Source::Computed { count, .. } => format!("{count} items of a function"),
        }
    }

    /// Where the walk stands; the beginning for a set without a name.
    pub fn cursor(&self) -> Cursor {
        self.0.walk.borrow().as_ref().map_or_else(Cursor::default, |walk| walk.order.cursor())
    }

    /// Goes on from `cursor`. If the set was larger and the cursor lies beyond its epoch now, goes on with the next
    /// epoch.
    ///
    /// # Errors
    /// Never, for a cursor that was a set's.
    pub fn seek(&self, cursor: Cursor) -> Result<()> {
        let len = if self.is_growing() { 0 } else { self.len() as u64 };
        match self.0.walk.borrow_mut().as_mut() {
            Some(walk) if cursor.position <= len => walk.order.seek(cursor),
            Some(walk) => walk.order.seek(Cursor { epoch: cursor.epoch + 1, position: 0 }),
            None => Ok(()),
        }
    }

    /// The epoch that the next batch belongs to if it fits, from 0.
    pub fn epoch(&self) -> u64 {
        self.cursor().epoch
    }

    /// What a set that grows holds.
    pub fn contents(&self) -> Option<Contents> {
        match &self.0.source {
            Source::Ring(ring) => Some(ring.borrow().contents().clone()),
            _ => None,
        }
    }

    /// Holds exactly what it held before.
    pub fn restore(&self, contents: Contents) {
        if let Source::Ring(ring) = &self.0.source {
            ring.borrow_mut().restore(contents);
        }
    }

    /// Takes over what another set that grew held; gives whether its items fit.
    ///
    /// # Errors
    /// A device failed.
    pub fn take_over(&self, contents: &Contents, device: &Device) -> Result<bool> {
        match &self.0.source {
            Source::Ring(ring) => ring.borrow_mut().take_over(contents, device),
            _ => Ok(false),
        }
    }
}
