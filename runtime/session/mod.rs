//! The session: everything of a training that lasts while its script changes. Named components, counters, plain values
//! of the script's own; with what surrounds them while it lives. It knows of no script and of no VM.
//!
//! What surrounds it is described in `runtime/book/17-supervision.md`.

mod batch_option;
mod beginning;
mod begun;
pub mod checkpoint;
mod component;
mod component_state;
mod components;
mod configuration;
mod contact_sheets;
mod counters;
mod drawing;
mod draws;
mod ending;
mod exactness;
mod heritage;
mod leaves;
mod loss_scale;
mod optimizer_document;
mod optimizers;
mod output;
mod plain;
mod plan;
mod precision;
mod purpose;
mod repeating;
mod ring;
mod running_step;
mod setting_up;
mod sharp;
mod snapshot;
mod state;
mod statistics;
mod steps;
mod takeover;
mod tape_growth;
#[cfg(test)]
mod trained;
mod update;
mod versions;

use std::sync::Arc;

pub use component::Component;
pub use component_state::ComponentState;
pub use components::Components;
pub use configuration::Configuration;
pub use counters::Counters;
pub use draws::{DrawCounts, LastDraws};
pub use loss_scale::LossScale;
pub use optimizers::{Shared, opened, opened_mut};
pub use output::Output;
pub use plain::Plain;
pub use purpose::Purpose;
pub use ring::Ring;
pub use snapshot::Snapshot;
pub use state::{SetUp, State};
pub use takeover::Takeover;
pub use update::Update;
pub use versions::versions;

use beginning::Beginning;
use draws::DrawStages;
use running_step::RunningStep;

use crate::{
    Device, Error, Result,
    episode::Episode,
    interrupt::Interrupt,
    run::{Progress, ProgressKind},
    tensor::{Exactness, Precision},
};

/// Everything of a training that lasts, and what surrounds it while it lives.
pub struct Session {
    device: Device,
    interrupt: Interrupt,
    purpose: Purpose,
    /// In which modules compute while it trains.
    precision: Precision,
    /// How its convolutions are computed on the CPU.
    exactness: Exactness,
    counters: Counters,
    components: Components,
    /// The script's own plain values, as of the last boundary between steps.
    plain: Plain,
    draws: DrawStages,
    beginning: Beginning,
    running: RunningStep,
    output: Output,
}

impl Session {
    /// A session without components, at step 0.
    pub fn new(device: Device, seed: u64, interrupt: Interrupt, progress: Arc<Progress>) -> Self {
        Self {
            device,
            output: Output::new(progress, interrupt.clone()),
            interrupt,
            purpose: Purpose::default(),
            precision: Precision::default(),
            exactness: Exactness::default(),
            counters: Counters::new(seed),
            components: Components::default(),
            plain: Plain::default(),
            draws: DrawStages::default(),
            beginning: Beginning::default(),
            running: RunningStep::default(),
        }
    }

    /// A session without components that shows nothing.
    pub fn silent(device: Device, seed: u64) -> Self {
        Self::new(device, seed, Interrupt::default(), Arc::new(Progress::new(ProgressKind::Silent, 0)))
    }

    /// What it is there for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Makes the training one step long, which is all that a check does.
    pub fn begin_check(&mut self) {
        self.purpose = Purpose::Check;
        self.counters.total = 1;
    }

    /// Lets the steps from now on show nothing: they will be taken back.
    pub fn begin_trial(&mut self) {
        self.purpose = Purpose::Trial;
    }

    /// Where tensors live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How far it has come: the running step, from 1, or 0 before the first; updates; what keys every draw.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What the run leaves and shows.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The same, to change what that is.
    pub fn output_mut(&mut self) -> &mut Output {
        &mut self.output
    }

    /// The components by name.
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// The component of a name.
    pub fn get(&self, name: &str) -> Option<&Component> {
        self.components.get(name)
    }

    /// Puts a component under a name, and gives it what it keys by the name: a module its parameters, a data set its
    /// order. One that was there is replaced. In a session that began with a state it takes over what fits.
    ///
    /// # Errors
    /// What realising the component meets: a missing data set, say.
    pub fn set(&mut self, name: &str, component: Component) -> Result<()> {
        if name.is_empty() || name.contains(['.', '\n']) {
            // A weight's path is made of names and dots.
            return Err(Error::argument("session", "a name", "without dots and not empty", format!("'{name}'")));
        }
        let component = self.realise(name, component)?;
        self.components.put(name, component);
        Ok(())
    }

    /// Puts a tensor under a name that has one, as what was written into it.
    pub fn rewrite(&mut self, name: &str, tensor: crate::Tensor) {
        self.components.put(name, Component::Tensor(tensor));
    }

    /// The script's own plain values, as of the last boundary between steps.
    pub fn plain(&self) -> &Plain {
        &self.plain
    }

    /// Takes the script's own plain values.
    pub fn set_plain(&mut self, plain: Plain) {
        self.plain = plain;
    }

    /// Notes that an episode was made, or made of another one.
    pub fn note_episode(&mut self, episode: &Episode) {
        self.output.note_episode(episode, self.counters.step > 0 && self.purpose != Purpose::Trial);
    }
}
