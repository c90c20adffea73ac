//! What one training leaves behind and what it shows while it runs: the run folder and its record, the metrics, their
//! curves, the contact sheet of an episode, and the progress on the terminal. It also reads several run folders and
//! compares them. Nothing here may know of tensors, devices or Lua: callers hand over plain numbers, bytes and JSON
//! values.
//!
//! Described in `runtime/book/18-checkpoints.md`.

mod atomic;
mod captioned;
mod chart;
mod checkpoint_writer;
mod checkpoints;
mod clock;
mod compare;
mod contact_sheet;
mod curve;
mod describe;
mod every;
mod fitted;
mod folder;
mod history;
mod input_line;
mod journal;
mod json_lines;
mod lettering;
mod lock;
mod logged;
mod logged_curves;
mod marks;
mod metrics;
mod moment;
mod outcome;
pub mod path_text;
mod picture;
mod place;
mod png;
mod progress;
mod protocol;
mod rate;
mod record;
mod repair;
mod screen;
mod series;
mod sources;
mod spare;
mod steps_bar;
mod study;
pub mod table;
mod target;
mod told;
mod versions;

pub use atomic::write_atomically;
pub use captioned::{Captioned, Section, captioned_sheet};
pub use checkpoint_writer::{CheckpointWriter, Job, Keep, MakeFiles};
pub use checkpoints::{Checkpoints, Files, Newest, checksum};
pub use clock::UtcTime;
pub use compare::Comparison;
pub use contact_sheet::{Legend, Tiles, contact_sheet};
pub use every::Every;
pub use folder::{Before, RunFolder};
pub use history::History;
pub use journal::{Copied, Entry, Event, Journal};
pub use lock::RunLock;
pub use logged::Logged;
pub use logged_curves::logged_curves;
pub use marks::{Mark, MarkKind};
pub use metrics::Metrics;
pub use moment::Moment;
pub use outcome::{Outcome, TriedEvaluation};
pub use place::Place;
pub use progress::{Progress, ProgressKind};
pub use record::{Origin, RunDescription, RunRecord, RunStatus};
pub use repair::{Repaired, repair};
pub use sources::Sources;
pub use spare::Spare;
pub use study::Study;
pub use versions::{SourceFile, Version, diff, read_versions};
