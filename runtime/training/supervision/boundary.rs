//! The last boundary between two steps: the state that everything goes back to, and goes on from.

use std::cell::{Ref, RefCell};

use crate::{run::Moment, session::State};

/// The last boundary.
pub struct Boundary {
    state: RefCell<Option<State>>,
    /// The boundary at which the training ends, if not with its last step.
    until: Option<Moment>,
}

impl Boundary {
    /// None yet.
    pub fn new(until: Option<Moment>) -> Self {
        Self { state: RefCell::default(), until }
    }

    /// The state then.
    pub fn state(&self) -> Option<State> {
        self.state.borrow().clone()
    }

    /// The same, to look at.
    pub fn look(&self) -> Ref<'_, Option<State>> {
        self.state.borrow()
    }

    /// Another state is that of the last boundary.
    pub fn set(&self, state: State) {
        *self.state.borrow_mut() = Some(state);
    }

    /// The place in the run's own time.
    pub fn moment(&self) -> Moment {
        self.state.borrow().as_ref().map_or_else(Moment::default, |state| state.counters.moment())
    }

    /// Whether the training ends here.
    pub fn is_last(&self) -> bool {
        self.until.is_some_and(|until| self.moment() == until)
    }
}
