//! What goes into a bug report: everything that was measured, as JSON.

use serde_json::{Map, Value, json};

use super::{Compared, FLOOR, Outcome, Part, Report};
use crate::tensor::ConvolutionKernels;

/// The version of Burn that Cargo.toml pins.
const BURN: &str = "0.22.1";

impl Report {
    /// The file's contents: versions, the device, and of every part and output the drift, the tolerance and the two
    /// values that are farthest apart. What is not finite, which JSON cannot hold, is written as a text.
    pub fn to_json(&self) -> Value {
        json!({
            "moonburn": env!("CARGO_PKG_VERSION"),
            "burn": BURN,
            "autotune": cfg!(feature = "autotune"),
            "system": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            "device": self.device.name(),
            "convolutions": ConvolutionKernels::on(&self.device).map(ConvolutionKernels::name),
            "adapters": adapters(),
            "reference": "cpu",
            "drift": {
                "largest": format!("max |cpu - device| / max(max |cpu|, {FLOOR:e}) over each tensor"),
                "mean": format!("mean |cpu - device| / max(max |cpu|, {FLOOR:e})"),
                "norm": format!("||cpu - device|| / max(||cpu||, {FLOOR:e})"),
            },
            "verdict": self.verdict(),
            "within_tolerance": self.is_within(),
            "parts": self.parts.iter().map(part).collect::<Vec<_>>(),
        })
    }

    /// A file name that names the device: `parity-cpu.json`.
    pub fn file_name(&self) -> String {
        let words = self.device.name().split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        format!("parity-{}.json", words.collect::<Vec<_>>().join("-").to_lowercase())
    }
}

/// Every adapter of the machine, since a driver may offer one card more than once.
fn adapters() -> Vec<Value> {
    let adapters = crate::Device::adapters().into_iter();
    adapters
        .map(|adapter| {
            let (api, kind) = (adapter.api.name(), adapter.kind.name());
            let driver = format!("{} {}", adapter.driver, adapter.driver_info);
            json!({ "name": adapter.name, "vendor": adapter.vendor, "api": api, "kind": kind, "driver": driver.trim() })
        })
        .collect()
}

fn part(part: &Part) -> Value {
    let mut entry = Map::new();
    entry.insert("group".into(), part.group.name().into());
    entry.insert("name".into(), part.name.clone().into());
    let within = if part.is_left_out() { Value::Null } else { part.is_within().into() };
    entry.insert("within_tolerance".into(), within);
    entry.insert("cpu_seconds".into(), part.reference_time.as_secs_f64().into());
    entry.insert("device_seconds".into(), part.device_time.as_secs_f64().into());
    match &part.outcome {
        Outcome::Failed(reason) => entry.insert("error".into(), reason.clone().into()),
        Outcome::LeftOut(reason) => entry.insert("left_out".into(), reason.clone().into()),
        Outcome::Compared(outputs) => entry.insert("outputs".into(), outputs.iter().map(output).collect()),
    };
    entry.into()
}

fn output(output: &Compared) -> Value {
    let worst = output.drift.worst.map(|worst| {
        json!({ "index": worst.index, "cpu": number(worst.reference.into()), "device": number(worst.device.into()) })
    });
    json!({
        "name": output.name,
        "pass": output.pass.name(),
        "values": output.count,
        "drift": number(output.drift.amount),
        "measure": output.measure.name(),
        "tolerance": output.tolerance,
        "worst": worst,
    })
}

fn number(value: f64) -> Value {
    if value.is_finite() { value.into() } else { value.to_string().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_burn_is_the_one_that_is_built() {
        assert!(include_str!("../../Cargo.toml").contains(&format!("burn = {{ version = \"={BURN}\"")));
    }
}
