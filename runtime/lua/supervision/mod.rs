//! Those who look after a training between its steps: they save it, exchange its script, obey orders, take it back. What a
//! script computes is none of their business, and with none of it happening they leave no trace in it.

mod edits;
mod host_copy;
mod last_resort;
mod orders;
mod recording;
mod recovery;
mod relocation;
mod saving;
mod store;

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, HashMap, VecDeque},
    path::PathBuf,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

pub use edits::{Edited, describe, merged, refusal};
pub use orders::Pace;
pub use store::Store;

use last_resort::LastResort;

use super::{ScriptError, api::Api, context::Role, live::Live, settings::Settings};
use crate::{
    Result,
    control::Control,
    reload::{Contents, Watch},
    run::{Progress, Version},
    session::{Ring, State},
};

/// The shortest time after which a step counts as one that never ends, if an edit waits for its end.
const STUCK: Duration = Duration::from_secs(10);

/// So many steps after an edit its failure counts as the edit's: the version before goes on.
pub const PROBATION: u64 = 10;

/// A training's supervision. Versions of its script come and go below it.
pub struct Supervision {
    api: Rc<Api>,
    settings: Settings,
    progress: Arc<Progress>,
    /// The version that trains.
    live: RefCell<Option<Rc<Live>>>,
    /// The version that takes over as soon as the old one has been left.
    successor: RefCell<Option<Rc<Live>>>,
    /// Edits that the journal has for steps to come, when a run is taken up or repeated.
    scheduled: RefCell<VecDeque<Version>>,
    watch: Option<Watch>,
    /// What the disk held of each file when that was last dealt with. Only what differs from it is an edit.
    seen: RefCell<HashMap<PathBuf, Contents>>,
    /// Whether the last save does not even parse, as the watcher has said already.
    unparsable: Arc<AtomicBool>,
    control: Option<Control>,
    pace: Cell<Pace>,
    store: RefCell<Option<Store>>,
    ring: RefCell<Ring>,
    /// The state at the last boundary between steps.
    boundary: RefCell<Option<State>>,
    step_began: Cell<Instant>,
    /// The longest of the last few steps, roughly.
    step_time: Cell<Duration>,
    /// The budget for tensors that every version starts with.
    budget: usize,
    /// The version before the last edit and its last state, until the edit has proved itself.
    before_edit: RefCell<Option<(Version, State)>>,
    /// Whether it goes on with a run of an earlier process.
    taken_up: bool,
    /// Where the run that is repeated was taken back, in steps and rewinds, and to which steps.
    rewinds: BTreeMap<(u64, u64), u64>,
    /// Where it ends, if not with its last step: steps and rewinds.
    until: Option<(u64, u64)>,
    /// Whether what is scheduled has to be recorded.
    repeats: bool,
    /// The step that a fork of a live run began after, and how many live runs it is a fork of.
    fork: Option<(u64, u64)>,
    /// Whether the log has failed since it last worked.
    log_fails: Cell<bool>,
    /// When it was last looked whether the run's folder is its own still.
    looked_at_folder: Cell<Instant>,
    /// Whether the folder is lost, and that was told.
    says_lost: Cell<bool>,
    /// Whether a folder was begun in the place of a lost one, and has no checkpoint yet.
    has_new_folder: Cell<bool>,
    /// Ends the process where nothing else ends the script.
    last_resort: OnceCell<LastResort>,
}

impl Supervision {
    /// Takes a version that has been built under supervision.
    pub fn new(api: Rc<Api>, settings: Settings, live: Live, parts: Parts) -> Rc<Self> {
        let Parts { progress, store, scheduled, watch, unparsable, control, budget, until, repeats, fork, .. } = parts;
        let supervision = Rc::new(Self {
            api,
            settings,
            progress,
            live: RefCell::default(),
            successor: RefCell::default(),
            scheduled: RefCell::new(scheduled),
            watch,
            seen: RefCell::default(),
            unparsable,
            control,
            pace: Cell::new(Pace::Running),
            store: RefCell::new(store),
            ring: RefCell::new(Ring::keeping(parts.rewinds.values().copied().collect())),
            boundary: RefCell::default(),
            step_began: Cell::new(Instant::now()),
            step_time: Cell::default(),
            budget,
            before_edit: RefCell::new(parts.before_edit),
            taken_up: parts.taken_up,
            rewinds: parts.rewinds,
            until,
            repeats,
            fork,
            log_fails: Cell::default(),
            looked_at_folder: Cell::new(Instant::now()),
            says_lost: Cell::default(),
            has_new_folder: Cell::default(),
            last_resort: OnceCell::new(),
        });
        supervision.take(Rc::new(live));
        supervision
    }

    /// The version that trains.
    pub fn live(&self) -> Rc<Live> {
        self.live.borrow().clone().expect("a version trains until the run has been closed")
    }

    /// The API that its scripts have.
    pub fn api(&self) -> Rc<Api> {
        self.api.clone()
    }

    /// How the run was started.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The step after which it was forked from a live run, if it was.
    pub fn forked_at(&self) -> Option<u64> {
        self.fork.map(|(step, _)| step)
    }

