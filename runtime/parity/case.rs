//! One thing to compare: how it is computed on any device, and how far two devices may be apart in it.

use std::fmt;

use super::Measure;
use crate::{Device, Result, tensor::Precision};

/// What a case belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// An operation on tensors.
    Operation,
    /// A layer or a network.
    Layer,
    /// A loss.
    Loss,
    /// An update rule.
    Optimizer,
    /// A training of many steps.
    Training,
}

impl Group {
    /// As it is written in progress and in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Layer => "layer",
            Self::Loss => "loss",
            Self::Optimizer => "optimizer",
            Self::Training => "training",
        }
    }
}

/// Which way a value was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// From inputs to outputs.
    Forward,
    /// A gradient, or what a gradient has moved.
    Backward,
}

impl Pass {
    /// As it is written in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
        }
    }
}

/// Values that a case computed, on the host.
#[derive(Clone, Debug)]
pub struct Output {
    /// What they are: `output`, `gradient of weight`, …
    pub name: String,
    /// Which way they were computed.
    pub pass: Pass,
    /// In row-major order.
    pub values: Vec<f32>,
    /// The row of the table that they belong to, where a case has several.
    pub row: Option<String>,
    /// How far two devices may be apart; none is the case's own tolerance.
    pub tolerance: Option<f64>,
    /// How their difference is measured.
    pub measure: Measure,
    /// Whether NaN and infinities are meant, so that they only have to be the same on both devices.
    pub not_finite: bool,
}

impl Output {
    /// What a forward pass gave.
    pub fn forward(name: impl Into<String>, values: Vec<f32>) -> Self {
        let (row, tolerance, measure) = (None, None, Measure::default());
        Self { name: name.into(), pass: Pass::Forward, values, row, tolerance, measure, not_finite: false }
    }

    /// What a backward pass gave.
    pub fn backward(name: impl Into<String>, values: Vec<f32>) -> Self {
        Self { pass: Pass::Backward, ..Self::forward(name, values) }
    }

    /// In a row of its own, with a tolerance of its own.
    pub fn in_row(self, row: impl Into<String>, tolerance: f64) -> Self {
        Self { row: Some(row.into()), tolerance: Some(tolerance), ..self }
    }

    /// With another tolerance than the case's.
    pub fn within(self, tolerance: f64) -> Self {
        Self { tolerance: Some(tolerance), ..self }
    }

    /// With another measure of the difference.
    pub fn measured_by(self, measure: Measure) -> Self {
        Self { measure, ..self }
    }

    /// With NaN or infinities that are meant.
    pub fn with_not_finite(self) -> Self {
        Self { not_finite: true, ..self }
    }
}

/// What a case that takes many steps calls after each: how many are done, of how many.
pub type Steps<'a> = &'a dyn Fn(u64, u64);

type Run = Box<dyn Fn(&Device, Steps<'_>) -> Result<Vec<Output>>>;

/// Something that is computed on two devices and compared.
pub struct Case {
    group: Group,
    name: String,
    tolerance: f64,
    precision: Precision,
    run: Run,
}

impl Case {
    /// A case whose outputs may differ by `tolerance` (see [`Measure`]). `run` makes its own inputs, the same for
    /// every device.
    pub fn new(
        group: Group,
        name: impl Into<String>,
        tolerance: f64,
        run: impl Fn(&Device) -> Result<Vec<Output>> + 'static,
    ) -> Self {
        Self::with_steps(group, name, tolerance, move |device, _| run(device))
    }

    /// A case that says how far it has come.
    pub fn with_steps(
        group: Group,
        name: impl Into<String>,
        tolerance: f64,
        run: impl Fn(&Device, Steps<'_>) -> Result<Vec<Output>> + 'static,
    ) -> Self {
        Self { group, name: name.into(), tolerance, precision: Precision::Float32, run: Box::new(run) }
    }

    /// A case that computes in a precision, and is left out on a device that cannot.
    pub fn needing(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// What it belongs to.
    pub fn group(&self) -> Group {
        self.group
    }

    /// Its name in the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How far two devices may be apart, where an output does not say otherwise.
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// What the device has to be able to compute in.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Computes it on a device.
    ///
    /// # Errors
    /// The case's own; the device failed.
    pub fn run(&self, device: &Device, steps: Steps<'_>) -> Result<Vec<Output>> {
        (self.run)(device, steps)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.group.name(), self.name)
    }
}
