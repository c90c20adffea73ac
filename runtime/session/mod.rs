//! The session: everything of a training that lasts while its script changes. Named components, the step count, the
//! seed, the metrics, the run's folder. It knows of no script and of no VM.

pub mod checkpoint;
mod component;
mod configuration;
mod folder;
mod heritage;
mod loss_scale;
mod plain;
mod ring;
mod state;
mod statistics;
mod update;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

pub use component::Component;
pub use configuration::Configuration;
pub use folder::versions;
pub use heritage::Match;
pub use loss_scale::LossScale;
pub use plain::Plain;
pub use ring::Ring;
pub use state::{Saved, SetUp, Snapshot, State};
pub use update::Update;

use crate::{
    Device, Error, Result, Tensor,
    data::DrawStage,
    episode::Episode,
    interrupt::Interrupt,
    nn::Buffer,
    run::{Metrics, Progress, ProgressKind, RunFolder},
    tensor::Precision,
};

/// Everything of a training that lasts.
pub struct Session {
    device: Device,
    seed: u64,
    /// In the order in which the script named them.
    components: Vec<(String, Component)>,
    step: u64,
    total: u64,
    /// Steps whose update is done.
    updates: u64,
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
    /// What losses are multiplied by where the precision needs it.
    loss_scale: LossScale,
    /// What learning rates are multiplied by.
    lr_scale: f64,
    /// How often the training was taken back to an older state.
    rewinds: u64,
    recoveries: u64,
    /// For each purpose the step of its last draw, and how many there were in it.
    draws: BTreeMap<String, (u64, u64)>,
    /// The same at the end of `setup`.
    draws_of_setup: BTreeMap<String, (u64, u64)>,
    /// The same as a state had it, until the first step begins.
    carried_draws: Option<BTreeMap<String, (u64, u64)>>,
    /// How many stretches there were in which draws are counted anew.
    draw_stages: u64,
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
            seed,
            components: Vec::new(),
            step: 0,
            updates: 0,
            total: 0,
            pending: Vec::new(),
            views: 0,
            before_first: true,
            is_in_step: false,
            stops: false,
            metrics: Metrics::in_memory(),
            progress,
            folder: None,
            interrupt,
            tiny: false,
            batch: None,
            trial: false,
            before_step: Vec::new(),
            past_leaves: Vec::new(),
            precision: Precision::default(),
            loss_scale: LossScale::default(),
            lr_scale: 1.0,
            rewinds: 0,
            recoveries: 0,
            draws: BTreeMap::new(),
            draws_of_setup: BTreeMap::new(),
            carried_draws: None,
            draw_stages: 0,
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
        self.total = 1;
    }

    /// Whether this session only checks a script.
    pub fn is_tiny(&self) -> bool {
        self.tiny
    }

    /// Notes what the script's option `batch` is, and what it is taken for, which is less in a check.
    pub fn set_batch(&mut self, asked: usize, taken: usize) {
        self.batch = Some((asked, taken));
    }

    /// The batch that a training asks for where this one does.
    pub fn real_batch(&self, batch: usize) -> usize {
        self.batch.filter(|(_, taken)| *taken == batch).map_or(batch, |(asked, _)| asked)
    }

    /// Where tensors live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What keys every draw.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The step that is running, from 1; 0 before the first.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// How often the parameters were updated.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// The number of steps that the training has.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Sets the number of steps, which schedules and the progress bar go by.
    pub fn plan(&mut self, total: u64) {
        if !self.tiny {
            self.total = total;
        }
    }

    /// As [`Session::plan`], for a count that was worked out.
    ///
    /// # Errors
    /// No step, with the data sets that have too few images for the option `batch`, as that is mostly why.
    pub fn plan_count(&mut self, op: &str, count: i64) -> Result<()> {
        if count > 0 {
            self.plan(count.unsigned_abs());
            return Ok(());
        }
        let batch = self.batch.map_or(0, |(asked, _)| asked);
        let small = self.components.iter().filter_map(|(name, component)| match component {
            Component::Images(set) => set.images(&|_, _| {}).ok().map(|images| (name, images.len())),
            _ => None,
        });
        let small: Vec<String> = small
            .filter(|(_, images)| *images < batch)
            .map(|(name, images)| format!("{name} has {images} images, the option batch is {batch}"))
            .collect();
        let why = if small.is_empty() { String::new() } else { format!(": {}", small.join("; ")) };
        Err(Error::argument(op, "count", "a positive integer", format!("{count}{why}")))
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

    /// What keys the next draw for a purpose, such as a random tensor: the step, and how many the step has had. So a
    /// step's numbers do not depend on the steps before it, nor on draws for other purposes. `setup`, and what a loop does
    /// before its first step, draw as step 0, whenever they run.
    pub fn next_draw(&mut self, purpose: &str) -> (u64, u64) {
        let step = self.step_of_draws();
        match self.draws.get_mut(purpose) {
            Some((last, count)) => {
                let key = (step, if step == *last { *count } else { 0 });
                (*last, *count) = (key.0, key.1 + 1);
                key
            }
            None => {
                self.draws.insert(purpose.to_owned(), (step, 1));
                (step, 0)
            }
        }
    }

    /// The stretch of the training that draws are counted in.
    pub fn draw_stage(&self) -> DrawStage {
        DrawStage { step: self.step_of_draws(), is_setup: self.setting_up, number: self.draw_stages }
    }

    /// The step that draws are keyed by: 0 in `setup`, and in what a loop does before its first step.
    fn step_of_draws(&self) -> u64 {
        if self.setting_up || self.carried_draws.is_some() { 0 } else { self.step }
    }

    /// Counts draws from now on where the state that the session began with, or went back to, had come to.
    pub fn take_up_draws(&mut self) {
        self.draw_stages += 1;
        if let Some(carried) = self.carried_draws.take() {
            self.draws = carried;
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

    /// Whether a step has begun since it was made, or went back to an older state.
    pub fn has_stepped(&self) -> bool {
        !self.before_first
    }

    /// Whether all steps are done, or the user asked to stop.
    pub fn is_over(&self) -> bool {
        self.step >= self.total || self.stops || self.interrupt.is_requested()
    }

    /// Ends the training after the running step.
    pub fn stop(&mut self) {
        self.stops = true;
    }

    /// Ends the running step and begins the next. None where all steps are done or the user asked to stop.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn next_step(&mut self) -> Result<Option<u64>> {
        self.end_step()?;
        Ok(self.begin_step())
    }

    /// Begins the next step. None where all steps are done or the user asked to stop.
    pub fn begin_step(&mut self) -> Option<u64> {
        if self.is_over() {
            self.progress.finish();
            return None;
        }
        if !self.trial {
            if self.first_step.is_none() {
                self.first_step = Some(Instant::now());
                self.progress.restart();
            }
            self.progress.set_total(self.total);
            self.announce_first_use();
        }
        (self.before_first, self.is_in_step) = (false, true);
        self.take_up_draws();
        self.step += 1;
        self.before_step = self.running_statistics();
        self.past_leaves.clear();
        Some(self.step)
    }

    /// Tells why it takes long from here to the end of the first step, where a GPU has not been used yet.
    pub fn announce_first_use(&self) {
        if let (Some(adapter), true) = (self.device.adapter(), self.device.begin_use()) {
            let tunes = if cfg!(feature = "autotune") { ", and the fastest are chosen" } else { "" };
            self.progress.wait(&format!("first use of {}: kernels are compiled{tunes}", adapter.name));
        }
    }

    /// Ends the running step: writes what it logged.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn end_step(&mut self) -> Result<()> {
        self.draw_episode();
        let pending = std::mem::take(&mut self.pending);
        let views = std::mem::take(&mut self.views);
        // Two loops one after the other meet at a boundary without a step between them.
        if !std::mem::take(&mut self.is_in_step) || self.trial {
            return Ok(());
        }
        let values: Vec<(&str, f64)> = pending.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.progress.end_wait("first use, to the end of the first step:");
        self.progress.step(self.step, &values, views);
        self.metrics.log(self.step, &values)
    }

    /// Ends the running step where no other follows.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn finish_step(&mut self) -> Result<()> {
        if self.pending.is_empty() && self.views == 0 { Ok(()) } else { self.end_step() }
    }

    /// The time from the session's beginning to its first step, what a script does before it included.
    pub fn to_first_step(&self) -> Duration {
        self.first_step.map_or(Duration::ZERO, |first| first - self.started)
    }

    /// Takes the metrics out, for who ran the session.
    pub(crate) fn metrics_mut(&mut self) -> &mut Metrics {
        &mut self.metrics
    }

    /// Refuses a step count that no training has.
    pub fn check_plan(&self) -> Result<()> {
        if self.total > 0 {
            return Ok(());
        }
        let reason = "the number of steps is not known; set options.steps, or call session:plan(steps) in setup".into();
        Err(Error::State { op: "steps", reason })
    }
}
