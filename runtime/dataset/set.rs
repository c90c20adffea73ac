//! A data set as a component of a session: its items, and its place in their order.

mod drawing;

use std::{cell::RefCell, rc::Rc};

use super::{
    Contents, DatasetOptions, Items, Named,
    ring::Ring,
    rows::{Rows, describe},
    walk::Walk,
};
use crate::{Device, Error, Result, data::Cursor, options::Options};

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
