//! A session taken down as a state, and brought back to one.

use super::{Session, State, heritage::Heritage};
use crate::Result;

/// A session's state, with what the state that it began with still holds.
pub struct Snapshot {
    state: State,
    heritage: Option<Heritage>,
}

impl Session {
    /// The state between two steps. What the session began with and its first step may still ask for is part of it.
    pub fn state(&self) -> State {
        let mut components = self.components.state();
        components.extend(self.unclaimed());
        State {
            counters: self.counters.clone(),
            components,
            plain: self.plain.clone(),
            set_up: self.beginning.made.clone(),
        }
    }

    /// Goes back to a state that was taken from this session. What was logged after it is for the caller to forget.
    ///
    /// # Errors
    /// A device failed.
    pub fn restore(&mut self, state: &State) -> Result<()> {
        self.components.restore(&state.components)?;
        self.counters = state.counters.clone();
        self.plain = state.plain.clone();
        self.draws.go_back();
        self.running.forget();
        Ok(())
    }

    /// What [`Session::go_back`] needs to take everything back that is done from now on.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { state: self.state(), heritage: self.beginning.heritage.clone() }
    }

    /// Takes everything back that was done since the snapshot.
    ///
    /// # Errors
    /// A device failed.
    pub fn go_back(&mut self, before: Snapshot) -> Result<()> {
        self.restore(&before.state)?;
        self.beginning.heritage = before.heritage;
        Ok(())
    }
}
