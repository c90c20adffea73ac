//! The answers to a script's VM from those who look after its training: from the supervision, and for a second run from
//! a course of its own.

use std::path::Path;

use super::{
    course::Branch,
    settings::Settings,
    supervision::{Forked, Supervision, merged},
    workshop::Workshop,
};
use crate::{
    Error, Result,
    lua::{Flow, ForkOrder, Overseer},
    run::{Origin, Outcome, Place, ProgressKind, Sources, path_text::to_text},
};

/// Forks of forks that may train at once: each has a VM on the stack of the one before.
const DEPTH: u64 = 4;

impl Overseer for Supervision {
    fn between_steps(&self, ended: Result<()>) -> Result<Flow> {
        self.between_steps(ended)
    }

    fn is_stuck(&self) -> bool {
        self.is_stuck()
    }

    fn fork(&self, order: ForkOrder) -> Result<Outcome> {
        branch(self, order)?.train().map_err(|error| match error.is_interrupt() {
            true => Error::Interrupted,
            false => Error::State { op: "fork", reason: error.to_string() }.caused_by(error),
        })
    }
}

/// A second run from the last boundary of a live one.
fn branch(supervision: &Supervision, order: ForkOrder) -> Result<Branch> {
    let ForkOrder { script, set, out } = order;
    let refused = |reason: String| Err(Error::State { op: "fork", reason });
    let depth = supervision.forked().map_or(0, |forked| forked.depth);
    if depth >= DEPTH {
        return refused(format!("forks of forks are {DEPTH} deep at most"));
    }
    let live = supervision.live();
    let parent = live.context.session.borrow().output().folder().map(|folder| folder.path().to_owned());
    let Some(state) = supervision.boundary() else {
        return refused("the training has not begun".into());
    };
    if supervision.forked().is_some_and(|forked| forked.step == state.counters.step) {
        let step = state.counters.step + 1;
        return refused(format!("this run was itself forked in step {step}; let an option say which of the two forks"));
    }
    let (sources, own_set) = match script {
        Some(_) => (Sources::disk(), Vec::new()),
        None => (Sources::recorded(live.sources.files()), live.version.set.clone()),
    };
    let set = merged(&own_set, &set);
    let own = &supervision.workshop().settings;
    let place = match (out, &parent) {
        (Some(out), _) => Some(Place::Exactly(out)),
        (None, Some(parent)) => Some(Place::Under(parent.parent().unwrap_or(Path::new("")).to_owned())),
        (None, None) => None,
    };
    place.iter().try_for_each(Place::check)?;
    let settings = Settings {
        script: script.unwrap_or_else(|| own.script.clone()),
        set: set.clone(),
        place,
        watch: false,
        terminal: false,
        progress: ProgressKind::Silent,
        ..own.clone()
    };
    let origin = Origin { run: parent.map_or_else(String::new, |parent| to_text(&parent)), step: state.counters.step };
    let forked = Some(Forked { step: state.counters.step, depth: depth + 1 });
    let workshop = Workshop::new(&supervision.workshop().api, &settings);
    Ok(Branch { workshop, sources, set, state, origin, forked })
}
