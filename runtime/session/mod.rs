//! The session: everything of a training that lasts while its script changes. Named components, the step count, the
//! seed, the metrics, the run's folder. It knows of no script and of no VM.

pub mod checkpoint;
mod component;
mod configuration;
mod counters;
mod draws;
mod folder;
mod heritage;
mod leaves;
mod loss_scale;
mod plain;
mod plan;
mod ring;
mod state;
mod statistics;
mod steps;
mod update;

use std::{sync::Arc, time::Instant};

pub use component::Component;
pub use configuration::Configuration;
pub use counters::Counters;
pub use draws::{DrawCounts, LastDraws};
pub use folder::versions;
pub use heritage::Match;
pub use loss_scale::LossScale;
pub use plain::Plain;
pub use ring::Ring;
pub use state::{Saved, SetUp, Snapshot, State};
pub use update::Update;

use draws::Draws;

use crate::{
    Device, Error, Result, Tensor,
    episode::Episode,
    interrupt::{Interrupt, LastWord},
    nn::Buffer,
    run::{Metrics, Progress, ProgressKind, RunFolder},
    tensor::Precision,
};

/// Everything of a training that lasts.
pub struct Session {
    device: Device,
    counters: Counters,
    /// In the order in which the script named them.
    components: Vec<(String, Component)>,
    /// Values logged since the step began.
    pending: Vec<(String, f64)>,
    views: u64,
    /// Whether no step has begun yet in this session, or since it went back to an older state.
    before_first: bool,
    /// Whether a step is running, and has not been written down yet.
    is_in_step: bool,
    stops: bool,
    metrics: Metrics,
    progress: Arc<Progress>,
    folder: Option<RunFolder>,
    /// Records how the run ended if the process ends with it.
    last_word: Option<LastWord>,
    interrupt: Interrupt,
    /// A single tiny step to see whether a script works.
    tiny: bool,
    /// What the script calls its batch: how many images a step asks for, and how many in a check.
    batch: Option<(usize, usize)>,
    /// Whether the running step will be taken back, and shows nothing.
    trial: bool,
    /// Running statistics as they were before the running step, until its update is done.
    before_step: Vec<(Buffer, Tensor)>,
    /// What forward passes of the running step used before its last update moved the parameters, by their paths: a loss of
    /// then is told from one that depends on nothing.
    past_leaves: Vec<(String, Tensor)>,
    /// In which modules compute while it trains.
    precision: Precision,
    draws: Draws,
    /// The script's own plain values, as of the last boundary between steps.
    plain: Plain,
    /// Whether the script's `setup` runs.
    setting_up: bool,
    /// What `setup` made of the session.
    set_up: SetUp,
    /// The state that the session began with, until its first step is done.
    heritage: Option<heritage::Heritage>,
    /// The episode of the first step, until it is drawn.
    first_episode: Option<Episode>,
    /// Whether the run has no picture of it yet.
    shows_first: bool,
    /// The last episode that was made, where somebody may want to see it.
    last_episode: Option<Episode>,
    keeps_episodes: bool,
    /// Why the run cannot be repeated, as far as that has shown.
    not_repeatable: Vec<String>,
    started: Instant,
    first_step: Option<Instant>,
}

impl Session {
    /// A session without components, at step 0.
    pub fn new(device: Device, seed: u64, interrupt: Interrupt, progress: Arc<Progress>) -> Self {
        Self {
            device,
            counters: Counters::new(seed),
            components: Vec::new(),
            pending: Vec::new(),
            views: 0,
            before_first: true,
            is_in_step: false,
            stops: false,
            metrics: Metrics::in_memory(),
            progress,
            folder: None,
            last_word: None,
            interrupt,
            tiny: false,
            batch: None,
            trial: false,
            before_step: Vec::new(),
            past_leaves: Vec::new(),
            precision: Precision::default(),
            draws: Draws::default(),
            plain: Plain::default(),
            setting_up: false,
            set_up: SetUp::default(),
            heritage: None,
            first_episode: None,
            shows_first: false,
            last_episode: None,
            keeps_episodes: false,
            not_repeatable: Vec::new(),
            started: Instant::now(),
            first_step: None,
        }
    }

    /// A session without components that shows nothing.
    pub fn silent(device: Device, seed: u64) -> Self {
        Self::new(device, seed, Interrupt::default(), Arc::new(Progress::new(ProgressKind::Silent, 0)))
    }

    /// Notes that the script's `setup` runs, until [`Session::finish_setup`].
    pub fn begin_setup(&mut self) {
        self.setting_up = true;
    }

    /// Makes the training one step long.
    pub fn make_tiny(&mut self) {
        self.tiny = true;
        self.counters.total = 1;
    }

    /// Whether this session only checks a script.
    pub fn is_tiny(&self) -> bool {
        self.tiny
    }

    /// Where tensors live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How far it has come: the running step, from 1, or 0 before the first; updates; what keys every draw.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What was logged.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What the user sees while it runs.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
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
        let component = self.inherited_value(name, component)?;
        self.take_over(name, &component)?;
        match self.components.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = component,
            None => self.components.push((name.to_owned(), component)),
        }
        Ok(())
    }

    /// The component of a name.
    pub fn get(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|(known, _)| known == name).map(|(_, component)| component)
    }

    /// The components by name, in the order in which they were given.
    pub fn components(&self) -> &[(String, Component)] {
        &self.components
    }

    /// The names of the components, in the order in which they were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.components.iter().map(|(name, _)| name.as_str())
    }

    /// Notes that the running step made so many views.
    pub fn count_views(&mut self, views: u64) {
        self.views += views;
    }

    /// Logs a value under the running step.
    pub fn log(&mut self, name: &str, value: f64) {
        match self.pending.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.pending.push((name.to_owned(), value)),
        }
    }

    /// The script's own plain values, as of the last boundary between steps.
    pub fn plain(&self) -> &Plain {
        &self.plain
    }

    /// Takes the script's own plain values.
    pub fn set_plain(&mut self, plain: Plain) {
        self.plain = plain;
    }

    /// Takes the metrics out, for who ran the session.
    pub(crate) fn metrics_mut(&mut self) -> &mut Metrics {
        &mut self.metrics
    }
}
