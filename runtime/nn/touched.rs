//! Buffers as a function that is run twice finds them. Its second run reads what its first one read, and leaves nothing
//! behind.

use std::cell::RefCell;

use super::Buffer;
use crate::Tensor;

thread_local! {
    /// What the work that is under way has touched, the innermost last.
    static NOTES: RefCell<Vec<Touched>> = const { RefCell::new(Vec::new()) };
}

/// Buffers that some work has read or set, with what they had before.
#[derive(Clone, Default)]
pub struct Touched(Vec<(Buffer, Option<Tensor>)>);

/// Notes a buffer that is about to be read or set.
pub(super) fn note(buffer: &Buffer) {
    NOTES.with_borrow_mut(|notes| {
        if let Some(touched) = notes.last_mut() {
            touched.add(buffer, || buffer.peek());
        }
    });
}

/// Runs `body` and gives the buffers that it has touched.
pub fn touching<T>(body: impl FnOnce() -> T) -> (T, Touched) {
    let noting = Noting::begin();
    let returned = body();
    (returned, noting.end())
}

/// Notes until it is dropped, also where the work panics.
struct Noting(usize);

impl Noting {
    fn begin() -> Self {
        NOTES.with_borrow_mut(|notes| {
            notes.push(Touched::default());
            Self(notes.len() - 1)
        })
    }

    fn end(self) -> Touched {
        let taken = NOTES.with_borrow_mut(|notes| {
            let own = notes.drain(self.0..).next().unwrap_or_default();
            // What work within other work has touched, this has touched.
            if let Some(around) = notes.last_mut() {
                own.0.iter().for_each(|(buffer, before)| around.add(buffer, || before.clone()));
            }
            own
        });
        std::mem::forget(self);
        taken
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        NOTES.with_borrow_mut(|notes| notes.truncate(self.0));
    }
}

/// Gives buffers back what they had, when it is dropped.
struct Restore(Touched);

impl Drop for Restore {
    fn drop(&mut self) {
        self.0.0.drain(..).for_each(|(buffer, value)| drop(buffer.swap(value)));
    }
}

impl Touched {
    fn add(&mut self, buffer: &Buffer, before: impl FnOnce() -> Option<Tensor>) {
        if !self.0.iter().any(|(known, _)| known.is(buffer)) {
            self.0.push((buffer.clone(), before()));
        }
    }

    /// Runs `body` with the buffers as they were then. Afterwards they, and all others that it touches, are as now.
    pub fn again<T>(&self, body: impl FnOnce() -> T) -> T {
        let now = self.0.iter().map(|(buffer, before)| (buffer.clone(), buffer.swap(before.clone())));
        let _restore = Restore(Self(now.collect()));
        let (returned, touched) = touching(body);
        // Those of before get what they have now a moment later.
        drop(Restore(touched));
        returned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    fn value(buffer: &Buffer) -> f64 {
        buffer.value().unwrap().item().unwrap()
    }

    fn add_one(buffer: &Buffer) -> f64 {
        let before = buffer.value().unwrap();
        buffer.set(before.add_scalar(1.0).unwrap()).unwrap();
        before.item().unwrap()
    }

    fn buffer() -> Buffer {
        let buffer = Buffer::new(&[], 0.0);
        buffer.realise(&Device::cpu()).unwrap();
        buffer
    }

    #[test]
    fn a_second_run_reads_what_the_first_one_read_and_leaves_nothing_behind() {
        let (own, other) = (buffer(), buffer());
        let (read, touched) = touching(|| [add_one(&own), add_one(&own)]);
        assert_eq!((read, value(&own)), ([0.0, 1.0], 2.0));
        add_one(&own);
        assert_eq!(touched.again(|| [add_one(&own), add_one(&own), add_one(&other)]), [0.0, 1.0, 0.0]);
        assert_eq!((value(&own), value(&other)), (3.0, 0.0));
    }

    #[test]
    fn what_work_within_it_has_touched_counts_as_its_own() {
        let own = buffer();
        let ((), touched) = touching(|| {
            add_one(&own);
            drop(touching(|| add_one(&own)));
        });
        assert_eq!((touched.again(|| value(&own)), value(&own)), (0.0, 2.0));
    }
}
