//! Writes checkpoints on a thread of its own, one at a time, and decides which are kept. The training goes on
//! meanwhile.

use std::{
    collections::{BTreeSet, VecDeque},
    fs::File,
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{self, Receiver, SyncSender, TryRecvError},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use super::{Checkpoints, Files};
use crate::{Error, Result};

/// Makes a checkpoint's files, on the writer's thread.
pub type MakeFiles = Box<dyn FnOnce() -> Result<Files> + Send>;

/// A checkpoint to be written.
pub struct Job {
    /// The step that was done last.
    pub step: u64,
    /// Its files.
    pub files: MakeFiles,
    /// The log up to this checkpoint. It must reach the disk before the checkpoint does.
    pub log: Option<File>,
    /// How good it is, higher being better; none where nothing is measured.
    pub merit: Option<f64>,
    /// Whether it is kept beside the last few: the state before an edit.
    pub kept: bool,
    /// Whether the checkpoints of later steps are of a past that was given up.
    pub supersedes: bool,
    /// Which checkpoints stay from now on.
    pub keep: Keep,
}

/// Which checkpoints stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// So many of the last.
    pub last: usize,
    /// So many of those from before an edit.
    pub edits: usize,
}

/// The writer's thread.
#[derive(Debug)]
pub struct CheckpointWriter {
    jobs: Option<SyncSender<Job>>,
    done: Receiver<Result<PathBuf>>,
    running: usize,
    best: Arc<Mutex<Option<(u64, f64)>>>,
    unwritten: Unwritten,
    thread: Option<JoinHandle<()>>,
}

/// How many checkpoints are still being written, for other threads. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Unwritten(Arc<(Mutex<usize>, Condvar)>);

impl Unwritten {
    /// Waits until none is, but no longer than that.
    pub fn wait(&self, until: Instant) {
        let (count, changed) = &*self.0;
        let patience = until.saturating_duration_since(Instant::now());
        let count = count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_timeout_while(count, patience, |count| *count > 0));
    }

    fn change(&self, by: isize) {
        let (count, changed) = &*self.0;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = count.saturating_add_signed(by);
        changed.notify_all();
    }
}

impl CheckpointWriter {
    /// A writer for a run. `best` is the step of the best checkpoint so far and its merit.
    pub fn new(checkpoints: Checkpoints, best: Option<(u64, f64)>) -> Self {
        let (jobs, queue) = mpsc::sync_channel::<Job>(1);
        let (report, done) = mpsc::channel();
        let best_so_far = Arc::new(Mutex::new(best));
        let known = best_so_far.clone();
        let unwritten = Unwritten::default();
        let shared = unwritten.clone();
        let thread = thread::spawn(move || {
            checkpoints.remove_partial();
            let mut kept = Kept { last: checkpoints.steps().into(), edits: VecDeque::new(), best };
            for job in queue {
                let written = write(&checkpoints, &mut kept, job);
                *known.lock().unwrap_or_else(PoisonError::into_inner) = kept.best;
                shared.change(-1);
                // Who no longer listens has no use for it.
                let _ = report.send(written);
            }
        });
        Self { jobs: Some(jobs), done, running: 0, best: best_so_far, unwritten, thread: Some(thread) }
    }

    /// The step of the best checkpoint so far, and its merit.
    pub fn best(&self) -> Option<(u64, f64)> {
        *self.best.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What other threads can wait for.
    pub fn unwritten(&self) -> Unwritten {
        self.unwritten.clone()
    }

    /// Whether a checkpoint is being written.
    pub fn is_busy(&self) -> bool {
        self.running > 0
    }

    /// Hands over a checkpoint. Waits while two others are being written.
    pub fn write(&mut self, job: Job) {
        self.unwritten.change(1);
        if self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok()) {
            self.running += 1;
        } else {
            self.unwritten.change(-1);
        }
    }

    /// What came of checkpoints since the last call. Never waits.
    pub fn outcomes(&mut self) -> Vec<Result<PathBuf>> {
        let mut found = Vec::new();
        while self.running > 0 {
            match self.done.try_recv() {
                Ok(outcome) => found.push(outcome),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => found.push(Err(broken())),
            }
            self.running -= 1;
        }
        found
    }

    /// Waits for all checkpoints that were handed over, and returns what came of them.
    pub fn wait(&mut self) -> Vec<Result<PathBuf>> {
        let waited = (0..std::mem::take(&mut self.running)).map(|_| self.done.recv().unwrap_or_else(|_| Err(broken())));
        waited.collect()
    }
}

