//! A course: what is known of a training before its first step, besides the version that it begins with.

use std::rc::Rc;

use crate::{
    control::Control,
    lua::ScriptError,
    run::{Before, Event, Moment, Outcome, SourceFile},
    training::{
        live::Live,
        supervision::{Forked, Heirs, Orders, Parts, Recovery, Store, Supervision, Watching},
        trainer,
        workshop::Workshop,
    },
};

pub use crate::training::trainer::Evaluations;

/// A course.
#[derive(Default)]
pub struct Course {
    /// The version that it begins with.
    pub first: FirstVersion,
    /// Versions besides that.
    pub heirs: Heirs,
    /// What it is taken back to.
    pub recovery: Recovery,
    /// What is evaluated, and what of that is known.
    pub evaluations: Evaluations,
    /// What the run's folder has of it already.
    pub known: InFolder,
    /// A change before the first step.
    pub change: Option<Alteration>,
    /// Where it ends, if not with its last step.
    pub until: Option<Moment>,
    /// Where it began, if it is a fork of a live run.
    pub forked: Option<Forked>,
}

/// Whether the journal knows the version that a course begins with.
#[derive(Default)]
pub enum FirstVersion {
    /// It does.
    #[default]
    Known,
    /// It does not: the version is recorded now, with these remarks.
    Recorded(Vec<String>),
}

/// What the folder holds of a run that is taken up again.
#[derive(Default)]
pub struct InFolder {
    /// The step of the best checkpoint so far, and its merit.
    pub best: Option<(u64, f64)>,
    /// What else the journal has to know.
    pub events: Vec<Event>,
    /// The files of versions that the journal knows already.
    pub sources: Vec<SourceFile>,
    /// What the folder held before.
    pub before: Option<Before>,
}

/// A change of the version that a course begins with.
pub struct Alteration {
    /// Values of options.
    pub set: Vec<(String, String)>,
    /// Whether files are taken from the disk.
    pub edited: bool,
}

impl Course {
    /// Trains to the end.
    ///
    /// # Errors
    /// A failure before the first step, which leaves the folder as it was; the errors of a training.
    pub fn train(mut self, workshop: Workshop, live: Live) -> Result<Outcome, ScriptError> {
        let session = live.context.session.clone();
        let (before, evaluations) = (self.known.before.take(), std::mem::take(&mut self.evaluations));
        match self.prepare(workshop, live) {
            Ok(supervision) => trainer::run(&supervision, evaluations),
            Err(error) => {
                session.borrow_mut().output_mut().give_up(before, error.to_string())?;
                Err(error)
            }
        }
    }

    fn prepare(self, workshop: Workshop, live: Live) -> Result<Rc<Supervision>, ScriptError> {
        let settings = &workshop.settings;
        let watching = match settings.watch {
            true => Watching::start(workshop.progress.clone())?,
            false => Watching::default(),
        };
        let orders = Orders::new(control(&workshop, &live)?);
        let store = store(&workshop, &live, self.first, &self.known)?;
        if let Some(caveat) = live.context.session.borrow().precision().caveat(&settings.device) {
            workshop.say(&format!("precision: {caveat}"));
        }
        let parts = Parts {
            heirs: self.heirs,
            watching,
            orders,
            store,
            recovery: self.recovery,
            until: self.until,
            forked: self.forked,
        };
        let supervision = Supervision::new(workshop, live, parts);
        if let Some(Alteration { set, edited }) = self.change {
            supervision.change_before_start(set, edited)?;
        }
        self.known.events.into_iter().try_for_each(|event| supervision.note_at_start(event))?;
        Ok(supervision)
    }
}

/// Listens to whoever may give orders.
fn control(workshop: &Workshop, live: &Live) -> Result<Option<Control>, ScriptError> {
    let mut session = live.context.session.borrow_mut();
    let terminal = workshop.settings.terminal;
    if session.output().folder().is_none() && !terminal {
        return Ok(None);
    }
    let control = Control::new();
    if let Some(folder) = session.output().folder() {
        control.listen_to_folder(folder.path())?;
    }
    if terminal {
        let (typed, shown) = (workshop.progress.clone(), workshop.progress.clone());
        control.listen_to_terminal(move |line| typed.typed(line), move |text| shown.message(text));
        workshop.say("type help and Enter for what can be ordered meanwhile");
    }
    session.output_mut().keep_episodes();
    Ok(Some(control))
}

/// Opens what the run is written to.
fn store(
    workshop: &Workshop,
    live: &Live,
    first: FirstVersion,
    known: &InFolder,
) -> Result<Option<Store>, ScriptError> {
    let session = live.context.session.borrow();
    let Some(folder) = session.output().folder() else { return Ok(None) };
    let settings = &workshop.settings;
    let mut store = Store::new(
        folder,
        &live.policy,
        settings.checkpoint,
        session.counters().step,
        known.best,
        &settings.interrupt,
    )?;
    let recorded = store.recorded();
    recorded.set_known_files(&live.version.files);
    if let FirstVersion::Recorded(report) = first {
        folder.record_version(recorded.journal(), &live.version, String::new(), report)?;
    }
    recorded.remember(&known.sources);
    Ok(Some(store))
}
