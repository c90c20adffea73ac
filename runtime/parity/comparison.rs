//! Runs cases on the CPU and on a device, and says of each part whether the two agree. If a case fails on one of them,
//! even by a panic of a library below, that part has failed and the comparison goes on.

use std::time::{Duration, Instant};

use super::{Case, Drift, Group, Measure, Output, Pass};
use crate::{Device, Error, guard::guard};

/// How far a comparison has come.
#[derive(Clone, Copy, Debug)]
pub enum Stage<'a> {
    /// A case comes now.
    Case {
        /// How many there were before it.
        number: usize,
        /// The case.
        case: &'a Case,
    },
    /// A step of a case that takes many is done.
    Step {
        /// Where.
        device: &'a Device,
        /// Steps that are done.
        done: u64,
        /// Steps that there are.
        all: u64,
    },
}

/// Everything that was compared.
pub struct Report {
    /// The device that was compared with the CPU.
    pub device: Device,
    /// In the order of the cases.
    pub parts: Vec<Part>,
}

/// One row of the table: a case, or what of one has a row of its own.
#[derive(Debug)]
pub struct Part {
    /// What the case belongs to.
    pub group: Group,
    /// The case's name, and the row's where it has several.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How long the case took on the CPU, with all its rows.
    pub reference_time: Duration,
    /// How long it took on the device, kernels that it was the first to need included.
    pub device_time: Duration,
}

/// What came of a part.
#[derive(Debug)]
pub enum Outcome {
    /// Both have computed it.
    Compared(Vec<Compared>),
    /// One of them failed.
    Failed(String),
    /// The device cannot compute in the precision that it needs, for this reason.
    LeftOut(String),
}

/// An output that both have computed.
#[derive(Debug)]
pub struct Compared {
    /// What it is.
    pub name: String,
    /// Which way it was computed.
    pub pass: Pass,
    /// How many values it has.
    pub count: usize,
    /// How far the two are apart.
    pub drift: Drift,
    /// How that was measured.
    pub measure: Measure,
    /// How far they may be.
    pub tolerance: f64,
}

impl Compared {
    /// Whether the two are close enough.
    pub fn is_within(&self) -> bool {
        self.drift.amount <= self.tolerance
    }

    /// The share of its tolerance that it takes; over 1 is too much. An output that has to be exact and is not takes an
    /// infinite share.
    pub fn share(&self) -> f64 {
        if self.drift.amount == 0.0 { 0.0 } else { self.drift.amount / self.tolerance }
    }
}

impl Part {
    /// Whether both have computed it and are close enough in everything, or it was left out.
    pub fn is_within(&self) -> bool {
        match &self.outcome {
            Outcome::Compared(outputs) => outputs.iter().all(Compared::is_within),
            Outcome::Failed(_) => false,
            Outcome::LeftOut(_) => true,
        }
    }

    /// Whether it was left out, since the device cannot compute it.
    pub fn is_left_out(&self) -> bool {
        matches!(self.outcome, Outcome::LeftOut(_))
    }

    /// The outputs, none where it failed or was left out.
    pub fn outputs(&self) -> &[Compared] {
        match &self.outcome {
            Outcome::Compared(outputs) => outputs,
            Outcome::Failed(_) | Outcome::LeftOut(_) => &[],
        }
    }

    /// The output that takes the most of its tolerance, of a pass or of both; none where there is no such output. Among
    /// several that have to be exact the one with the largest drift.
    pub fn worst(&self, pass: Option<Pass>) -> Option<&Compared> {
        let of_pass = self.outputs().iter().filter(|output| pass.is_none_or(|pass| output.pass == pass));
        let key = |output: &Compared| (output.share(), output.drift.amount);
        of_pass.reduce(|worst, output| if key(output) > key(worst) { output } else { worst })
    }

    /// The drift of a pass's worst output.
    pub fn drift(&self, pass: Pass) -> Option<f64> {
        self.worst(Some(pass)).map(|output| output.drift.amount)
    }

    /// The tolerance of its worst output.
    pub fn tolerance(&self) -> Option<f64> {
        self.worst(None).map(|output| output.tolerance)
    }
}

/// Compares a device with the CPU, case by case. `progress` is called with what comes next.
pub fn compare(cases: &[Case], device: &Device, progress: &dyn Fn(Stage<'_>)) -> Report {
    let cpu = Device::cpu();
    let mut parts = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        progress(Stage::Case { number, case });
        if let Err(reason) = case.precision().check(device) {
            let (name, outcome) = (case.name().to_owned(), Outcome::LeftOut(reason.to_string()));
            let none = Duration::ZERO;
            parts.push(Part { group: case.group(), name, outcome, reference_time: none, device_time: none });
            continue;
        }
        let run = |device: &Device| {
            let start = Instant::now();
            let outputs =
                guard("parity", || case.run(device, &|done, all| progress(Stage::Step { device, done, all })));
            (outputs, start.elapsed())
        };
        let ((reference, reference_time), (outputs, device_time)) = (run(&cpu), run(device));
        let rows = match (reference, outputs) {
            (Ok(reference), Ok(outputs)) => rows(case, &reference, &outputs),
            (Err(error), _) => vec![(case.name().to_owned(), Outcome::Failed(failure(&cpu, &error)))],
            (_, Err(error)) => vec![(case.name().to_owned(), Outcome::Failed(failure(device, &error)))],
        };
        let group = case.group();
        parts.extend(rows.into_iter().map(|(name, outcome)| Part {
            group,
            name,
            outcome,
            reference_time,
            device_time,
        }));
    }
    Report { device: device.clone(), parts }
}

fn failure(device: &Device, error: &Error) -> String {
    format!("on {}: {error}", device.name())
}

/// The outputs of a case side by side, in their rows.
fn rows(case: &Case, reference: &[Output], device: &[Output]) -> Vec<(String, Outcome)> {
    let names = |outputs: &[Output]| outputs.iter().map(|output| output.name.clone()).collect::<Vec<_>>();
    if names(reference) != names(device) {
        let reason = format!("the cpu gave {}, the device {}", names(reference).join(", "), names(device).join(", "));
        return vec![(case.name().to_owned(), Outcome::Failed(reason))];
    }
    let mut rows: Vec<(String, Vec<Compared>)> = Vec::new();
    for (reference, output) in reference.iter().zip(device) {
        let name = match &reference.row {
            Some(row) => format!("{}: {row}", case.name()),
            None => case.name().to_owned(),
        };
        let compared = Compared {
            name: reference.name.clone(),
            pass: reference.pass,
            count: reference.values.len(),
            drift: Drift::between(&reference.values, &output.values, reference.measure, reference.not_finite),
            measure: reference.measure,
            tolerance: reference.tolerance.unwrap_or(case.tolerance()),
        };
        match rows.iter_mut().find(|(known, _)| *known == name) {
            Some((_, outputs)) => outputs.push(compared),
            None => rows.push((name, vec![compared])),
        }
    }
    rows.into_iter().map(|(name, outputs)| (name, Outcome::Compared(outputs))).collect()
}
