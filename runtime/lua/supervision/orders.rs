//! Obeying the user of a live run: what the terminal or another process asks for, between two steps.

use std::{sync::atomic::Ordering, time::Duration};

use super::{Edited, Supervision, edits::Wish, merged};
use crate::{
    Error, Result,
    control::{Command, Request},
    lua::{runner, sources::Sources},
    run::Event,
};

/// How long a paused run waits before it looks at everything else.
const GLANCE: Duration = Duration::from_millis(50);

/// How a training goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// On and on.
    Running,
    /// So many steps, then it pauses.
    Stepping(u64),
    /// Not at all.
    Paused,
}

impl Supervision {
    /// Obeys what was ordered since the last boundary; does not return while the run is paused.
    pub(super) fn obey(&self) -> Result<()> {
        let Some(control) = &self.control else { return Ok(()) };
        if self.pace.get() == Pace::Stepping(0) {
            self.pace.set(Pace::Paused);
            self.say(&format!("paused after step {}", self.time().0));
        }
        let was_paused = self.pace.get() == Pace::Paused;
        loop {
            while let Some(request) = control.try_next() {
                self.answer(request)?;
            }
            if self.pace.get() != Pace::Paused || self.settings.interrupt.is_requested() {
                break;
            }
            self.take_edits()?;
            self.report_writes();
            if let Some(request) = control.next(GLANCE) {
                self.answer(request)?;
            }
        }
        if was_paused {
            self.progress.restart();
        }
        if let Pace::Stepping(left) = self.pace.get() {
            self.pace.set(Pace::Stepping(left - 1));
        }
        Ok(())
    }

    /// Obeys one order. An error ends the loop of the script, to be begun anew by a new version.
    fn answer(&self, request: Request) -> Result<()> {
        let step = self.time().0;
        let done = match request.command.clone() {
            Command::Pause => {
                self.pace.set(Pace::Paused);
                Ok(format!("paused after step {step}"))
            }
            Command::Continue => {
                self.pace.set(Pace::Running);
                Ok(format!("going on with step {}", step + 1))
            }
            Command::Step(0) => Err("the number of steps must be at least 1, got 0".to_owned()),
            Command::Step(count) => {
                self.pace.set(Pace::Stepping(count));
                Ok(format!("doing {count} step{} from step {}", if count == 1 { "" } else { "s" }, step + 1))
            }
            Command::Save => match self.save_now() {
                Ok(Some(path)) => Ok(format!("saved {}", path.display())),
                Ok(None) => Err("the run has no folder".to_owned()),
                Err(error) => Err(error.to_string()),
            },
            Command::Evaluate => self.evaluate_now(),
            Command::Episode => self.draw_episode(),
            Command::Status => Ok(self.status()),
            Command::Quit => {
                self.settings.interrupt.request();
                Ok(format!("stopping after step {step}"))
            }
            Command::Reload => return self.change(request, None),
            Command::Set { option, value } => return self.change(request, Some((option, value))),
        };
        request.answer(done);
        Ok(())
    }

    /// Takes the files as they are on the disk, or sets an option of the version that trains.
    fn change(&self, request: Request, option: Option<(String, String)>) -> Result<()> {
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
                self.unparsable.store(false, Ordering::Relaxed);
                request.answer(Ok(text));
                Err(live.context.leave(Error::Restart))
            }
            Edited::Refused(text) => {
                request.answer(Err(text));
                Ok(())
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
        let evaluated = runner::evaluate(&live.script, &live.context);
        let restored = live.go_back(before);
        live.context.enter();
        let results = evaluated.and_then(|results| restored.map(|()| results)).map_err(|error| error.to_string())?;
        let results = results.unwrap_or_default();
        self.note_unlogged();
        let text = serde_json::Value::Object(results.clone()).to_string();
        self.note(Event::Evaluation { results }).map_err(|error| error.to_string())?;
        Ok(format!("after step {}: {text}", self.time().0))
    }

    fn draw_episode(&self) -> Result<String, String> {
        let path =
            self.live().context.session.borrow().output().show_last_episode().map_err(|error| error.to_string())?;
        path.map(|path| format!("drew {}", path.display()))
            .ok_or_else(|| "there is no episode yet, or no folder".to_owned())
    }

    fn status(&self) -> String {
        let live = self.live();
        let session = live.context.session.borrow();
        let pace = if self.pace.get() == Pace::Paused { "paused" } else { "running" };
        let metrics = session.output().metrics();
        let values: Vec<String> =
            metrics.names().filter_map(|name| Some(format!("{name} {:.4}", metrics.last(name)?))).collect();
        let edits = match live.version.number {
            0 => "no edits".to_owned(),
            number => format!("edit {number}"),
        };
        let step = format!("{pace} after step {}/{}, {edits}", self.time().0, session.counters().total);
        std::iter::once(step).chain(values).collect::<Vec<_>>().join(", ")
    }
}
