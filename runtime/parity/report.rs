//! What a person reads: the table, what is wrong in it, and the verdict.

use super::{Compared, Measure, Outcome, Part, Pass, Report};
use crate::{position::number, run::table::Table};

impl Report {
    /// Whether every part that the device can compute is within its tolerance. A report without any such part does not
    /// pass.
    pub fn is_within(&self) -> bool {
        !self.parts.iter().all(Part::is_left_out) && self.parts.iter().all(Part::is_within)
    }

    /// A row for each part: the drift forward and backward of the output that takes the most of its tolerance, the
    /// tolerance of the worse of the two, and whether it holds. It is no wider than so many columns, where these are
    /// given.
    pub fn table(&self, columns: Option<usize>) -> String {
        let mut table = Table::new(["part", "forward", "backward", "tolerance", ""]).with_numbers(&[1, 2, 3]);
        self.parts.iter().for_each(|part| table.row(row(part)));
        table.text(columns)
    }

    /// What is wrong, a line for each part that failed or is over its tolerance; empty where nothing is.
    pub fn failures(&self) -> String {
        let failed = self.parts.iter().filter(|part| !part.is_within());
        let line = |part: &Part| match &part.outcome {
            Outcome::Failed(reason) | Outcome::LeftOut(reason) => format!("{}: {reason}", part.name),
            Outcome::Compared(_) => format!("{}: {}", part.name, describe_worst(part)),
        };
        failed.map(line).collect::<Vec<_>>().join("\n")
    }

    /// What is left out, a line for each reason; empty where nothing is.
    pub fn left_out(&self) -> String {
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for part in &self.parts {
            let Outcome::LeftOut(reason) = &part.outcome else { continue };
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        let line = |(reason, count): (&str, usize)| format!("left out {count}: {reason}");
        reasons.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// One line: how many parts agree, on which device.
    pub fn verdict(&self) -> String {
        let (left_out, device) = (self.parts.iter().filter(|part| part.is_left_out()).count(), self.device.name());
        let all = self.parts.len() - left_out;
        let failed = self.parts.iter().filter(|part| matches!(part.outcome, Outcome::Failed(_))).count();
        let over = self.parts.iter().filter(|part| !part.is_within()).count() - failed;
        let verdict = match (all, failed, over) {
            (0, ..) => "nothing was compared".into(),
            (_, 0, 0) => format!("{device}: all {all} parts agree with the CPU within tolerance"),
            _ => format!("{device}: of {all} parts {over} are over tolerance and {failed} failed"),
        };
        if left_out == 0 { verdict } else { format!("{verdict}; {left_out} left out") }
    }
}

fn row(part: &Part) -> [String; 5] {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), short);
    let status = match &part.outcome {
        Outcome::Failed(_) => "error",
        Outcome::LeftOut(_) => "left out",
        Outcome::Compared(_) if part.is_within() => "ok",
        Outcome::Compared(_) => "OVER",
    };
    let [forward, backward] = [Pass::Forward, Pass::Backward].map(|pass| number(part.drift(pass)));
    [part.name.clone(), forward, backward, number(part.tolerance()), status.into()]
}

/// 0, or two digits.
fn short(value: f64) -> String {
    if value == 0.0 { "0".into() } else { format!("{value:.1e}") }
}

/// The output that is farthest over its tolerance, and how many others are over theirs.
fn describe_worst(part: &Part) -> String {
    let over = part.outputs().iter().filter(|output| !output.is_within()).count();
    match (part.worst(None), over) {
        (None, _) | (_, 0) => "every output is within its tolerance".into(),
        (Some(worst), 1) => describe(worst),
        (Some(worst), _) => format!("{}; {} more of {} are over", describe(worst), over - 1, part.outputs().len()),
    }
}

fn describe(output: &Compared) -> String {
    let Compared { name, drift, tolerance, count, measure, .. } = output;
    let (drift, place, tolerance) = (short(drift.amount), drift.worst, short(*tolerance));
    let how = match measure {
        Measure::Largest => "",
        Measure::Mean => " on average",
        Measure::Norm => " in norm",
    };
    match place {
        Some(worst) => format!(
            "{name} is off by {drift}{how}, over {tolerance}: value {} of {count} is {} on the CPU and {} on the \
                 device",
            number(worst.index),
            worst.reference,
            worst.device
        ),
        None => format!("{name} has {count} values on the CPU and another number on the device"),
    }
}
