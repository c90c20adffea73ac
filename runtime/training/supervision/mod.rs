//! Those who look after a training between its steps: they save it, exchange its script, obey orders, take it back.
//! What a script computes is none of their business, and with none of it happening they leave no trace in it.
//!
//! Each part has its own state and knows of no other; what takes several of them is a method of the supervision, in the
//! file of the concept.

mod boundary;
mod changes;
mod edits;
mod forked;
mod host_copy;
mod last_resort;
mod lookout;
mod obeying;
mod orders;
mod pulse;
mod recorded;
mod recording;
mod recovery;
mod relocation;
mod saving;
mod store;
mod succession;
mod taking_back;
mod watching;

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

pub use changes::{describe, merged};
pub use forked::Forked;
pub use orders::Orders;
pub use recovery::Recovery;
pub use store::Store;
pub use succession::{BeforeEdit, Heirs, PROBATION};
pub use watching::Watching;

use boundary::Boundary;
use last_resort::LastResort;
use lookout::Lookout;
use pulse::Pulse;
use succession::Succession;

use super::{live::Live, workshop::Workshop};
use crate::{
    Result,
    lua::{Flow, Overseer, Role, ScriptError},
    run::Moment,
    session::State,
};

/// A training's supervision. Versions of its script come and go below it.
pub struct Supervision {
    succession: Succession,
    watching: Watching,
    orders: Orders,
    store: RefCell<Option<Store>>,
    recovery: Recovery,
    boundary: Boundary,
    pulse: Pulse,
    lookout: Lookout,
    /// Where it began, if it is a fork of a live run.
    forked: Option<Forked>,
    /// Ends the process where nothing else ends the script.
    last_resort: OnceCell<LastResort>,
    /// Dropped last: it gives the thread back what versions have changed about it.
    workshop: Workshop,
}

/// What a supervision works with.
pub struct Parts {
    /// Versions besides the one that trains.
    pub heirs: Heirs,
    /// The files that are watched.
    pub watching: Watching,
    /// Who gives orders.
    pub orders: Orders,
    /// Where the run is written to, if anywhere.
    pub store: Option<Store>,
    /// What the training is taken back to.
    pub recovery: Recovery,
    /// Where it ends, if not with its last step.
    pub until: Option<Moment>,
    /// Where it began, if it is a fork of a live run.
    pub forked: Option<Forked>,
}

impl Supervision {
    /// Takes a version that has been built under supervision.
    pub fn new(workshop: Workshop, live: Live, parts: Parts) -> Rc<Self> {
        let supervision = Rc::new(Self {
            workshop,
            succession: Succession::new(parts.heirs),
            watching: parts.watching,
            orders: parts.orders,
            store: RefCell::new(parts.store),
            recovery: parts.recovery,
            boundary: Boundary::new(parts.until),
            pulse: Pulse::new(),
            lookout: Lookout::new(),
            forked: parts.forked,
            last_resort: OnceCell::new(),
        });
        supervision.take(Rc::new(live));
        supervision
    }

    /// The version that trains.
    pub fn live(&self) -> Rc<Live> {
        self.succession.live()
    }

    /// Lets the live version's functions be called, from its loop on. What went before, a step that was broken off or a
    /// person's thinking, is no measure of how long steps take.
    pub fn enter(&self) {
        self.live().context.enter();
        self.pulse.begin_step();
    }

    /// Runs functions of the script. If they do not return although they were to be broken off, the process ends,
    /// provided that it is the training's own and that there is a folder to record this.
    pub fn during_script<T>(&self, body: impl FnOnce() -> T) -> T {
        match self.last_resort() {
            Some(last_resort) => last_resort.during_script(body),
            None => body(),
        }
    }

    fn last_resort(&self) -> Option<&LastResort> {
        let settings = &self.workshop.settings;
        if let (None, true) = (self.last_resort.get(), settings.owns_process) {
            let live = self.live();
            let folder = live.context.session.borrow().output().folder().map(|folder| folder.path().to_owned())?;
            return Some(self.last_resort.get_or_init(|| LastResort::start(folder, settings.interrupt.clone())));
        }
        self.last_resort.get()
    }

    /// Lets go of the version that trains, and waits for what is being written.
    pub fn end(&self) -> Option<ScriptError> {
        let unwritten = self.finish_writing();
        self.succession.end();
        unwritten
    }

    /// Shows a message.
    fn say(&self, text: &str) {
        self.workshop.say(text);
    }

    /// Makes a version the one that trains.
    fn take(self: &Rc<Self>, live: Rc<Live>) {
        let overseer: Rc<dyn Overseer> = self.clone();
        *live.context.role.borrow_mut() = Role::Run(Rc::downgrade(&overseer));
        self.recovery.follow(&live.policy);
        if let Some(store) = self.store.borrow_mut().as_mut() {
            store.set_policy(&live.policy);
        }
        self.succession.set_live(live);
        self.watch_files(Vec::new());
    }

    /// The place in the run's own time.
    fn moment(&self) -> Moment {
        self.boundary.moment()
    }

    /// The state at the last boundary between steps.
    pub fn boundary(&self) -> Option<State> {
        self.boundary.state()
    }

    /// Where it began, if it is a fork of a live run.
    pub fn forked(&self) -> Option<Forked> {
        self.forked
    }

    /// What its versions have in common.
    pub fn workshop(&self) -> &Workshop {
        &self.workshop
    }

    /// Whether the running step has taken so long that it may never end, and an edit waits that may mend that.
    pub fn is_stuck(&self) -> bool {
        self.watching.is_pending() && self.pulse.is_over_limit()
    }

    /// Does what is due between two steps. `ended` is what came of writing down the last one. The loop is left where
    /// another version, or an older state, is to go on.
    ///
    /// # Errors
    /// A device failed; an edit that the journal has cannot be repeated.
    pub fn between_steps(&self, ended: Result<()>) -> Result<Flow> {
        self.pulse.end_step();
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
        self.succession.prove(state.counters.step);
        self.offer_to_ring(&state);
        self.boundary.set(state);
        if self.boundary.is_last() {
            live.context.session.borrow_mut().stop();
        }
        self.report_writes();
        self.glance_at_folder();
        self.save_into_new_folder()?;
        self.note_version();
        self.note_loaded_files();
        // Each of these may want another version to go on.
        for another in [Self::apply_scheduled, Self::obey, Self::take_edits] {
            if let left @ Flow::Break(_) = another(self)? {
                return Ok(left);
            }
        }
        self.save_if_due()?;
        self.copy_to_host_if_due()?;
        self.pulse.begin_step();
        Ok(Flow::Continue(()))
    }
}
