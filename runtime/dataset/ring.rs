//! Items that are added one after another, up to a capacity: then the newest take the place of the oldest.

use super::rows::{Named, Rows, describe, select};
use crate::{
    Device, Error, Result, Tensor,
    tensor::{Kind, Pick, format_shape},
};

/// Room for so many items is made at first.
const FIRST_ROOM: usize = 16;

/// Items in the order in which they were added. A clone keeps those that there are.
#[derive(Clone, Default)]
pub struct Ring {
    capacity: usize,
    contents: Contents,
}

/// What a ring holds: tensors with room for at least its items, and how many items were added in all. Item n lies in row
/// n modulo the capacity.
#[derive(Clone, Default)]
pub struct Contents {
    pub tensors: Named,
    pub added: u64,
}

impl Ring {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, contents: Contents::default() }
    }

    pub fn len(&self) -> usize {
        self.contents.added.min(self.capacity as u64) as usize
    }

    /// The rows of items, of which 0 is the oldest.
    fn places(&self, items: &[usize]) -> Vec<usize> {
        let oldest = (self.contents.added - self.len() as u64) % self.capacity as u64;
        items.iter().map(|item| (oldest as usize + item) % self.capacity).collect()
    }

    /// Items by their age: 0 is the oldest.
    pub fn select(&self, items: &[usize]) -> Result<Named> {
        select(&self.contents.tensors, &self.places(items))
    }

    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// What an item has; nothing before the first one.
    pub fn describe(&self) -> String {
        describe(&self.contents.tensors)
    }

    /// Adds items. The first ones say what an item has.
    ///
    /// # Errors
    /// Other names, shapes or kinds than the items before.
    pub fn extend(&mut self, op: &'static str, items: &Rows) -> Result<()> {
        let values = self.fitting(op, items)?;
        let count = items.len();
        // What would be gone at the end is not written.
        let skipped = count.saturating_sub(self.capacity);
        self.make_room(&values, count)?;
        self.contents.added += skipped as u64;
        let mut taken = skipped;
        while taken < count {
            let place = (self.contents.added % self.capacity as u64) as usize;
            let run = (self.capacity - place).min(count - taken);
            let picks = [Pick::Range { from: place, to: place + run, step: 1 }];
            for (name, value) in &values {
                if let Some(stored) = self.contents.tensors.get_mut(name) {
                    stored.assign(&picks, &value.slice(0, taken, taken + run)?)?;
                }
            }
            (taken, self.contents.added) = (taken + run, self.contents.added + run as u64);
        }
        Ok(())
    }

    /// The items in the formats of those that are there.
    fn fitting(&self, op: &'static str, items: &Rows) -> Result<Named> {
        let known = &self.contents.tensors;
        if known.is_empty() {
            return Ok(items.tensors().clone());
        }
        if let Some(name) = items.tensors().keys().find(|name| !known.contains_key(*name)) {
            return Err(Error::unknown(op, "tensor", name.clone(), known.keys().cloned()));
        }
        let of = |(name, stored): (&String, &Tensor)| {
            let Some(value) = items.tensors().get(name) else {
                return Err(Error::argument(op, name, "given, as for the items before", "nothing"));
            };
            if value.shape()[1..] != stored.shape()[1..] {
                let want = format!("{} for each item", format_shape(&stored.shape()[1..]));
                return Err(Error::argument(op, name, want, format_shape(&value.shape()[1..])));
            }
            let is_lost = match stored.kind() {
                Kind::Float => value.kind() == Kind::Bool,
                Kind::Int => value.kind() != Kind::Int,
                Kind::Bool => value.kind() != Kind::Bool,
            };
            if is_lost {
                let want = format!("{}, as that of the items before", stored.dtype());
                return Err(Error::argument(op, name, want, value.dtype()));
            }
            Ok((name.clone(), value.to_dtype(stored.dtype())?))
        };
        known.iter().map(of).collect()
    }

    /// Makes the tensors longer where so many more items do not fit, twice as long as they need to be.
    fn make_room(&mut self, like: &Named, more: usize) -> Result<()> {
        let needed = self.len().saturating_add(more).min(self.capacity);
        for (name, value) in like {
            let known = self.contents.tensors.get(name);
            let room = known.map_or(0, |stored| stored.shape()[0]);
            if known.is_some() && room >= needed {
                continue;
            }
            let to = needed.saturating_mul(2).max(FIRST_ROOM).min(self.capacity);
            let shape = [&[to - room], &value.shape()[1..]].concat();
            let new = Tensor::full(0.0, &shape, value.dtype(), value.device())?;
            let longer = match known.filter(|stored| !stored.is_empty()) {
                Some(stored) => Tensor::cat(&[stored.clone(), new], 0)?,
                None if room > 0 => {
                    Tensor::full(0.0, &[&[to], &value.shape()[1..]].concat(), value.dtype(), value.device())?
                }
                None => new,
            };
            self.contents.tensors.insert(name.clone(), longer);
        }
        Ok(())
    }

    /// Holds what another ring held, the newest of it where that had a larger capacity. Nothing where its items have other
    /// names, shapes or formats; gives whether it took them.
    ///
    /// # Errors
    /// A device failed.
    pub fn take_over(&mut self, old: &Contents, device: &Device) -> Result<bool> {
        let own = &self.contents.tensors;
        if old.tensors.is_empty() || !own.is_empty() && describe(own) != describe(&old.tensors) {
            return Ok(old.tensors.is_empty() && own.is_empty());
        }
        let to_device = |(name, tensor): (&String, &Tensor)| {
            Ok((name.clone(), tensor.to_device(device)?.detach().to_owned_tensor()))
        };
        let tensors: Named = old.tensors.iter().map(to_device).collect::<Result<_>>()?;
        let room = tensors.values().next().map_or(0, |tensor| tensor.shape()[0]);
        // Once there were more items than rows, the rows were the capacity. What is held as it is has no more rows than the
        // capacity now, or the next take-over would count modulo another number.
        let before = Self { capacity: room.max(1), contents: Contents { tensors, added: old.added } };
        if room == self.capacity || room < self.capacity && old.added <= room as u64 {
            self.contents = before.contents;
            return Ok(true);
        }
        let items: Vec<usize> = (before.len().saturating_sub(self.capacity)..before.len()).collect();
        let kept = Rows::new("from", before.select(&items)?)?;
        self.contents = Contents::default();
        self.extend("from", &kept)?;
        Ok(true)
    }

    /// Holds exactly this, which it held before.
    pub fn restore(&mut self, contents: Contents) {
        self.contents = contents;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: std::ops::Range<usize>) -> Rows {
        let count = values.len();
        let x = Tensor::from_floats(values.map(|value| value as f32).collect(), &[count, 1], &Device::cpu()).unwrap();
        Rows::new("extend", Named::from([("x".to_owned(), x)])).unwrap()
    }

    fn held(ring: &Ring) -> Vec<f32> {
        let all: Vec<usize> = (0..ring.len()).collect();
        ring.select(&all).unwrap()["x"].floats().unwrap()
    }

    #[test]
    fn a_ring_holds_the_newest_in_order_whatever_is_added_at_once() {
        for capacity in [1, 3, 7, 40] {
            for at_once in [1, 2, 5, 50] {
                let mut ring = Ring::new(capacity);
                for first in (0..60).step_by(at_once) {
                    ring.extend("extend", &rows(first..first + at_once)).unwrap();
                    let last = first + at_once;
                    let want: Vec<f32> = (last.saturating_sub(capacity)..last).map(|value| value as f32).collect();
                    assert_eq!(held(&ring), want, "{at_once} into {capacity}");
                }
            }
        }
    }

    #[test]
    fn what_is_taken_over_are_the_newest_items_and_a_snapshot_stays_as_it_was() {
        for (added, before, after) in [(5, 10, 10), (25, 10, 10), (25, 10, 4), (25, 10, 30), (5, 10, 3), (18, 20, 40)] {
            let mut old = Ring::new(before);
            old.extend("extend", &rows(0..added)).unwrap();
            let snapshot = old.contents().clone();
            old.extend("extend", &rows(100..103)).unwrap();
            let mut new = Ring::new(after);
            assert!(new.take_over(&snapshot, &Device::cpu()).unwrap());
            let first = added.saturating_sub(before.min(after));
            assert_eq!(held(&new), rows(first..added).tensors()["x"].floats().unwrap());
            new.extend("extend", &rows(added..added + 2)).unwrap();
            let first = (added + 2).saturating_sub(after).max(added.saturating_sub(before.min(after)));
            assert_eq!(held(&new), rows(first..added + 2).tensors()["x"].floats().unwrap(), "{added} {before} {after}");
        }
    }

    #[test]
    fn a_capacity_that_was_lowered_or_raised_holds_over_a_second_take_over() {
        let taking = |old: &Ring, capacity| {
            let mut new = Ring::new(capacity);
            assert!(new.take_over(old.contents(), &Device::cpu()).unwrap());
            new
        };
        for (added, before, after, more) in
            [(3, 10, 5, 4), (3, 40, 20, 30), (12, 10, 5, 7), (12, 10, 30, 25), (5, 5, 9, 6)]
        {
            let mut old = Ring::new(before);
            old.extend("extend", &rows(0..added)).unwrap();
            let mut edited = taking(&old, after);
            edited.extend("extend", &rows(added..added + more)).unwrap();
            let first = (added + more).saturating_sub(after).max(added.saturating_sub(before.min(after)));
            let want = rows(first..added + more).tensors()["x"].floats().unwrap();
            assert_eq!(held(&edited), want);
            let mut resumed = taking(&edited, after);
            assert_eq!(held(&resumed), want, "{added} {before} {after} {more}");
            resumed.extend("extend", &rows(added + more..added + more + 1)).unwrap();
            let first = (added + more + 1).saturating_sub(after).max(first);
            assert_eq!(held(&resumed), rows(first..added + more + 1).tensors()["x"].floats().unwrap());
        }
    }
}
