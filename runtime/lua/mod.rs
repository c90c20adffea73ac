//! The binding layer: the only part that names mlua. Bindings hold no maths; each is one call into the core.

pub mod api;
mod augment;
mod boundary;
mod bounded;
mod check;
mod context;
mod cost;
mod course;
mod create;
mod data;
mod device;
mod engine;
mod episode;
mod error;
mod evaluate;
mod globals;
mod kernel;
mod layers;
mod leaving;
mod linalg;
mod lint;
mod literal;
mod live;
mod loss;
mod memory;
mod model;
mod module;
mod object;
mod optim;
mod order;
mod outcome;
mod overrides;
mod plain;
mod policy;
mod position;
mod protected;
mod runner;
mod script;
mod session;
mod settings;
mod sources;
mod supervision;
mod syntax;
mod tensor;
mod vm;

pub use course::{Fork, Replay, Replayed, Resume};
pub use engine::{Checked, Engine, Inspected};
pub use error::ScriptError;
pub use lint::Finding;
pub use outcome::{Outcome, TriedEvaluation};
pub use settings::Settings;

/// Declares the standard API.
fn declare_all(api: &mut api::Api) {
    tensor::declare(api);
    create::declare(api);
    device::declare(api);
    memory::declare(api);
    layers::declare(api);
    module::declare(api);
    model::declare(api);
    optim::declare(api);
    augment::declare(api);
    data::declare(api);
    episode::declare(api);
    linalg::declare(api);
    loss::declare(api);
    kernel::declare(api);
    evaluate::declare(api);
    policy::declare(api);
    session::declare(api);
}
