//! What the bindings of one VM share: the device, the seed, the session, and what the VM is there for.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
    rc::{Rc, Weak},
    time::{Duration, Instant},
};

use mlua::Lua;

use super::{
    augment::recorder::Recorder,
    cost,
    leaving::{Leave, Leaving},
    overseer::Overseer,
};
use crate::{
    Device, Error, Result,
    data::DrawStage,
    files::Opened,
    interrupt::Interrupt,
    rng::DrawKey,
    run::write_atomically,
    session::{Purpose, Session},
};

/// Shared by the bindings of one VM.
#[derive(Clone)]
pub struct Context {
    /// Where new tensors live.
    pub device: Device,
    /// Keys initialisation, shuffling, augmentation and random tensors.
    pub seed: u64,
    /// What lasts while scripts change.
    pub session: Rc<RefCell<Session>>,
    /// Says when the user asked to stop.
    pub interrupt: Interrupt,
    /// What the VM is there for.
    pub role: Rc<RefCell<Role>>,
    /// Whether an evaluation runs, which no edit breaks off.
    evaluates: Rc<Cell<bool>>,
    /// Until when an evaluation is tried; none where it runs to its end.
    tried_until: Rc<Cell<Option<Instant>>>,
    /// Whether the script's functions are being left.
    leaving: Rc<Leaving>,
    /// The bytes of files that a check would have written.
    kept_files: Rc<RefCell<BTreeMap<String, Rc<[u8]>>>>,
    /// What a script printed while it was only inspected.
    held_back: Rc<RefCell<Vec<String>>>,
    /// Notes what views are made by, where that is to be seen.
    pub recorder: Rc<Recorder>,
}

/// What a VM is there for.
#[derive(Clone, Default)]
pub enum Role {
    /// A script on its own: a check, a specification.
    #[default]
    Alone,
    /// A new version of a script is loaded, set up, and does one step on a copy of the session.
    Trial {
        /// How long that may take.
        limit: Limit,
        /// Whether the step has begun.
        begun: bool,
    },
    /// A script is loaded for what it says of its device, in silence.
    Inspection(Limit),
    /// A script that trains, and those who look after it.
    Run(Weak<dyn Overseer>),
}

/// How long something may take.
#[derive(Clone, Copy)]
pub struct Limit {
    most: Duration,
    began: Instant,
    /// The time in the core when the limit began, if only the script's own time counts.
    core: Option<Duration>,
}

impl Limit {
    /// So much time from now on.
    pub fn of_all(most: Duration) -> Self {
        Self { most, began: Instant::now(), core: None }
    }

    /// This much time from now on, without the time in the core: reading a large data set takes as long as it takes.
    pub fn of_lua(most: Duration) -> Self {
        Self { core: Some(cost::core_time()), ..Self::of_all(most) }
    }

    fn is_over(&self) -> bool {
        let core = self.core.map_or(Duration::ZERO, |before| cost::core_time() - before);
        self.began.elapsed().saturating_sub(core) > self.most
    }
}

impl Context {
    /// The context of a new VM.
    pub fn new(session: Session, interrupt: Interrupt) -> Self {
        Self {
            device: session.device().clone(),
            seed: session.counters().seed,
            session: Rc::new(session.into()),
            interrupt,
            role: Rc::default(),
            evaluates: Rc::default(),
            tried_until: Rc::default(),
            leaving: Rc::default(),
            kept_files: Rc::default(),
            held_back: Rc::default(),
            recorder: Rc::default(),
        }
    }

    /// What keys the next draw of a stream: see [`Session::next_draw`].
    pub fn next_draw(&self, stream: &'static str) -> DrawKey {
        self.session.borrow_mut().next_draw(stream)
    }

    /// The stage that draws are counted in: see [`Session::draw_stage`].
    pub fn draw_stage(&self) -> DrawStage {
        self.session.borrow().draw_stage()
    }

    /// Tells the user something once, above the bar; nothing where the script's own prints are held back.
    pub fn note(&self, text: &str) {
        if !self.is_quiet() {
            self.session.borrow().output().progress().note(text);
        }
    }

    /// Those who look after the training, if it is one.
    pub fn overseer(&self) -> Option<Rc<dyn Overseer>> {
        match &*self.role.borrow() {
            Role::Run(overseer) => overseer.upgrade(),
            _ => None,
        }
    }