impl Drop for CheckpointWriter {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It ends with its queue. One that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

fn broken() -> Error {
    Error::State { op: "checkpoint", reason: "the thread that writes them has ended".into() }
}

/// The steps of the checkpoints that stay.
struct Kept {
    /// The last, in the order of their writing.
    last: VecDeque<u64>,
    edits: VecDeque<u64>,
    best: Option<(u64, f64)>,
}

fn write(checkpoints: &Checkpoints, kept: &mut Kept, job: Job) -> Result<PathBuf> {
    let Job { step, files, log, merit, kept: before_edit, supersedes, keep } = job;
    // Where that fails the log may end with an earlier step after a power cut, which a resumption notices; to save
    // nothing would cost more.
    let _ = log.map(|log| log.sync_data());
    let path = checkpoints.write(step, &files()?)?;
    let is_stale = |other: &u64| *other == step || (supersedes && *other > step);
    kept.last.retain(|other| !is_stale(other));
    kept.edits.retain(|other| !is_stale(other));
    kept.best = kept.best.filter(|(other, _)| !is_stale(other));
    let (queue, limit) = if before_edit { (&mut kept.edits, keep.edits) } else { (&mut kept.last, keep.last) };
    queue.push_back(step);
    while queue.len() > limit.max(1) {
        queue.pop_front();
    }
    if let Some(merit) = merit.filter(|merit| kept.best.is_none_or(|(_, best)| *merit > best)) {
        kept.best = Some((step, merit));
    }
    let steps: BTreeSet<u64> =
        kept.last.iter().chain(&kept.edits).copied().chain(kept.best.map(|(step, _)| step)).collect();
    checkpoints.keep(&steps);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(step: u64, merit: Option<f64>) -> Job {
        let files = Box::new(move || Ok(Files::from([("session.json".to_owned(), step.to_string().into_bytes())])));
        Job { step, files, log: None, merit, kept: false, supersedes: false, keep: Keep { last: 2, edits: 2 } }
    }

    fn writer(folder: &std::path::Path) -> (Checkpoints, CheckpointWriter) {
        let checkpoints = Checkpoints::below(folder.join("checkpoints"));
        (checkpoints.clone(), CheckpointWriter::new(checkpoints, None))
    }

    #[test]
    fn the_last_few_and_the_best_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (checkpoints, mut writer) = writer(folder.path());
        for (step, merit) in [(10, -3.0), (20, -1.0), (30, -2.0), (40, -1.5), (50, -1.0)] {
            writer.write(job(step, Some(merit)));
        }
        assert!(writer.wait().iter().all(Result::is_ok));
        assert_eq!(checkpoints.steps(), [20, 40, 50]);
    }

    #[test]
    fn another_thread_waits_for_a_checkpoint_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let (checkpoints, mut writer) = writer(folder.path());
        let (let_go, held) = mpsc::channel::<()>();
        let slow = Box::new(move || held.recv().map(|()| Files::new()).map_err(|_| broken()));
        writer.write(Job { files: slow, ..job(1, None) });
        let unwritten = writer.unwritten();
        let began = Instant::now();
        unwritten.wait(began + std::time::Duration::from_millis(50));
        assert!(began.elapsed().as_millis() >= 50 && checkpoints.steps().is_empty());
        let_go.send(()).unwrap();
        unwritten.wait(began + std::time::Duration::from_secs(60));
        assert_eq!(checkpoints.steps(), [1]);
    }

    #[test]
    fn the_states_before_edits_stay_beside_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let (checkpoints, mut writer) = writer(folder.path());
        for step in [5, 6, 7] {
            writer.write(Job { kept: true, ..job(step, None) });
        }
        for step in [10, 20, 30] {
            writer.write(job(step, None));
        }
        writer.wait();
        assert_eq!(checkpoints.steps(), [6, 7, 20, 30]);
    }

    #[test]
    fn a_past_that_was_given_up_is_removed_once_the_new_one_is_saved() {
        let folder = tempfile::tempdir().unwrap();
        let (checkpoints, mut writer) = writer(folder.path());
        for step in [10, 20] {
            writer.write(job(step, None));
        }
        writer.write(Job { supersedes: true, ..job(15, None) });
        writer.wait();
        assert_eq!(checkpoints.steps(), [10, 15]);
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_is_an_error_and_the_old_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (checkpoints, mut writer) = writer(folder.path());
        writer.write(job(1, None));
        assert!(writer.wait()[0].is_ok());
        let bad = Box::new(|| Err(Error::State { op: "checkpoint", reason: "no".into() }));
        writer.write(Job { files: bad, ..job(2, None) });
        std::fs::write(folder.path().join("checkpoints/.step-00000003.partial"), "in the way").unwrap();
        writer.write(job(3, None));
        let outcomes = writer.wait();
        assert!(outcomes[0].is_err());
        assert!(checkpoints.steps().contains(&1));
    }
}
