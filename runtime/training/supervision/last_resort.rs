//! What is done where nothing can break a script off: a thread of its own ends the process, and the run's record says
//! that it was interrupted. It waits until the script has had its chance. It must not touch what the training's thread
//! holds.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{interrupt::Interrupt, run::RunFolder};

/// How long a script may go on after it was to be broken off at once. A call into the core may take seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time between two looks.
const PERIOD: Duration = Duration::from_millis(200);

/// How long its last words may take in all.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The exit code of a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// The thread, for as long as this exists.
pub struct LastResort {
    work: Arc<Mutex<Work>>,
    folder: Arc<Mutex<PathBuf>>,
    _alive: Sender<()>,
}

/// What the training's thread is at.
#[derive(Clone, Copy)]
enum Work {
    /// Nothing that a script does.
    Own,
    /// The script's functions.
    Script,
    /// An edit is tried, until then at most.
    Trial { end: Instant },
}

impl LastResort {
    /// Starts the thread for a run's folder.
    pub fn start(folder: PathBuf, interrupt: Interrupt) -> Self {
        let work = Arc::new(Mutex::new(Work::Own));
        let (alive, ended) = mpsc::channel::<()>();
        let folder = Arc::new(Mutex::new(folder));
        let (looking, place) = (work.clone(), folder.clone());
        thread::spawn(move || {
            let mut asked: Option<Instant> = None;
            while ended.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                let work = *lock(&looking);
                let is_asked = interrupt.should_break(0) && !matches!(work, Work::Own);
                asked = if is_asked { asked.or_else(|| Some(Instant::now())) } else { None };
                let why = match work {
                    _ if asked.is_some_and(|asked| asked.elapsed() > PATIENCE) => "the script cannot be broken off",
                    Work::Trial { end } if Instant::now() > end => "the trial of an edit cannot be broken off",
                    _ => continue,
                };
                let folder = lock(&place).clone();
                end(&folder, &interrupt, why);
            }
        });
        Self { work, folder, _alive: alive }
    }

    /// The run's folder is another one from now on.
    pub fn move_to(&self, folder: PathBuf) {
        *lock(&self.folder) = folder;
    }

    /// Runs a script's functions.
    pub fn during_script<T>(&self, body: impl FnOnce() -> T) -> T {
        self.during(Work::Script, body)
    }

    /// Tries an edit, which breaks itself off long before so much time has passed.
    pub fn during_trial<T>(&self, most: Duration, body: impl FnOnce() -> T) -> T {
        self.during(Work::Trial { end: Instant::now() + most }, body)
    }

    fn during<T>(&self, work: Work, body: impl FnOnce() -> T) -> T {
        let outer = std::mem::replace(&mut *lock(&self.work), work);
        let result = body();
        *lock(&self.work) = outer;
        result
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process, which leaves its last words. What was written until then stays: a checkpoint is renamed into its
/// place when it is whole.
fn end(folder: &Path, interrupt: &Interrupt, why: &str) -> ! {
    let newest = RunFolder::checkpoints_of(folder).steps().last().copied();
    let rest = match newest {
        Some(step) => format!("step {step} is the last checkpoint; moonburn resume {}", folder.display()),
        None => "there is no checkpoint".to_owned(),
    };
    // On a thread of its own: where nobody reads the terminal any more, the process ends all the same.
    let (showing, text) = (interrupt.clone(), format!("{why}, so the process ends: {rest}"));
    let shown = thread::spawn(move || showing.show(&text));
    interrupt.end(LAST_WORDS);
    let until = Instant::now() + PERIOD;
    while !shown.is_finished() && Instant::now() < until {
        thread::sleep(PERIOD / 20);
    }
    std::process::exit(INTERRUPTED)
}
