//! What must still be done when a process ends in the middle of its work. This module does not know what the tasks are.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

type Word = Arc<dyn Fn(Instant) + Send + Sync>;

/// What is to be done, in the order in which it was asked for.
#[derive(Default)]
pub(super) struct LastWords {
    words: Arc<Mutex<Vec<(u64, Word)>>>,
    count: AtomicU64,
}

impl LastWords {
    pub(super) fn add(&self, word: Word) -> LastWord {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        locked(&self.words).push((number, word));
        LastWord { words: Arc::downgrade(&self.words), number }
    }

    /// Does all of it, the latest first, as what was opened last is closed first. Nobody can withdraw a task meanwhile:
    /// whoever tries has to wait, and the process ends.
    pub(super) fn say(&self, until: Instant) {
        locked(&self.words).iter().rev().for_each(|(_, word)| word(until));
    }
}

/// Something that is to be done if the process ends before this is dropped.
pub struct LastWord {
    words: Weak<Mutex<Vec<(u64, Word)>>>,
    number: u64,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if let Some(words) = self.words.upgrade() {
            locked(&words).retain(|(number, _)| *number != self.number);
        }
    }
}

impl fmt::Debug for LastWord {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.debug_struct("LastWord").finish_non_exhaustive()
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_is_said_first_and_what_was_taken_back_not_at_all() {
        let (words, said) = (LastWords::default(), Arc::new(Mutex::new(Vec::new())));
        let word = |name: &'static str| {
            let said = said.clone();
            words.add(Arc::new(move |_| said.lock().unwrap().push(name)))
        };
        let (_folder, taken_back, _writer) = (word("folder"), word("taken back"), word("writer"));
        drop(taken_back);
        words.say(Instant::now());
        assert_eq!(*said.lock().unwrap(), ["writer", "folder"]);
    }
}
