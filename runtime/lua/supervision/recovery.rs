//! Taking a training back from a loss that is not finite, as the script's table `recover` says.

use std::rc::Rc;

use super::{Pace, Supervision};
use crate::{
    Error, Result,
    lua::{ScriptError, live::Live, sources::Sources},
    run::{Event, Version},
    session::{Counters, State},
    tensor::memory,
};

impl Supervision {
    /// Keeps a state in memory if it is due.
    pub(super) fn offer_to_ring(&self, state: &State) {
        let mut ring = self.ring.borrow_mut();
        if ring.steps().is_empty() && ring.is_on() {
            let (every, count) = ring.spacing(state.bytes());
            let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
            let each = mebibytes(state.bytes());
            self.say(&if count == 0 {
                format!("recover: a state takes {each:.1} MiB, more than its memory: a loss that is not finite will stop the run")
            } else {
                format!("recover: {count} states at most, one every {every} steps, {:.1} MiB in all", each * count as f64)
            });
        }
        ring.offer(state);
    }

    /// After a step has failed that is among the first of an edited version: the version before goes on from its last
    /// state, as if the edit had been refused. False where the version is no edit, or has proved itself.
    ///
    /// # Errors
    /// What was logged of the steps that are taken back cannot be removed.
    pub fn fall_back(self: &Rc<Self>, error: &ScriptError) -> Result<bool, ScriptError> {
        let is_stop = error.is_interrupt() || self.settings.interrupt.is_requested();
        let Some((old, mut state)) = self.before_edit.borrow_mut().take().filter(|_| !is_stop) else {
            return Ok(false);
        };
        let (failed, live) = (self.time().0 + 1, self.live());
        live.context.enter();
        state.counters.rewinds = self.time().1 + 1;
        // In a repetition the journal knows what comes now.
        let is_now =
            |version: &Version| (version.step, version.rewinds) == (state.counters.step, state.counters.rewinds);
        let known = self.scheduled.borrow_mut().pop_front_if(|version| is_now(version));
        let number = known.as_ref().map_or(live.version.number + 1, |version| version.number);
        let version = Version { number, step: state.counters.step, rewinds: state.counters.rewinds, ..old };
        let sources = Sources::recorded(version.files.clone());
        // What the failed version made of its budget for tensors ends with it.
        memory::set_budget(self.budget);
        let built = Live::build(&self.api, &self.settings, &self.progress, version, sources, Some(state.clone()), None);
        let new = match built {
            Ok(new) => new,
            Err(other) => {
                self.say(&format!("the version before the edit cannot go on either: {other}"));
                return Ok(false);
            }
        };
        let event = Event::Rewind {
            to: state.counters.step,
            lr_scale: state.counters.lr_scale,
            reason: error.message().to_owned(),
        };
        let step = state.counters.step;
        let failed_files = live.sources.files();
        let is_news = known.is_none() || self.repeats;
        if is_news {
            self.note_log(self.note(event));
        }
        if known.is_none() {
            self.scheduled.borrow_mut().clear();
        }
        live.context.session.borrow_mut().output_mut().metrics_mut().rewind(step)?;
        self.ring.borrow_mut().forget_after(step);
        *self.boundary.borrow_mut() = Some(state);
        self.supersede();
        self.say(&format!(
            "edit refused after all, as step {failed} failed; the version before goes on from step {}:\n{error}",
            step + 1
        ));
        *self.successor.borrow_mut() = Some(Rc::new(new));
        self.begin_anew()?;
        *self.before_edit.borrow_mut() = None;
        if is_news {
            self.record_by_and_by(failed_files);
        } else if let Some(store) = self.store.borrow_mut().as_mut() {
            store.set_known_files(&self.live().version.files);
        }
        self.save_or_tell(super::saving::Occasion::Interval)?;
        Ok(true)
    }

    /// After a step has failed: waits for an edit that mends it, where somebody is there to make one. False where the run
    /// ends instead.
    ///
    /// # Errors
    /// A device failed.
    pub fn wait_for_edit(self: &Rc<Self>, error: &ScriptError) -> Result<bool, ScriptError> {
        if !self.settings.terminal || error.is_interrupt() || self.settings.interrupt.is_requested() {
            return Ok(false);
        }
        let live = self.live();
        let Some(state) = self.boundary() else { return Ok(false) };
        live.restore(&state)?;
        live.context.enter();
        let step = state.counters.step + 1;
        self.say(&format!(
            "{error}\nstep {step} waits for an edit that mends this (\"continue\" tries it again, Ctrl-C ends the run)"
        ));
        self.pace.set(Pace::Paused);
        let obeyed = self.obey();
        self.pace.set(Pace::Running);
        self.progress.restart();
        match obeyed {
            Ok(()) => Ok(!self.settings.interrupt.is_requested()),
            Err(Error::Restart) => self.begin_anew().map(|()| true),
            Err(error) => Err(error.into()),
        }
    }

    /// The state that a training is taken back to from a boundary: of memory, or, where the run was taken up again so
    /// lately that memory does not reach far enough, of a checkpoint.
    fn older(&self, boundary: &State) -> Option<State> {
        if let Some(step) = self.rewinds.get(&(boundary.counters.step, boundary.counters.rewinds)) {
            return self.ring.borrow_mut().go_back_to(*step);
        }
        let in_memory = self.ring.borrow_mut().go_back(boundary.counters.step)?;
        let target = self.ring.borrow().target(boundary.counters.step);
        if !self.taken_up || in_memory.counters.step <= target {
            return Some(in_memory);
        }
        let live = self.live();
        let on_disk = self.saved(target).and_then(|state| state.of_living(live.context.session.borrow().components()));
        if on_disk.is_some() {
            self.ring.borrow_mut().clear();
        }
        on_disk.or(Some(in_memory))
    }

    /// Takes the training back to an older state with a lower learning rate. False where the script does not want
    /// that, or it has been done as often as it may.
    ///
    /// # Errors
    /// A device failed; the log cannot be written.
    pub fn take_back(&self, error: &ScriptError) -> Result<bool, ScriptError> {
        let live = self.live();
        let Some(boundary) = self.boundary().filter(|_| live.policy.rewind() > 0) else { return Ok(false) };
        if boundary.counters.recoveries >= live.policy.recover.times as u64 {
            self.say(&format!(
                "recover: the training was taken back {} times, which is all it may",
                boundary.counters.recoveries
            ));
            return Ok(false);
        }
        let Some(older) = self.older(&boundary) else { return Ok(false) };
        let lr_scale = boundary.counters.lr_scale * live.policy.recover.lr;
        let (rewinds, recoveries) = (boundary.counters.rewinds + 1, boundary.counters.recoveries + 1);
        let counters = Counters { lr_scale, rewinds, recoveries, ..older.counters };
        let state = State { counters, ..older };
        live.restore(&state)?;
        let event = Event::Rewind { to: state.counters.step, lr_scale, reason: error.message().to_owned() };
        let noted = self.note(event);
        self.note_log(noted);
        live.context.session.borrow_mut().output_mut().metrics_mut().rewind(state.counters.step)?;
        self.say(&format!(
            "{}; back to step {}, learning rates times {lr_scale}",
            error.message(),
            state.counters.step
        ));
        *self.boundary.borrow_mut() = Some(state);
        self.supersede();
        // Taken up again, the run must not fall back to a state of before.
        self.save_or_tell(super::saving::Occasion::Interval)?;
        Ok(true)
    }
}
