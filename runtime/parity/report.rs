//! What a person reads: the table, what is wrong in it, and the verdict.

use super::{Compared, Outcome, Part, Pass, Report};

impl Report {
    /// Whether every part is within its tolerance. A report without parts is not.
    pub fn is_within(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(Part::is_within)
    }

    /// A line for each part: the largest drift forward and backward, the tolerance, and whether it holds.
    pub fn table(&self) -> String {
        let head = ["part", "forward", "backward", "tolerance", ""].map(str::to_owned);
        let rows: Vec<[String; 5]> = std::iter::once(head).chain(self.parts.iter().map(row)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [0, 1, 2, 3].map(width);
        let line = |[name, forward, backward, tolerance, status]: &[String; 5]| {
            let [first, second, third, fourth] = widths;
            format!("{name:first$}  {forward:>second$}  {backward:>third$}  {tolerance:>fourth$}  {status}")
        };
        rows.iter().map(|row| line(row).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// What is wrong, a line for each part that failed or is over its tolerance; empty where nothing is.
    pub fn failures(&self) -> String {
        let failed = self.parts.iter().filter(|part| !part.is_within());
        let line = |part: &Part| match &part.outcome {
            Outcome::Failed(reason) => format!("{}: {reason}", part.name),
            Outcome::Compared(outputs) => format!("{}: {}", part.name, describe_worst(outputs)),
        };
        failed.map(line).collect::<Vec<_>>().join("\n")
    }

    /// One line: how many parts agree, on which device.
    pub fn verdict(&self) -> String {
        let (all, device) = (self.parts.len(), self.device.name());
        let failed = self.parts.iter().filter(|part| matches!(part.outcome, Outcome::Failed(_))).count();
        let over = self.parts.iter().filter(|part| !part.is_within()).count() - failed;
        match (all, failed, over) {
            (0, ..) => "nothing was compared".into(),
            (_, 0, 0) => format!("{device}: all {all} parts agree with the CPU within tolerance"),
            _ => format!("{device}: of {all} parts {over} are over tolerance and {failed} failed"),
        }
    }
}

fn row(part: &Part) -> [String; 5] {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), short);
    let status = match &part.outcome {
        Outcome::Failed(_) => "error",
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
fn describe_worst(outputs: &[Compared]) -> String {
    let mut over: Vec<&Compared> = outputs.iter().filter(|output| !output.is_within()).collect();
    // An output that has to be exact is infinitely far over; among those the drift itself decides.
    let key = |output: &Compared| (output.drift.largest / output.tolerance, output.drift.largest);
    over.sort_by(|a, b| key(b).partial_cmp(&key(a)).unwrap_or(std::cmp::Ordering::Equal));
    match over[..] {
        [] => "every output is within its tolerance".into(),
        [worst] => describe(worst),
        [worst, ref others @ ..] => format!("{}; {} more of {} are over", describe(worst), others.len(), outputs.len()),
    }
}

fn describe(output: &Compared) -> String {
    let Compared { name, drift, tolerance, count, .. } = output;
    let (drift, place, tolerance) = (short(drift.largest), drift.worst, short(*tolerance));
    match place {
        Some(worst) => format!(
            "{name} is off by {drift}, over {tolerance}: value {} of {count} is {} on the CPU and {} on the device",
            worst.index + 1,
            worst.reference,
            worst.device
        ),
        None => format!("{name} has {count} values on the CPU and another number on the device"),
    }
}
