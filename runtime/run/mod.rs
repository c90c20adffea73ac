//! What one training leaves behind and what it shows while it runs: the run folder and its record, the
//! metrics, the loss curve, the contact sheet of an episode, and the progress on the terminal. Nothing here
//! may know of tensors, devices or Lua: callers hand over plain numbers, bytes and JSON values.

mod atomic;
mod clock;
mod contact_sheet;
mod describe;
mod folder;
mod json_lines;
mod loss_curve;
mod metrics;
mod place;
mod png;
mod progress;
mod rate;
mod record;
mod screen;
mod series;
mod study;

pub use atomic::write_atomically;
pub use clock::UtcTime;
pub use contact_sheet::contact_sheet;
pub use folder::RunFolder;
pub use loss_curve::loss_curve;
pub use metrics::Metrics;
pub use place::Place;
pub use progress::{Progress, ProgressKind};
pub use record::{RunDescription, RunRecord, RunStatus};
pub use study::Study;
