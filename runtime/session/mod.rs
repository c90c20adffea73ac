//! The session: everything of a training that lasts while its script changes. Named components, the step count, the
//! seed, the metrics, the run's folder. It knows of no script and of no VM.

mod component;
mod folder;
mod update;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

pub use component::Component;
pub use folder::versions;
pub use update::Update;

use crate::{
    Device, Error, Result, Tensor,
    episode::Episode,
    interrupt::Interrupt,
    nn::Buffer,
    run::{Metrics, Progress, ProgressKind, RunFolder},
};

/// A file that a script was loaded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// As it was opened.
    pub path: PathBuf,
    /// Its contents.
    pub bytes: Vec<u8>,
}

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
    metrics: Metrics,
    progress: Progress,
    progress_kind: ProgressKind,
    folder: Option<RunFolder>,
    interrupt: Interrupt,
    /// A single tiny step to see whether a script works.
    tiny: bool,
    /// Running statistics as they were before the running step, until its update is done.
    before_step: Vec<(Buffer, Tensor)>,
    /// The episode of the first step, until it is drawn.
    first_episode: Option<Episode>,
    started: Instant,
    first_step: Option<Instant>,
}

impl Session {
    /// A session without components, at step 0.
    pub fn new(device: Device, seed: u64, interrupt: Interrupt, progress_kind: ProgressKind) -> Self {
        Self {
            device,
            seed,
            components: Vec::new(),
            step: 0,
            updates: 0,
            total: 0,
            pending: Vec::new(),
            views: 0,
            metrics: Metrics::in_memory(),
            progress: Progress::new(progress_kind, 0),
            progress_kind,
            folder: None,
            interrupt,
            tiny: false,
            before_step: Vec::new(),
            first_episode: None,
            started: Instant::now(),
            first_step: None,
        }
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

    /// What was logged.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What the user sees while it runs.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Puts a component under a name, and gives it what it keys by the name: a module its parameters, a data set its
    /// order. One that was there is replaced.
    ///
    /// # Errors
    /// What realising the component meets: a missing data set, say.
    pub fn set(&mut self, name: &str, component: Component) -> Result<()> {
        if name.is_empty() || name.contains(['.', '\n']) {
            // A weight's path is made of names and dots.
            return Err(Error::argument("session", "a name", "without dots and not empty", format!("'{name}'")));
        }
        component.realise(name, self.seed, &self.device, &self.progress)?;
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

    /// Ends the running step and begins the next. None where all steps are done or the user asked to stop.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn next_step(&mut self) -> Result<Option<u64>> {
        self.end_step()?;
        if self.step >= self.total || self.interrupt.is_requested() {
            self.progress.finish();
            return Ok(None);
        }
        if self.step == 0 {
            self.first_step = Some(Instant::now());
            self.progress = Progress::new(self.progress_kind, self.total);
        }
        self.step += 1;
        self.before_step = self.running_statistics();
        Ok(Some(self.step))
    }

    /// Writes what the running step logged.
    fn end_step(&mut self) -> Result<()> {
        self.draw_episode();
        let pending = std::mem::take(&mut self.pending);
        let views = std::mem::take(&mut self.views);
        if self.step == 0 {
            return Ok(());
        }
        let values: Vec<(&str, f64)> = pending.iter().map(|(name, value)| (name.as_str(), *value)).collect();
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
