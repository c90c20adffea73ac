//! Update rules as pure functions of parameter, gradient, momentum and hyperparameters; the optimizer that applies
//! one to named parameters; learning-rate schedules.

mod finite;
#[cfg(test)]
mod fixture;
mod lars;
mod optimizer;
mod rule;
mod schedule;
mod sgd;
mod step;
mod update;

pub use lars::Lars;
pub use optimizer::Optimizer;
pub use rule::Rule;
pub use schedule::{Schedule, Warmup};
pub use sgd::Sgd;
pub use step::{Attempt, StepReport};
pub use update::Update;
