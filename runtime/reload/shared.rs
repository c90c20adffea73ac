//! What a watch and its thread tell one another. Nothing is looked at or decided here, and no lock is held for longer
//! than it takes to move a value.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{Save, files::WatchedFiles};

#[derive(Default)]
pub struct Shared {
    /// Whether `State::saved` holds something, for those who only want to know that.
    is_pending: AtomicBool,
    state: Mutex<State>,
    wake: Condvar,
    settled: Condvar,
}

#[derive(Default)]
struct State {
    saved: Option<Save>,
    is_woken: bool,
    replacement: Option<WatchedFiles>,
    is_over: bool,
}

/// Why the thread stops resting.
pub enum Task {
    /// Time for a look; a thorough one if something happened.
    Look { is_thorough: bool },
    /// Other files are to be watched.
    Replace(WatchedFiles),
    /// The watch is gone.
    End,
}

impl Shared {
    pub fn is_pending(&self) -> bool {
        self.is_pending.load(Ordering::Acquire)
    }

    pub fn take(&self) -> Option<Save> {
        self.take_from(&mut self.lock())
    }

    pub fn wait(&self, timeout: Duration) -> Option<Save> {
        let waited = self.settled.wait_timeout_while(self.lock(), timeout, |state| state.saved.is_none());
        self.take_from(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Something happened.
    pub fn wake(&self) {
        self.lock().is_woken = true;
        self.wake.notify_all();
    }

    /// Other files are to be watched. Findings on the former files are void.
    pub fn replace(&self, files: WatchedFiles) {
        let mut state = self.lock();
        state.replacement = Some(files);
        self.take_from(&mut state);
        self.wake.notify_all();
    }

    pub fn end(&self) {
        self.lock().is_over = true;
        self.wake.notify_all();
    }

    /// Waits for something to do, at most so long.
    pub fn rest(&self, longest: Duration) -> Task {
        let is_idle = |state: &mut State| !state.is_woken && state.replacement.is_none() && !state.is_over;
        let rested = self.wake.wait_timeout_while(self.lock(), longest, is_idle);
        let mut state = rested.unwrap_or_else(PoisonError::into_inner).0;
        let is_thorough = std::mem::take(&mut state.is_woken);
        match state.replacement.take() {
            _ if state.is_over => Task::End,
            Some(files) => Task::Replace(files),
            None => Task::Look { is_thorough },
        }
    }

    /// Whether findings on the files that the thread has are void: other files are to be watched, or none.
    pub fn is_void(&self) -> bool {
        self.lock().is_void()
    }

    /// Lets others take what has settled, unless it is void by now.
    pub fn publish(&self, saved: Save) {
        let mut state = self.lock();
        if state.is_void() {
            return;
        }
        match &mut state.saved {
            Some(earlier) => {
                let further: Vec<_> = saved.paths.into_iter().filter(|path| !earlier.paths.contains(path)).collect();
                earlier.paths.extend(further);
            }
            none => *none = Some(saved),
        }
        self.is_pending.store(true, Ordering::Release);
        self.settled.notify_all();
    }

    /// The state stays usable whatever panicked, since each field is written whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_from(&self, state: &mut State) -> Option<Save> {
        self.is_pending.store(false, Ordering::Release);
        state.saved.take()
    }
}

impl State {
    fn is_void(&self) -> bool {
        self.replacement.is_some() || self.is_over
    }
}
