//! Moonburn: an embedded training runtime that is scripted in Lua. The core (everything but [`Engine`] and what it
//! names) is a library of its own: tensors, modules, optimizers, data sets and sessions without any script.

#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod augment;
pub mod bench;
pub mod control;
pub mod data;
pub mod dataset;
pub mod device;
mod digits;
pub mod episode;
pub mod error;
pub mod evaluate;
mod files;
pub mod gpu;
pub mod guard;
pub mod interrupt;
pub mod kernel;
pub mod linalg;
pub mod loss;
mod lua;
pub mod memory;
pub mod message;
pub mod metric;
pub mod mixing;
pub mod model;
pub mod nn;
pub mod optim;
pub mod options;
pub mod parity;
pub mod position;
pub mod reload;
pub mod rng;
pub mod run;
mod scoped;
pub mod session;
pub mod shipped;
pub mod tape;
pub mod tensor;
mod tensor_files;
mod training;
pub mod views;

pub use device::Device;
pub use error::{Error, Result};
pub use lua::{
    Finding, ScriptError,
    api::{Argument, Handler, Returned},
};
pub use run::{Outcome, TriedEvaluation};
pub use tensor::Tensor;
pub use training::{Checked, Declared, Engine, Fork, Inspected, Preview, Replay, Replayed, Resume, Settings};
