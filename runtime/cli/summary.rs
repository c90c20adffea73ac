//! What came of a training, as lines and as an exit code.

use std::process::ExitCode;

use moonburn::Outcome;
use serde_json::{Map, Value};

use super::output::print;

/// Prints what came of a run, and says it by the exit code.
pub fn ended(outcome: &Outcome) -> ExitCode {
    print(&summary(outcome, &[]));
    if outcome.interrupted { ExitCode::from(130) } else { ExitCode::SUCCESS }
}

/// The results before and after the training beside each other, some of them left out.
pub fn summary(outcome: &Outcome, left_out: &[&str]) -> String {
    let empty = Map::new();
    let untrained = outcome.results.get("untrained").and_then(Value::as_object).unwrap_or(&empty);
    let mut lines = Vec::new();
    let is_shown = |name: &str| !["untrained", "timing"].contains(&name) && !left_out.contains(&name);
    for (name, value) in outcome.results.iter().filter(|(name, _)| is_shown(name)) {
        match (untrained.get(name).and_then(Value::as_f64), value.as_f64()) {
            (Some(before), Some(after)) => lines.push(format!("{name}: {after:.2} (untrained {before:.2})")),
            (_, Some(after)) => lines.push(format!("{name}: {after:.2}")),
            _ => lines.push(format!("{name}: {}", value.to_string().trim_matches('"'))),
        }
    }
    let seconds = outcome.results["timing"]["training_seconds"].as_f64().unwrap_or(0.0);
    let state = if outcome.interrupted { "interrupted" } else { "finished" };
    lines.push(format!("{state} after {} updates, {seconds:.0} s of training", outcome.updates));
    if let Some(folder) = &outcome.folder {
        lines.push(format!("weights, metrics and pictures: {}", folder.display()));
    }
    lines.join("\n")
}
