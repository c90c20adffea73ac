//! The order in which a run goes through a data set: one keyed permutation per epoch. Where a run stands
//! is a [`Cursor`], two numbers; any cursor can be jumped to without replaying what came before it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, rng::Stream};

const OP: &str = "next";

/// A shuffled walk over the images of a data set.
#[derive(Clone)]
pub struct Order {
    len: usize,
    stream: Stream,
    cursor: Cursor,
    /// The permutation of one epoch. It follows from `len`, `stream` and the epoch, so it is no state.
    shuffled: Option<(u64, Arc<[u32]>)>,
}

/// Where a walk stands: all the state that an [`Order`] has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The number of the epoch, counted from 0.
    pub epoch: u64,
    /// How many images of the epoch have been handed out.
    pub position: u64,
}

/// The images of one batch. All are of one epoch, so no image stands twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picks {
    /// The epoch that they belong to. With the image's index it keys the draws made for that image.
    pub epoch: u64,
    /// Positions in the data set, counted from 0.
    pub indices: Vec<usize>,
}

impl Order {
    /// A walk over `len` images that starts with the first image of epoch 0.
    pub fn new(len: usize, stream: Stream) -> Self {
        Self { len, stream, cursor: Cursor::default(), shuffled: None }
    }

    /// Where the walk stands.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Goes on from `cursor`. An error where its epoch has more images behind it than the data set has.
    pub fn seek(&mut self, cursor: Cursor) -> Result<()> {
        if cursor.position > self.len as u64 {
            let want = format!("at most the {} images of the data set", self.len);
            return Err(Error::argument("seek", "position", want, cursor.position));
        }
        self.cursor = cursor;
        Ok(())
    }

    /// The next `count` images. A batch never mixes epochs: what is left of one and too few for a batch is passed over.
    /// An error where `count` is 0 or more than the data set has.
    pub fn next(&mut self, count: usize) -> Result<Picks> {
        if count == 0 {
            return Err(Error::argument(OP, "count", "at least 1", count));
        }
        if count > self.len {
            let want = format!("at most the {} images of the data set", self.len);
            return Err(Error::argument(OP, "count", want, count));
        }
        // seek lets no position past len, and len is a usize.
        let left = self.len - self.cursor.position as usize;
        if left < count {
            self.cursor = Cursor { epoch: self.cursor.epoch.wrapping_add(1), position: 0 };
        }
        let Cursor { epoch, position } = self.cursor;
        let start = position as usize;
        let end = start + count;
        let indices = self.permutation(epoch)[start..end].iter().map(|&index| index as usize).collect();
        self.cursor.position = end as u64;
        Ok(Picks { epoch, indices })
    }

    /// The next `count` images of the running epoch, or the fewer that are left of it unless these are passed over. None
    /// at its end, where the next one begins. An error where `count` is 0.
    pub fn rest(&mut self, count: usize, drop_last: bool) -> Result<Option<Picks>> {
        if count == 0 {
            return Err(Error::argument(OP, "count", "at least 1", count));
        }
        let left = self.len - self.cursor.position as usize;
        if left == 0 || left < count && drop_last {
            self.cursor = Cursor { epoch: self.cursor.epoch.wrapping_add(1), position: 0 };
            return Ok(None);
        }
        self.next(left.min(count)).map(Some)
    }

    fn permutation(&mut self, epoch: u64) -> Arc<[u32]> {
        match &self.shuffled {
            Some((of, permutation)) if *of == epoch => permutation.clone(),
            _ => {
                let permutation: Arc<[u32]> = self.stream.permutation(epoch, self.len).into();
                self.shuffled = Some((epoch, permutation.clone()));
                permutation
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(len: usize) -> Order {
        Order::new(len, Stream::new(7, "images"))
    }

    #[test]
    fn an_epoch_hands_out_every_image_once() {
        let mut order = order(60);
        for epoch in 0..3 {
            let mut seen = Vec::new();
            for _ in 0..6 {
                let picks = order.next(10).unwrap();
                assert_eq!(picks.epoch, epoch);
                seen.extend(picks.indices);
            }
            assert_ne!(seen, (0..60).collect::<Vec<_>>(), "epoch {epoch} is not shuffled");
            seen.sort_unstable();
            assert_eq!(seen, (0..60).collect::<Vec<_>>());
        }
    }

    #[test]
    fn epochs_and_seeds_have_orders_of_their_own() {
        let mut first = order(60);
        let mut other = Order::new(60, Stream::new(8, "images"));
        let (zero, one) = (first.next(60).unwrap(), first.next(60).unwrap());
        assert_ne!(zero.indices, one.indices);
        assert_ne!(zero.indices, other.next(60).unwrap().indices);
    }

    #[test]
    fn every_permutation_is_about_as_likely() {
        let mut order = order(3);
        let mut counts = std::collections::HashMap::new();
        for _ in 0..6000 {
            *counts.entry(order.next(3).unwrap().indices).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&count| (850..1150).contains(&count)), "{counts:?}");
    }

    #[test]
    fn the_rest_of_an_epoch_is_passed_over() {
        let mut order = order(10);
        let epochs: Vec<_> = (0..4).map(|_| order.next(4).unwrap()).map(|p| (p.epoch, p.indices.len())).collect();
        assert_eq!(epochs, [(0, 4), (0, 4), (1, 4), (1, 4)]);
    }

    #[test]
    fn an_epoch_ends_once_with_fewer_images_or_without_them() {
        let mut order = order(10);
        let mut sizes = |drop_last| -> Vec<_> {
            (0..4).map(|_| order.rest(4, drop_last).unwrap().map(|picks| (picks.epoch, picks.indices.len()))).collect()
        };
        assert_eq!(sizes(false), [Some((0, 4)), Some((0, 4)), Some((0, 2)), None]);
        assert_eq!(sizes(true), [Some((1, 4)), Some((1, 4)), None, Some((2, 4))]);
    }

    #[test]
    fn any_cursor_can_be_jumped_to() {
        let mut walked = order(50);
        let mut cursors = Vec::new();
        let mut batches = Vec::new();
        for count in [7, 13, 7, 40, 11, 1, 50] {
            cursors.push(walked.cursor());
            batches.push((count, walked.next(count).unwrap()));
        }
        for (cursor, (count, batch)) in cursors.into_iter().zip(batches).rev() {
            let mut fresh = order(50);
            fresh.seek(cursor).unwrap();
            assert_eq!(fresh.next(count).unwrap(), batch);
        }
    }

    #[test]
    fn a_batch_larger_than_the_set_is_an_error_with_both_numbers() {
        let mut order = order(100);
        let error = order.next(256).unwrap_err();
        assert_eq!(error.to_string(), "next: count must be at most the 100 images of the data set, got 256");
        assert_eq!(order.next(0).unwrap_err().to_string(), "next: count must be at least 1, got 0");
        assert_eq!(order.cursor(), Cursor::default(), "a refused batch moved the cursor");
    }

    #[test]
    fn a_cursor_of_a_larger_set_is_refused() {
        let mut order = order(10);
        let error = order.seek(Cursor { epoch: 0, position: 11 }).unwrap_err();
        assert_eq!(error.to_string(), "seek: position must be at most the 10 images of the data set, got 11");
        order.seek(Cursor { epoch: u64::MAX, position: 10 }).unwrap();
        assert_eq!(order.next(3).unwrap().epoch, 0);
    }
}
