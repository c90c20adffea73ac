//! Where versions of a script are made ready to train: what they all have in common, and how one is built.

use std::{rc::Rc, sync::Arc, time::Duration};

use super::{live::Live, policy::Policy, settings::Settings};
use crate::{
    lua::{Context, Limit, Role, Script, ScriptError, api::Api},
    memory::{self, BudgetScope},
    run::{Progress, ProgressKind, Sources, Version},
    session::{Session, State},
};

/// What all versions of a training have in common.
pub struct Workshop {
    /// The API that its scripts have.
    pub api: Rc<Api>,
    /// How the run was started.
    pub settings: Settings,
    /// What the user sees.
    pub progress: Arc<Progress>,
    /// The budget for tensors that every version starts with.
    budget: usize,
    /// Gives the thread its own budget back at the end.
    _scope: BudgetScope,
}

impl Workshop {
    /// A training's workshop.
    pub fn new(api: &Rc<Api>, settings: &Settings) -> Self {
        let progress = Arc::new(Progress::new(settings.progress, 0));
        if settings.progress != ProgressKind::Silent {
            let shown = progress.clone();
            settings.interrupt.show_through(move |text| shown.message(text));
        }
        Self {
            api: api.clone(),
            settings: settings.clone(),
            progress,
            budget: memory::account().budget,
            _scope: BudgetScope::new(!settings.device.is_gpu()),
        }
    }

    /// Shows a message.
    pub fn say(&self, text: &str) {
        self.progress.message(text);
    }

    /// Loads a version under the budget that every version starts with, and lets its `setup` make the session; what
    /// fits of a state goes on. `version` says which one it is to be; its files are those that are loaded. A `limit` is
    /// for what the script itself computes meanwhile.
    ///
    /// # Errors
    /// The script cannot be loaded, or its `setup` fails.
    pub fn build(
        &self,
        version: Version,
        sources: Sources,
        state: Option<State>,
        limit: Option<Duration>,
    ) -> Result<Live, ScriptError> {
        memory::set_budget(self.budget);
        let Self { api, settings, progress, .. } = self;
        let mut session =
            Session::new(settings.device.clone(), settings.seed, settings.interrupt.clone(), progress.clone());
        match state {
            Some(state) => session.begin_with(state),
            None => session.begin_setup(),
        }
        let context = Context::new(session, settings.interrupt.clone());
        if let Some(limit) = limit {
            *context.role.borrow_mut() = Role::Trial { limit: Limit::of_lua(limit), begun: false };
        }
        let script = Script::load(api, &context, settings.loading(&version.set, sources.clone()))?;
        let policy = Policy::read(&script)?;
        let mut live = Live { script, context, policy, version, sources: sources.clone() };
        live.setup()?;
        live.version.files = sources.files();
        Ok(live)
    }
}
