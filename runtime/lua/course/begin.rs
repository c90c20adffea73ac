//! The beginning of every course: a version is built, then trained under supervision.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Course, progress};
use crate::{
    control::Control,
    lua::{
        ScriptError,
        api::Api,
        live::Live,
        outcome::Outcome,
        runner,
        settings::Settings,
        sources::Sources,
        supervision::{Parts, Store, Supervision, refusal},
        syntax,
    },
    reload::{Saved, Watch},
    run::{Progress, Version},
    session::State,
    tensor::memory::{self, BudgetScope},
};

/// What a course needs before it has a version.
pub(super) struct Beginning {
    settings: Settings,
    progress: Arc<Progress>,
    budget: usize,
    /// Gives the thread its own budget back at the end.
    _scope: BudgetScope,
}

impl Beginning {
    pub(super) fn new(settings: &Settings) -> Self {
        let budget = memory::account().budget;
        Self {
            settings: settings.clone(),
            progress: progress(settings),
            budget,
            _scope: BudgetScope::new(!settings.device.is_gpu()),
        }
    }

    /// Shows a message.
    pub(super) fn say(&self, text: &str) {
        self.progress.message(text);
    }

    /// Builds the version that the course begins with.
    pub(super) fn build(
        &self,
        api: &Api,
        version: Version,
        sources: Sources,
        state: Option<State>,
    ) -> Result<Live, ScriptError> {
        Live::build(api, &self.settings, &self.progress, version, sources, state, None)
    }

    /// Trains to the end.
    pub(super) fn train(self, api: &Rc<Api>, live: Live, mut course: Course) -> Result<Outcome, ScriptError> {
        let (session, before) = (live.context.session.clone(), course.before.take());
        let (results, is_new) = (std::mem::take(&mut course.results), course.is_new);
        let evaluates = !course.skips_evaluation;
        match self.prepare(api, live, course) {
            Ok(supervision) => runner::run(&supervision, results, is_new, evaluates),
            Err(error) => {
                session.borrow_mut().give_up(before, error.to_string())?;
                Err(error)
            }
        }
    }

    /// Whatever can fail before the first step.
    fn prepare(&self, api: &Rc<Api>, live: Live, course: Course) -> Result<Rc<Supervision>, ScriptError> {
        let Course {
            scheduled,
            best,
            until,
            repeats,
            records_first,
            report,
            events,
            sources,
            change,
            fork,
            before_edit,
            taken_up,
            rewinds,
            ..
        } = course;
        let unparsable = Arc::new(AtomicBool::new(false));
        let watch = self.settings.watch.then(|| self.watch(unparsable.clone())).transpose()?;
        let control = self.control(&live)?;
        let mut store = self.store(&live, best, records_first.then_some(report))?;
        store.iter_mut().for_each(|store| store.remember(&sources));
        let parts = Parts {
            progress: self.progress.clone(),
            store,
            scheduled,
            watch,
            unparsable,
            control,
            budget: self.budget,
            until,
            repeats,
            fork,
            before_edit,
            taken_up,
            rewinds,
        };
        if let Some(caveat) = live.context.session.borrow().precision().caveat(&self.settings.device) {
            self.say(&format!("precision: {caveat}"));
        }
        let supervision = Supervision::new(api.clone(), self.settings.clone(), live, parts);
        if let Some((set, edited)) = change {
            supervision.change_before_start(set, edited)?;
        }
        events.into_iter().try_for_each(|event| supervision.note_at_start(event))?;
        Ok(supervision)
    }

    /// Watches no file yet. A save that does not parse is told at once, while the step runs.
    fn watch(&self, unparsable: Arc<AtomicBool>) -> crate::Result<Watch> {
        let progress = self.progress.clone();
        let on_settled = Box::new(move |saved: &Saved| {
            let error = syntax::first_error(&saved.paths);
            unparsable.store(error.is_some(), Ordering::Relaxed);
            if let Some(error) = error {
                progress.message(&refusal(&error));
            }
        });
        Watch::start_with(Vec::new(), on_settled)
    }

    fn control(&self, live: &Live) -> Result<Option<Control>, ScriptError> {
        let session = live.context.session.borrow();
        if session.folder().is_none() && !self.settings.terminal {
            return Ok(None);
        }
        let control = Control::new();
        if let Some(folder) = session.folder() {
            control.listen_to_folder(folder.path())?;
        }
        if self.settings.terminal {
            let (typed, shown) = (self.progress.clone(), self.progress.clone());
            control.listen_to_terminal(move |line| typed.typed(line), move |text| shown.message(text));
            self.say("type help and Enter for what can be ordered meanwhile");
        }
        drop(session);
        live.context.session.borrow_mut().keep_episodes();
        Ok(Some(control))
    }

    /// Opens what the run is written to. `records` is what to tell of the version that it begins with, if the journal
    /// does not know it yet.
    fn store(
        &self,
        live: &Live,
        best: Option<(u64, f64)>,
        records: Option<Vec<String>>,
    ) -> Result<Option<Store>, ScriptError> {
        let session = live.context.session.borrow();
        let Some(folder) = session.folder() else { return Ok(None) };
        let Settings { checkpoint, interrupt, .. } = &self.settings;
        let mut store = Store::new(folder, &live.policy, *checkpoint, session.step(), best, interrupt)?;
        store.set_known_files(&live.version.files);
        if let Some(report) = records {
            folder.record_version(store.journal(), &live.version, String::new(), report)?;
        }
        Ok(Some(store))
    }
}
