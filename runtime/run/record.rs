//! The contents of `run.json`: what was run, how, and what came of it. It owns no files.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::UtcTime;

/// What is known of a run before its first step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunDescription {
    /// The script's path as the user gave it.
    pub script: String,
    /// The command line, the program's name first.
    pub command: Vec<String>,
    /// The seed of every draw.
    pub seed: u64,
    /// The script's options after the command line's overrides.
    pub options: Map<String, Value>,
    /// The device in words.
    pub device: String,
    /// Where its adapter is among those of the machine, as the room of devices writes it; none on the CPU, and in runs
    /// of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<Value>,
    /// Which instructions the CPU's kernels took; none on a GPU, and in runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Which kernels computed convolutions on a GPU; none on the CPU, and in runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convolutions: Option<String>,
    /// Where the script's modules are looked for besides its own folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// The folder that relative paths start from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub directory: String,
    /// The run that this one started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<Origin>,
    /// The version of each part that can change a result: `moonburn`, `burn`, `lua`.
    pub versions: BTreeMap<String, String>,
}

/// The state of another run that a run started from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The other run's folder.
    pub run: String,
    /// The steps that it had done.
    pub step: u64,
}

/// How far a run has come. A run whose process was killed stays `Running`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum RunStatus {
    /// Between its first step and its last.
    Running,
    /// Every step was done.
    Finished,
    /// The user asked to stop.
    Interrupted,
    /// An error ended it; the message is the one that the user saw.
    Failed { error: String },
}

/// Everything that `run.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// What is known before the first step.
    #[serde(flatten)]
    pub description: RunDescription,
    /// When it was started, in RFC 3339, UTC.
    pub started: String,
    /// When it ended, in RFC 3339, UTC.
    pub ended: Option<String>,
    /// How far it has come.
    #[serde(flatten)]
    pub status: RunStatus,
    /// The final results by name.
    pub results: Map<String, Value>,
    /// Why a repetition may differ, with the script's line; empty where none is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_repeatable: Vec<String>,
}

impl RunRecord {
    /// The record of a run that starts at `started`.
    pub fn new(description: RunDescription, started: UtcTime) -> Self {
        let started = started.to_string();
        Self {
            description,
            started,
            ended: None,
            status: RunStatus::Running,
            results: Map::new(),
            not_repeatable: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let description = RunDescription { script: "simclr.lua".into(), seed: u64::MAX, ..Default::default() };
        let mut record = RunRecord::new(description, UtcTime::from_unix_seconds(0));
        record.status = RunStatus::Failed { error: "no device".into() };
        let text = serde_json::to_string(&record).unwrap();
        assert!(text.contains(r#""status":"failed","error":"no device""#), "{text}");
        assert_eq!(serde_json::from_str::<RunRecord>(&text).unwrap(), record);
    }

    #[test]
    fn the_slot_of_an_adapter_reads_back_and_a_record_without_one_is_read() {
        let slot = json!({ "api": "vulkan", "kind": "discrete", "position": 1 });
        let description = RunDescription { adapter: Some(slot.clone()), ..Default::default() };
        let mut json = serde_json::to_value(&description).unwrap();
        assert_eq!(json["adapter"], slot);
        assert_eq!(serde_json::from_value::<RunDescription>(json.clone()).unwrap(), description);
        json.as_object_mut().unwrap().remove("adapter");
        assert_eq!(serde_json::from_value::<RunDescription>(json).unwrap().adapter, None);
    }

    #[test]
    fn instructions_and_kernels_read_back_and_a_record_without_them_is_read() {
        let (instructions, convolutions) = (Some("avx2".into()), Some("own".into()));
        let description = RunDescription { instructions, convolutions, ..Default::default() };
        let mut json = serde_json::to_value(&description).unwrap();
        assert_eq!([&json["instructions"], &json["convolutions"]], ["avx2", "own"]);
        assert_eq!(serde_json::from_value::<RunDescription>(json.clone()).unwrap(), description);
        json.as_object_mut().unwrap().retain(|name, _| name != "instructions" && name != "convolutions");
        let read: RunDescription = serde_json::from_value(json).unwrap();
        assert_eq!((read.instructions, read.convolutions), (None, None));
    }

    #[test]
    fn a_field_that_a_later_version_adds_is_passed_over() {
        let record = RunRecord::new(RunDescription::default(), UtcTime::from_unix_seconds(0));
        let mut json = serde_json::to_value(&record).unwrap();
        json["unheard_of"] = 1.into();
        assert_eq!(serde_json::from_value::<RunRecord>(json).unwrap(), record);
    }
}