    /// Writes a file that a script names, so that it is the old one or the new one, whole. A check keeps it in memory
    /// instead, since the file may hold trained weights.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn write(&self, file: String, bytes: Vec<u8>) -> Result<()> {
        if self.session.borrow().purpose() == Purpose::Check {
            self.kept_files.borrow_mut().insert(file, bytes.into());
            return Ok(());
        }
        write_atomically(Path::new(&file), &bytes)
    }

    /// What a check has kept in the place of a file.
    pub fn kept(&self, file: &str) -> Option<Rc<[u8]>> {
        self.kept_files.borrow().get(file).cloned()
    }

    /// Opens a file that a script names, or what a check has kept in its place.
    ///
    /// # Errors
    /// It is no file; the operating system refused.
    pub fn open(&self, op: &'static str, file: &str) -> Result<Opened> {
        match self.kept(file) {
            Some(kept) => Ok(Opened::memory(kept)),
            None => Opened::file(Path::new(file)).map_err(|source| Error::io(op, file, source)),
        }
    }

    /// Takes what a script prints, and shows it above the bar. What a trial step prints, the first real one prints
    /// again; what an inspection prints, the run does, unless the inspection fails.
    pub fn print(&self, text: String) {
        match &*self.role.borrow() {
            Role::Trial { .. } => {}
            Role::Inspection(_) => self.held_back.borrow_mut().push(text),
            // The session is busy only while it realises a component, which prints nothing.
            _ => drop(self.session.try_borrow().map(|session| session.output().progress().print(&text))),
        }
    }

    /// Shows what an inspection held back, since nothing comes after it.
    pub fn print_held_back(&self) {
        let held_back = self.held_back.take();
        held_back.iter().for_each(|text| self.session.borrow().output().progress().print(text));
    }

    /// Whether the script's own prints are held back.
    pub fn is_quiet(&self) -> bool {
        matches!(&*self.role.borrow(), Role::Trial { .. } | Role::Inspection(_))
    }

    /// Why the script is to be left where it is, if it is; `instructions` ran since the last call.
    pub fn reason_to_leave(&self, instructions: u64) -> Option<Leave> {
        if self.interrupt.should_break(instructions) || self.leaves_evaluation() {
            self.leaving.break_off();
            return Some(Leave::Interrupted);
        }
        let why = match &*self.role.borrow() {
            _ if self.is_tried_enough() => Some(Leave::Anew),
            Role::Trial { limit, begun } if limit.is_over() => {
                let what = if *begun { "its trial step" } else { "loading it and its setup" };
                let reason = format!("{what} took longer than {:.0} s", limit.most.as_secs_f64());
                Some(Leave::TooLong { op: "reload", reason })
            }
            Role::Inspection(limit) if limit.is_over() => {
                let most = limit.most.as_secs_f64();
                let reason = format!("loading the script for its device took longer than {most} s; use --device");
                Some(Leave::TooLong { op: "device", reason })
            }
            Role::Run(overseer) if !self.evaluates.get() => {
                overseer.upgrade().filter(|overseer| overseer.is_stuck()).map(|_| Leave::Anew)
            }
            _ => None,
        }?;
        Some(self.leaving.leave(why))
    }

    /// Runs an evaluation.
    pub fn evaluating<T>(&self, evaluate: impl FnOnce() -> T) -> T {
        let outer = self.evaluates.replace(true);
        let result = evaluate();
        self.evaluates.set(outer);
        result
    }

    /// Runs an evaluation to see whether it works: on a few images, and for so long at most.
    pub fn trying<T>(&self, most: Duration, evaluate: impl FnOnce() -> T) -> T {
        self.tried_until.set(Some(Instant::now() + most));
        let result = evaluate();
        self.tried_until.set(None);
        result
    }

    /// Whether an evaluation runs only to see whether it works.
    pub fn is_tried(&self) -> bool {
        self.tried_until.get().is_some()
    }

    fn is_tried_enough(&self) -> bool {
        self.tried_until.get().is_some_and(|until| Instant::now() > until)
    }

    /// Whether an evaluation runs and the user asked to stop. Breaking it off loses no step, and a resumption makes up
    /// for it.
    pub fn leaves_evaluation(&self) -> bool {
        self.evaluates.get() && self.interrupt.is_requested()
    }

    /// The leaving of the script's functions.
    pub fn leaving(&self) -> &Rc<Leaving> {
        &self.leaving
    }

    /// Why the script's functions are to be left, if they are: no `pcall` of theirs may go on.
    pub fn is_to_leave(&self) -> Option<Leave> {
        let is_stopped = || self.interrupt.should_break(0) || self.leaves_evaluation();
        self.leaving.why().or_else(|| is_stopped().then_some(Leave::Interrupted))
    }

    /// Collects the tensors that no script can reach any more, and gives what Burn keeps of them back to the device.
    pub fn free_memory(&self, lua: &Lua) {
        self.leaving.set_lacks_memory(false);
        cost::collect(lua);
        self.device.release_memory();
    }

    /// Lets the script's functions be called again.
    pub fn enter(&self) {
        self.leaving.end();
    }
}
