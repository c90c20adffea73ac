//! The versions of a training's script: the live one, its successor, those that the journal has for later, and the one
//! to go back to while an edit has not proved itself.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use crate::{
    run::{Moment, Version},
    session::State,
    training::live::Live,
};

/// For this many steps after an edit a failure counts as the edit's, and the version before goes on.
pub const PROBATION: u64 = 10;

/// The version before an edit, and its last state.
pub type BeforeEdit = (Version, State);

/// Versions that a course begins with, besides the one that trains.
#[derive(Default)]
pub struct Heirs {
    /// Those that the journal has for moments to come, when a run is taken up or repeated.
    pub scheduled: VecDeque<Version>,
    /// Whether these have to be recorded, as they come from another run's journal.
    pub repeats: bool,
    /// What an edit that has not proved itself yet is taken back to.
    pub before_edit: Option<BeforeEdit>,
}

/// The versions.
pub struct Succession {
    live: RefCell<Option<Rc<Live>>>,
    /// It takes over as soon as the live one has been left.
    successor: RefCell<Option<Rc<Live>>>,
    scheduled: RefCell<VecDeque<Version>>,
    repeats: bool,
    before_edit: RefCell<Option<BeforeEdit>>,
}

impl Succession {
    /// Nobody trains yet.
    pub fn new(heirs: Heirs) -> Self {
        Self {
            live: RefCell::default(),
            successor: RefCell::default(),
            scheduled: heirs.scheduled.into(),
            repeats: heirs.repeats,
            before_edit: heirs.before_edit.into(),
        }
    }

    /// The version that trains.
    pub fn live(&self) -> Rc<Live> {
        self.live.borrow().clone().expect("a version trains until the run has been closed")
    }

    /// Makes a version the one that trains.
    pub fn set_live(&self, live: Rc<Live>) {
        *self.live.borrow_mut() = Some(live);
    }

    /// Lets go of the version that trains.
    pub fn end(&self) {
        *self.live.borrow_mut() = None;
    }

    /// A version is to take over.
    pub fn appoint(&self, successor: Live) {
        *self.successor.borrow_mut() = Some(Rc::new(successor));
    }

    /// Whether a version is to take over.
    pub fn has_successor(&self) -> bool {
        self.successor.borrow().is_some()
    }

    /// The version that is to take over.
    pub fn take_successor(&self) -> Option<Rc<Live>> {
        self.successor.borrow_mut().take()
    }

    /// The version that the journal has for this moment.
    pub fn take_scheduled(&self, moment: Moment) -> Option<Version> {
        self.scheduled.borrow_mut().pop_front_if(|version| version.moment() == moment)
    }

    /// What the journal has for later moments belongs to a course that the run does not take any more.
    pub fn leave_journal(&self) {
        self.scheduled.borrow_mut().clear();
    }

    /// Whether what the journal has must be recorded anew.
    pub fn repeats(&self) -> bool {
        self.repeats
    }

    /// An edit takes effect. If it fails soon, the training goes back to `before`; none if the edit is not to be taken
    /// back.
    pub fn begin_probation(&self, before: Option<BeforeEdit>) {
        *self.before_edit.borrow_mut() = before;
    }

    /// Whether the version that trains may still be taken back.
    pub fn is_on_probation(&self) -> bool {
        self.before_edit.borrow().is_some()
    }

    /// By this step an edit may have proved itself.
    pub fn prove(&self, step: u64) {
        self.before_edit.borrow_mut().take_if(|(_, before)| step >= before.counters.step + PROBATION);
    }

    /// What the version that trains is taken back to, if it may be.
    pub fn end_probation(&self) -> Option<BeforeEdit> {
        self.before_edit.borrow_mut().take()
    }
}
