//! The requests that await a run, wherever they came from; where they come from, `folder.rs` and `terminal.rs` know.
//! The threads that listen hold on to the queue only, and end when its owner drops it.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::Request;

/// Where a run hears what it is asked for. It listens until it is dropped.
#[derive(Default)]
pub struct Control(Arc<Queue>);

impl Control {
    /// Listens to nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The oldest request, if there is one. It never waits, and is cheap where there is none.
    pub fn try_next(&self) -> Option<Request> {
        self.is_pending().then(|| self.0.take(&mut self.0.lock())).flatten()
    }

    /// The oldest request, or the first that comes.
    pub fn next(&self, timeout: Duration) -> Option<Request> {
        let waited = self.0.arrived.wait_timeout_while(self.0.lock(), timeout, |requests| requests.is_empty());
        self.0.take(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Whether there is a request.
    pub fn is_pending(&self) -> bool {
        self.0.is_pending.load(Ordering::Acquire)
    }

    pub(super) fn handle(&self) -> Handle {
        Handle(Arc::downgrade(&self.0))
    }
}

/// How a listening thread hands over what it hears.
#[derive(Clone)]
pub struct Handle(Weak<Queue>);

impl Handle {
    /// Whether there is still somebody to hand requests to.
    pub fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// A request that comes too late is dropped, and dropping it answers it.
    pub fn push(&self, request: Request) {
        if let Some(queue) = self.0.upgrade() {
            queue.push(request);
        }
    }
}

#[derive(Default)]
struct Queue {
    /// Whether `requests` holds any, for those who only want to know that.
    is_pending: AtomicBool,
    requests: Mutex<VecDeque<Request>>,
    arrived: Condvar,
}

impl Queue {
    fn push(&self, request: Request) {
        self.lock().push_back(request);
        self.is_pending.store(true, Ordering::Release);
        self.arrived.notify_all();
    }

    fn take(&self, requests: &mut VecDeque<Request>) -> Option<Request> {
        let request = requests.pop_front();
        self.is_pending.store(!requests.is_empty(), Ordering::Release);
        request
    }

    /// Usable whatever panicked: to push and to pop leaves no half of a request.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Command;
    use std::{sync::mpsc, thread};

    #[test]
    fn requests_come_in_their_order_and_only_once() {
        let control = Control::new();
        assert!(!control.is_pending() && control.try_next().is_none());
        for count in 1..=3 {
            control.handle().push(Request::new(Command::Step(count), |_| {}));
        }
        let taken: Vec<_> = std::iter::from_fn(|| control.try_next()).map(|request| request.command).collect();
        assert_eq!(taken, [1, 2, 3].map(Command::Step));
        assert!(!control.is_pending() && control.next(Duration::from_millis(20)).is_none());
    }

    #[test]
    fn a_request_wakes_whoever_waits_for_it() {
        let control = Control::new();
        let handle = control.handle();
        thread::spawn(move || handle.push(Request::new(Command::Save, |_| {})));
        assert_eq!(control.next(Duration::from_secs(30)).unwrap().command, Command::Save);
    }

    #[test]
    fn requests_that_outlive_the_run_are_answered_nevertheless() {
        let (sender, answers) = mpsc::channel();
        let control = Control::new();
        let handle = control.handle();
        for count in 1..=3 {
            let sender = sender.clone();
            handle.push(Request::new(Command::Step(count), move |answer| sender.send(answer).unwrap()));
        }
        control.try_next().unwrap().answer(Ok("done".into()));
        drop(control.try_next().unwrap());
        drop(control);
        assert!(!handle.is_alive());
        handle.push(Request::new(Command::Quit, move |answer| sender.send(answer).unwrap()));
        let ended = Err("the run has ended".to_string());
        let want = [Ok("done".into()), ended.clone(), ended.clone(), ended];
        assert_eq!(answers.iter().collect::<Vec<_>>(), want);
    }
}