    /// How many live runs it is a fork of.
    pub fn depth(&self) -> u64 {
        self.fork.map_or(0, |(_, depth)| depth)
    }

    /// Lets the live version's functions be called, from its loop on. What went before, a step that was broken off or a
    /// person's thinking, is no measure of how long steps take.
    pub fn enter(&self) {
        self.live().context.enter();
        self.step_began.set(Instant::now());
    }

    /// Runs functions of the script. Where they do not come back though they were to be broken off, the process ends, if it is
    /// the training's own and has a folder to say so.
    pub fn during_script<T>(&self, body: impl FnOnce() -> T) -> T {
        match self.last_resort() {
            Some(last_resort) => last_resort.during_script(body),
            None => body(),
        }
    }

    fn last_resort(&self) -> Option<&LastResort> {
        if let (None, true) = (self.last_resort.get(), self.settings.owns_process) {
            let live = self.live();
            let folder = live.context.session.borrow().output().folder().map(|folder| folder.path().to_owned())?;
            return Some(self.last_resort.get_or_init(|| LastResort::start(folder, self.settings.interrupt.clone())));
        }
        self.last_resort.get()
    }

    /// Lets go of the version that trains, and waits for what is being written.
    pub fn end(&self) -> Option<ScriptError> {
        let unwritten = self.finish_writing();
        *self.live.borrow_mut() = None;
        unwritten
    }

    /// Shows a message.
    fn say(&self, text: &str) {
        self.progress.message(text);
    }

    /// Makes a version the one that trains.
    fn take(self: &Rc<Self>, live: Rc<Live>) {
        *live.context.role.borrow_mut() = Role::Run(Rc::downgrade(self));
        self.ring.borrow_mut().resize(live.policy.rewind(), live.policy.recover.memory << 20);
        if let Some(store) = self.store.borrow_mut().as_mut() {
            store.set_policy(&live.policy);
        }
        *self.live.borrow_mut() = Some(live);
        self.watch_files(Vec::new());
    }

    /// What happens between two steps. `ended` is what came of writing down the last one.
    ///
    /// # Errors
    /// [`Error::Restart`](crate::Error::Restart) where the loop must be left, to be begun anew.
    pub fn between_steps(&self, ended: Result<()>) -> Result<()> {
        self.note_step();
        self.note_log(ended);
        let live = self.live();
        let state = {
            let mut session = live.context.session.borrow_mut();
            if session.has_stepped() {
                // What the first step has not asked for is not needed any more.
                session.settle();
            }
            session.state()
        };
        self.before_edit.borrow_mut().take_if(|(_, before)| state.counters.step >= before.counters.step + PROBATION);
        self.offer_to_ring(&state);
        *self.boundary.borrow_mut() = Some(state);
        if self.until.is_some_and(|(step, rewinds)| self.time() == (step, rewinds)) {
            live.context.session.borrow_mut().stop();
        }
        self.report_writes();
        self.glance_at_folder();
        self.save_into_new_folder()?;
        self.note_version();
        self.note_loaded_files();
        self.apply_scheduled()?;
        self.obey()?;
        self.take_edits()?;
        self.save_if_due()?;
        self.copy_to_host_if_due()?;
        self.step_began.set(Instant::now());
        Ok(())
    }

    /// The state at the last boundary between steps.
    pub fn boundary(&self) -> Option<State> {
        self.boundary.borrow().clone()
    }

    /// Whether a step has run so long that it may never end, and an edit waits that may mend that.
    pub fn is_stuck(&self) -> bool {
        let is_long = || self.step_began.get().elapsed() > self.step_limit();
        self.watch.as_ref().is_some_and(Watch::is_pending) && !self.unparsable.load(Ordering::Relaxed) && is_long()
    }

    /// How long a step may take before it counts as one that never ends.
    fn step_limit(&self) -> Duration {
        STUCK.max(self.step_time.get() * 10)
    }

    fn note_step(&self) {
        let latest = self.step_began.get().elapsed();
        self.step_time.set(latest.max(self.step_time.get().mul_f64(0.95)));
    }

    /// A log that cannot be written is no reason to end a training: its lines are held, and tried again.
    pub(super) fn note_log(&self, ended: Result<()>) {
        match ended {
            // Lines that are only held have not been written.
            Ok(()) if self.live().context.session.borrow().output().metrics().is_refused() => {}
            Ok(()) => {
                if self.log_fails.replace(false) {
                    self.say("the log is written again");
                }
            }
            Err(error) => {
                if !self.log_fails.replace(true) {
                    self.say(&format!("{error}; the training goes on, and it is tried again"));
                }
            }
        }
    }
}

/// What a supervision works with.
pub struct Parts {
    pub progress: Arc<Progress>,
    pub store: Option<Store>,
    pub scheduled: VecDeque<Version>,
    pub watch: Option<Watch>,
    pub unparsable: Arc<AtomicBool>,
    pub control: Option<Control>,
    pub budget: usize,
    pub until: Option<(u64, u64)>,
    pub repeats: bool,
    pub fork: Option<(u64, u64)>,
    pub before_edit: Option<(Version, State)>,
    pub taken_up: bool,
    pub rewinds: BTreeMap<(u64, u64), u64>,
}
