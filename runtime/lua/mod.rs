//! The binding layer: the only part that names mlua. Bindings hold no maths; each is one call into the core. A script
//! is loaded and its functions are called here. `training/`, which stands above, decides when, and what lasts between
//! the calls.

pub mod api;
mod augment;
mod boundary;
mod cause;
mod combining;
mod context;
mod contract;
pub mod cost;
mod create;
mod data;
mod device;
mod drawing;
mod episode;
mod error;
mod evaluate;
pub mod experiment;
mod failed;
mod globals;
mod gradient;
mod io;
mod kernel;
mod layers;
mod leaving;
mod linalg;
pub mod lint;
mod literal;
mod loss;
mod memory;
mod metric;
mod model;
mod module;
mod modules;
mod object;
mod one_or_more;
mod optim;
pub mod option_sentences;
mod order;
mod overrides;
mod overseer;
mod pair;
mod parameter_groups;
mod placed;
pub mod plain;
pub mod policy;
mod position;
mod raised;
mod random;
mod schedule;
mod script;
mod session;
mod sites;
mod span;
mod standard;
mod syntax;
mod tensor;
mod vm;
mod written;

pub use context::{Context, Limit, Role};
pub use error::ScriptError;
pub use experiment::Results;
pub use leaving::{Flow, Left};
pub use lint::Finding;
pub use overseer::{ForkOrder, Overseer};
pub use policy::{CheckpointOptions, Mode, RecoverOptions};
pub use script::{Loading, Script};
pub use syntax::first_error;
pub use vm::Vm;

/// Declares the standard API.
pub fn declare_all(api: &mut api::Api) {
    tensor::declare(api);
    create::declare(api);
    random::declare(api);
    combining::declare(api);
    gradient::declare(api);
    device::declare(api);
    memory::declare(api);
    layers::declare(api);
    module::declare(api);
    model::declare(api);
    optim::declare(api);
    schedule::declare(api);
    augment::declare(api);
    data::declare(api);
    io::declare(api);
    episode::declare(api);
    linalg::declare(api);
    loss::declare(api);
    metric::declare(api);
    kernel::declare(api);
    evaluate::declare(api);
    session::declare(api);
    contract::declare(api);
}
