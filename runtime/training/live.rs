//! A version of a script in a VM of its own, with a session that its `setup` has made: from nothing, or from a state.

use std::time::Duration;

use super::policy::Policy;
use crate::{
    Error,
    lua::{Context, Flow, Limit, Role, Script, ScriptError, experiment},
    run::{SourceFile, Sources, Version},
    session::{Components, Session, Snapshot, State, Takeover},
};

/// A version that can train.
pub struct Live {
    pub script: Script,
    pub context: Context,
    pub policy: Policy,
    pub version: Version,
    pub sources: Sources,
}

impl Live {
    /// Lets its `setup` make the session.
    ///
    /// # Errors
    /// It fails, or leaves in `session.state` what cannot last.
    pub(super) fn setup(&self) -> Result<(), ScriptError> {
        experiment::setup(&self.script, &self.context)?;
        let plain = self.script.plain().map_err(|error| self.script.failed_in("setup", error))?;
        Session::ask_optimizers(&self.context.session);
        self.context.session.borrow_mut().finish_setup(plain)?;
        self.fill_state()
    }

    /// Makes `session.state` what the session says.
    pub fn fill_state(&self) -> Result<(), ScriptError> {
        let plain = self.context.session.borrow().plain().clone();
        Ok(self.script.fill_plain(&plain)?)
    }

    /// Goes back to a state that was taken from this version's session.
    pub fn restore(&self, state: &State) -> Result<(), ScriptError> {
        self.context.session.borrow_mut().restore(state)?;
        self.fill_state()
    }

    /// Takes everything back that the session did since a snapshot.
    pub fn go_back(&self, before: Snapshot) -> Result<(), ScriptError> {
        self.context.session.borrow_mut().go_back(before)?;
        self.fill_state()
    }

    /// Does one step that is not kept. Nothing of this version can be kept then, since its VM has seen that step.
    ///
    /// # Errors
    /// The step fails, or is not done within the limit.
    pub fn try_step(self, limit: Duration) -> Result<Tried, ScriptError> {
        self.context.session.borrow_mut().begin_trial();
        *self.context.role.borrow_mut() = Role::Trial { limit: Limit::of_all(limit), begun: false };
        let outcome = experiment::train(&self.script, &self.context);
        self.context.enter();
        let begun = matches!(&*self.context.role.borrow(), Role::Trial { begun: true, .. });
        *self.context.role.borrow_mut() = Role::Alone;
        let takeovers = self.context.session.borrow_mut().settle();
        let is_over = self.context.session.borrow().is_over();
        match outcome {
            Err(error) => Err(error),
            Ok(Flow::Continue(())) if !begun && !is_over => {
                let reason = "the loop ended before its first step, though the training is not over".into();
                Err(self.script.failed_in("train", Error::State { op: "reload", reason }))
            }
            Ok(_) => {
                let components = self.context.session.borrow().components().clone();
                Ok(Tried { takeovers, files: self.sources.files(), components })
            }
        }
    }
}

/// What is known of a version whose step was tried.
pub struct Tried {
    /// What became of the state that it began with.
    pub takeovers: Vec<(String, Takeover)>,
    /// Its files, those that only the step loaded among them.
    pub files: Vec<SourceFile>,
    /// Its components, whose decoded data sets can be shared.
    pub components: Components,
}
