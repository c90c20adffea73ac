//! Update rules as pure functions of parameter, gradient, momentum and hyperparameters; the optimizer that applies
//! one to named parameters; learning-rate schedules.

mod finite;
mod lars;
mod optimizer;
mod schedule;
mod sgd;

pub use lars::Lars;
pub use optimizer::{Attempt, Optimizer, Rule, StepReport, Update};
pub use schedule::{Schedule, Warmup};
pub use sgd::Sgd;
