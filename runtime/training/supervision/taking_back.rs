//! Taking a training back from a loss that is not finite, as the script's table `recover` says.

use std::rc::Rc;

use super::{Supervision, recovery::Recovery, saving::Occasion};
use crate::{
    Result,
    lua::{Flow, ScriptError},
    run::{Event, Sources, Version},
    session::{Counters, State},
};

impl Supervision {
    /// Keeps a state in memory if it is due.
    pub(super) fn offer_to_ring(&self, state: &State) {
        let mut ring = self.recovery.ring.borrow_mut();
        if ring.steps().is_empty() && ring.is_on() {
            let (every, count) = ring.spacing(state.bytes());
            let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
            let each = mebibytes(state.bytes());
            self.say(&if count == 0 {
                format!(
                    "recover: a state takes {each:.1} MiB, more than its memory: a loss that is not finite will stop \
                     the run"
                )
            } else {
                format!(
                    "recover: {count} states at most, one every {every} steps, {:.1} MiB in all",
                    each * count as f64
                )
            });
        }
        ring.offer(state);
    }

    /// After one of the first steps of an edited version has failed: the version before goes on from its last state, as
    /// if the edit had been refused. False where the version is no edit, or has proved itself.
    ///
    /// # Errors
    /// What was logged of the steps that are taken back cannot be removed.
    pub fn fall_back(self: &Rc<Self>, error: &ScriptError) -> Result<bool, ScriptError> {
        let is_stop = error.is_interrupt() || self.workshop.settings.interrupt.is_requested();
        let Some((old, mut state)) = self.succession.end_probation().filter(|_| !is_stop) else { return Ok(false) };
        let (now, live) = (self.moment(), self.live());
        live.context.enter();
        state.counters.rewinds = now.rewinds + 1;
        // In a repetition the journal knows what comes now.
        let known = self.succession.take_scheduled(state.counters.moment());
        let number = known.as_ref().map_or(live.version.number + 1, |version| version.number);
        let version = Version { number, step: state.counters.step, rewinds: state.counters.rewinds, ..old };
        let sources = Sources::recorded(version.files.clone());
        // What the failed version made of its budget for tensors ends with it.
        let new = match self.workshop.build(version, sources, Some(state.clone()), None) {
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
        let is_news = known.is_none() || self.succession.repeats();
        if is_news {
            self.note_log(self.note(event));
        }
        if known.is_none() {
            self.succession.leave_journal();
        }
        live.context.session.borrow_mut().output_mut().metrics_mut().rewind(step)?;
        self.recovery.ring.borrow_mut().forget_after(step);
        self.boundary.set(state);
        self.supersede();
        self.say(&format!(
            "edit refused after all, as step {} failed; the version before goes on from step {}:\n{error}",
            now.step + 1,
            step + 1
        ));
        self.succession.appoint(new);
        self.begin_anew()?;
        self.succession.begin_probation(None);
        if is_news {
            self.record_by_and_by(failed_files);
        } else if let Some(store) = self.store.borrow_mut().as_mut() {
            store.recorded.set_known_files(&self.live().version.files);
        }
        self.save_or_tell(Occasion::Interval)?;
        Ok(true)
    }

    /// After a step has failed: waits for an edit that mends it, where somebody is there to make one. False where the
    /// run ends instead.
    ///
    /// # Errors
    /// A device failed.
    pub fn wait_for_edit(self: &Rc<Self>, error: &ScriptError) -> Result<bool, ScriptError> {
        let settings = &self.workshop.settings;
        if !settings.terminal || error.is_interrupt() || settings.interrupt.is_requested() {
            return Ok(false);
        }
        let live = self.live();
        let Some(state) = self.boundary.state() else { return Ok(false) };
        live.restore(&state)?;
        live.context.enter();
        let step = state.counters.step + 1;
        self.say(&format!(
            "{error}\nstep {step} waits for an edit that mends this (\"continue\" tries it again, Ctrl-C ends the run)"
        ));
        match self.pause()? {
            Flow::Continue(()) => Ok(!settings.interrupt.is_requested()),
            Flow::Break(_) => self.begin_anew().map(|()| true),
        }
    }

    /// The state that a training is taken back to from a boundary. It comes from memory, or from a checkpoint if the
    /// run was taken up so recently that memory does not reach far enough.
    fn older(&self, boundary: &State) -> Option<State> {
        let Recovery { ring, taken_up, repeated } = &self.recovery;
        if let Some(step) = repeated.get(&boundary.counters.moment()) {
            return ring.borrow_mut().go_back_to(*step);
        }
        let in_memory = ring.borrow_mut().go_back(boundary.counters.step)?;
        let target = ring.borrow().target(boundary.counters.step);
        if !taken_up || in_memory.counters.step <= target {
            return Some(in_memory);
        }
        let live = self.live();
        let on_disk = self.saved(target).and_then(|state| state.of_living(live.context.session.borrow().components()));
        if on_disk.is_some() {
            self.recovery.forget();
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
        let Some(boundary) = self.boundary.state().filter(|_| live.policy.rewind() > 0) else { return Ok(false) };
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
        self.boundary.set(state);
        self.supersede();
        // Taken up again, the run must not fall back to a state of before.
        self.save_or_tell(Occasion::Interval)?;
        Ok(true)
    }
}
