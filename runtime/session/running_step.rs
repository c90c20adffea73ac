//! The step that runs: what it has logged and moved so far. Nothing of it lasts over a boundary, but how the tape grows.

use super::{Components, leaves::PastLeaves, statistics::Statistics, tape_growth::TapeGrowth};
use crate::Result;

/// The running step, or the place between two.
#[derive(Default)]
pub(super) struct RunningStep {
    phase: Phase,
    /// Values logged since it began.
    values: Vec<(String, f64)>,
    views: u64,
    /// Whether no other follows.
    is_last: bool,
    /// Running statistics as they were before it, until its update is done.
    before: Statistics,
    /// The leaves of the losses before its last update.
    pub(super) past_leaves: PastLeaves,
    pub(super) tape_growth: TapeGrowth,
}

#[derive(Default, PartialEq, Eq)]
enum Phase {
    /// No step has begun yet in this session, or since it went back to an older state.
    #[default]
    BeforeFirst,
    /// A step is running, and has not been written down yet.
    Running,
    /// A step has been written down, and no other has begun.
    Between,
}

/// What a step has logged.
pub(super) struct StepValues {
    pub(super) values: Vec<(String, f64)>,
    pub(super) views: u64,
}

impl RunningStep {
    /// Whether a step has begun since the session was made, or went back to an older state.
    pub(super) fn has_begun(&self) -> bool {
        self.phase != Phase::BeforeFirst
    }

    /// Whether no other step follows.
    pub(super) fn is_last(&self) -> bool {
        self.is_last
    }

    /// Lets no other step follow.
    pub(super) fn make_last(&mut self) {
        self.is_last = true;
    }

    /// Whether nothing has been logged in it.
    pub(super) fn is_blank(&self) -> bool {
        self.values.is_empty() && self.views == 0
    }

    pub(super) fn begin(&mut self, components: &Components) {
        self.phase = Phase::Running;
        self.before = Statistics::of(components);
        self.past_leaves = PastLeaves::default();
    }

    pub(super) fn log(&mut self, name: &str, value: f64) {
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    pub(super) fn count_views(&mut self, views: u64) {
        self.views += views;
    }

    /// Ends it. None where no step was running: two loops one after the other meet at a boundary without a step between
    /// them.
    pub(super) fn end(&mut self) -> Option<StepValues> {
        let logged = StepValues { values: std::mem::take(&mut self.values), views: std::mem::take(&mut self.views) };
        if self.phase != Phase::Running {
            return None;
        }
        self.phase = Phase::Between;
        Some(logged)
    }

    /// Notes that an update has completed it: what forward passes moved in running statistics stays.
    pub(super) fn complete(&mut self, components: &Components) {
        self.before = Statistics::of(components);
    }

    /// Gives the running statistics back the values that they had before it, if no update has completed it.
    ///
    /// # Errors
    /// None in practice: the values were there before, so they fit.
    pub(super) fn undo(&self) -> Result<()> {
        self.before.give_back()
    }

    /// Forgets it, as the session goes back to an older state.
    pub(super) fn forget(&mut self) {
        self.phase = Phase::BeforeFirst;
        self.values.clear();
        self.views = 0;
        self.before = Statistics::default();
    }
}
