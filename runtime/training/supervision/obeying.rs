//! Obeying the user of a live run: what the terminal or another process asks for, between two steps.

use std::time::Duration;

use super::{
    Supervision,
    changes::merged,
    edits::{Edited, Wish},
    orders::Pace,
};
use crate::{
    Result,
    control::{Command, Request},
    lua::{Flow, Left, experiment},
    run::{Event, Sources},
};

/// How long a paused run waits before it looks at everything else.
const GLANCE: Duration = Duration::from_millis(50);

impl Supervision {
    /// Obeys what was ordered since the last boundary; does not return while the run is paused. The loop is left where
    /// an order makes another version take effect.
    pub(super) fn obey(&self) -> Result<Flow> {
        let Some(control) = &self.orders.control else { return Ok(Flow::Continue(())) };
        let pace = &self.orders.pace;
        if pace.get() == Pace::Stepping(0) {
            pace.set(Pace::Paused);
            self.say(&format!("paused after step {}", self.moment().step));
        }
        let was_paused = self.orders.is_paused();
        loop {
            while let Some(request) = control.try_next() {
                if self.answer(request)?.is_break() {
                    return Ok(Flow::Break(Left));
                }
            }
            if !self.orders.is_paused() || self.workshop.settings.interrupt.is_requested() {
                break;
            }
            if self.take_edits()?.is_break() {
                return Ok(Flow::Break(Left));
            }
            self.report_writes();
            if let Some(request) = control.next(GLANCE)
                && self.answer(request)?.is_break()
            {
                return Ok(Flow::Break(Left));
            }
        }
        if was_paused {
            self.workshop.progress.restart();
        }
        if let Pace::Stepping(left) = pace.get() {
            pace.set(Pace::Stepping(left - 1));
        }
        Ok(Flow::Continue(()))
    }

    /// Waits for orders, or for an edit, until the run is to go on.
    pub(super) fn pause(&self) -> Result<Flow> {
        self.orders.pace.set(Pace::Paused);
        let obeyed = self.obey();
        self.orders.pace.set(Pace::Running);
        self.workshop.progress.restart();
        obeyed
    }

    /// Obeys one order. The loop is left for a version that takes effect.
    fn answer(&self, request: Request) -> Result<Flow> {
        let (step, pace) = (self.moment().step, &self.orders.pace);
        let done = match request.command.clone() {
            Command::Pause => {
                pace.set(Pace::Paused);
                Ok(format!("paused after step {step}"))
            }
            Command::Continue => {
                pace.set(Pace::Running);
                Ok(format!("going on with step {}", step + 1))
            }
            Command::Step(0) => Err("the number of steps must be at least 1, got 0".to_owned()),
            Command::Step(count) => {
                pace.set(Pace::Stepping(count));
                Ok(format!("doing {count} step{} from step {}", if count == 1 { "" } else { "s" }, step + 1))
            }
            Command::Save => match self.save_now() {
                Ok(Some(path)) => Ok(format!("saved {}", path.display())),
                Ok(None) => Err("the run has no folder".to_owned()),
                Err(error) => Err(error.to_string()),
            },
            Command::Evaluate => self.evaluate_now(),
            Command::Episode => self.show_episode(),
            Command::Status => Ok(self.status()),
            Command::Quit => {
                self.workshop.settings.interrupt.request();
                Ok(format!("stopping after step {step}"))
            }
            Command::Reload => return self.change(request, None),
            Command::Set { option, value } => return self.change(request, Some((option, value))),
        };
        request.answer(done);
        Ok(Flow::Continue(()))
    }

    /// Takes the files as they are on the disk, or sets an option of the version that trains.
    fn change(&self, request: Request, option: Option<(String, String)>) -> Result<Flow> {
        let live = self.live();
        let mut set = live.version.set.clone();
        let sources = match option {
            None => Sources::disk(),
            Some((name, value)) => {
                set = merged(&set, &[(name, value)]);
                Sources::recorded(live.sources.files())
            }
        };
        match self.try_edit(set, sources, Wish::Ordered)? {
            Edited::Accepted(text) => {
                self.watching.note_parsed();
                request.answer(Ok(text));
                Ok(Flow::Break(Left))
            }
            Edited::Refused(text) => {
                request.answer(Err(text));
                Ok(Flow::Continue(()))
            }
        }
    }

    /// Evaluates the components as they are, and leaves no trace in the training.
    fn evaluate_now(&self) -> Result<String, String> {
        let live = self.live();
        if !live.script.has("evaluate") {
            return Err("the script has no function evaluate".to_owned());
        }
        let before = live.context.session.borrow().snapshot();
        let evaluated = experiment::evaluate(&live.script, &live.context);
        let restored = live.go_back(before);
        live.context.enter();
        let results = evaluated.and_then(|results| restored.map(|()| results)).map_err(|error| error.to_string())?;
        let results = results.unwrap_or_default();
        self.note_unlogged();
        let text = serde_json::Value::Object(results.clone()).to_string();
        self.note(Event::Evaluation { results }).map_err(|error| error.to_string())?;
        Ok(format!("after step {}: {text}", self.moment().step))
    }

    fn show_episode(&self) -> Result<String, String> {
        let path =
            self.live().context.session.borrow().output().show_last_episode().map_err(|error| error.to_string())?;
        path.map(|path| format!("wrote {}", path.display()))
            .ok_or_else(|| "there is no episode yet, or no folder".to_owned())
    }

    fn status(&self) -> String {
        let live = self.live();
        let session = live.context.session.borrow();
        let pace = if self.orders.is_paused() { "paused" } else { "running" };
        let metrics = session.output().metrics();
        let values: Vec<String> =
            metrics.names().filter_map(|name| Some(format!("{name} {:.4}", metrics.last(name)?))).collect();
        let edits = match live.version.number {
            0 => "no edits".to_owned(),
            number => format!("edit {number}"),
        };
        let step = format!("{pace} after step {}/{}, {edits}", self.moment().step, session.counters().total);
        std::iter::once(step).chain(values).collect::<Vec<_>>().join(", ")
    }
}
