//! A script's `setup`, as the session takes part in it: anew, or from a state.

use std::{cell::RefCell, collections::BTreeMap};

use super::{Component, ComponentState, Counters, Plain, Session, SetUp, State, Takeover, heritage::Heritage};
use crate::Result;

impl Session {
    /// Notes that the script's `setup` runs, until [`Session::finish_setup`].
    pub fn begin_setup(&mut self) {
        self.beginning.is_setting_up = true;
    }

    /// Whether the script's `setup` runs.
    pub fn is_setting_up(&self) -> bool {
        self.beginning.is_setting_up
    }

    /// Begins with a state, that of another session or of a checkpoint: components that are named from now on take over
    /// what fits them. [`Session::finish_setup`] must follow, once the script's `setup` has run.
    pub fn begin_with(&mut self, state: State) {
        // How many steps it has is for `setup` to say.
        self.counters = Counters { total: self.counters.total, ..state.counters.clone() };
        self.draws.begin_early();
        self.beginning.is_setting_up = true;
        self.beginning.heritage = Some(Heritage::new(state));
    }

    /// Makes a component real by its name, with what the state that the session began with has for it.
    pub(super) fn realise(&mut self, name: &str, component: Component) -> Result<Component> {
        let in_setup = self.beginning.is_setting_up;
        let heritage = &mut self.beginning.heritage;
        let inherits = match (&component, &heritage) {
            (Component::Tensor(new), Some(heritage)) => heritage.tensor(name, new, in_setup),
            _ => None,
        };
        let component = match (inherits, component) {
            (Some(old), _) => Component::Tensor(old.to_device(&self.device)?),
            (None, Component::Tensor(tensor)) if !tensor.is_tracked() => Component::Tensor(tensor.to_be_kept()),
            (None, component) => component,
        };
        let realise = || component.realise(name, self.counters.seed, &self.device, self.output.progress());
        match heritage {
            Some(heritage) => heritage.hand_over(name, &component, in_setup, &self.device, realise)?,
            None => realise()?,
        }
        Ok(component)
    }

    /// Asks optimizers of the script's own what they keep, for [`Session::finish_setup`] after [`Session::begin_with`].
    /// Their functions may look at the session, which nobody holds meanwhile. What they draw keys no other draw.
    pub fn ask_optimizers(session: &RefCell<Self>) {
        let (schemes, parameters, drawn) = {
            let session = session.borrow();
            if session.beginning.heritage.is_none() {
                return;
            }
            let schemes = session.components.optimizers().map(|(_, optimizer)| optimizer.borrow().scheme().clone());
            (schemes.collect::<Vec<_>>(), session.components.parameters(), session.drawn())
        };
        schemes.iter().for_each(|scheme| scheme.ask(&parameters));
        session.borrow_mut().draw_again(drawn);
    }

    /// Notes what `setup` has made of the session. After [`Session::begin_with`] it lets everything go on that `setup`
    /// makes as the old version's did: frozen parameters, modes, optimizer, number of steps, `session.state`.
    ///
    /// # Errors
    /// A device failed.
    pub fn finish_setup(&mut self, plain: Plain) -> Result<()> {
        let (total, components) = (self.counters.total, self.components.configurations());
        let beginning = &mut self.beginning;
        beginning.made = SetUp { total, components, plain: plain.clone() };
        beginning.is_setting_up = false;
        self.draws.end_setup(&self.counters.draws);
        self.plain = plain;
        let Some(heritage) = &mut beginning.heritage else { return Ok(()) };
        let State { counters, set_up: before, plain: live, .. } = heritage.state();
        if beginning.made.total == before.total {
            self.counters.total = counters.total;
        }
        self.plain = Plain::carried_on(&beginning.made.plain, &before.plain, live);
        heritage.carry_on(&beginning.made, &mut self.components, &self.device)
    }

    /// Components that the session began with, which the loop of the script has not asked for yet.
    pub(super) fn unclaimed(&self) -> Vec<(String, ComponentState)> {
        self.beginning.heritage.as_ref().map_or_else(Vec::new, |heritage| heritage.unclaimed(&self.components))
    }

    /// What became so far of the state that the session began with, by component that has asked for it.
    pub fn takeovers(&self) -> BTreeMap<String, Takeover> {
        self.beginning.heritage.as_ref().map_or_else(BTreeMap::new, |heritage| heritage.takeovers().clone())
    }

    /// What became of the state that the session began with, by component; empty if there was none. Call it after the
    /// first step: what its components have not asked for by then is dropped.
    pub fn settle(&mut self) -> Vec<(String, Takeover)> {
        let heritage = self.beginning.heritage.take();
        heritage.map_or_else(Vec::new, |heritage| heritage.settle(&self.components).into_iter().collect())
    }
}
