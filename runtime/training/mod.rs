//! The training driver: how a training begins, goes on and ends. Versions of its script, edits, orders, saving, taking
//! back. It stands above `lua/`, calls a script's functions through it, and is asked by it in three questions only
//! ([`Overseer`](crate::lua::Overseer)). What a script computes is none of its business, and it names no VM's types.

mod check;
mod course;
mod ending;
mod engine;
mod inspected;
mod live;
mod overseer;
mod policy;
mod preview;
mod settings;
mod supervision;
mod trainer;
mod workshop;

pub use course::{Fork, Replay, Replayed, Resume};
pub use engine::{Checked, Engine};
pub use inspected::{Declared, Inspected};
pub use preview::Preview;
pub use settings::Settings;
