//! Update rules as chains of pure transforms of a gradient; what these keep, as a tree by name; the optimizer that
//! applies rules to named parameters, all of a session's optimizers together; learning-rate schedules.

mod add_decayed_weights;
mod chain;
mod finite;
#[cfg(test)]
mod fixture;
mod gradient_transform;
mod inheritance;
mod lars;
mod link;
mod mask;
mod now;
mod optimizer;
mod ownership;
#[cfg(test)]
pub(crate) mod probe;
mod proposal;
mod rule;
mod scale_by_learning_rate;
mod scale_by_trust_ratio;
mod schedule;
mod scheme;
mod selection;
mod sgd;
mod slots;
mod state;
mod step;
mod trace;
mod update;

pub use add_decayed_weights::AddDecayedWeights;
pub use gradient_transform::{GradientTransform, UpdateTarget};
pub use lars::Lars;
pub use link::Link;
pub use mask::Mask;
pub use now::Now;
pub use optimizer::Optimizer;
pub use rule::Rule;
pub use scale_by_learning_rate::ScaleByLearningRate;
pub use scale_by_trust_ratio::ScaleByTrustRatio;
pub use schedule::{Schedule, Warmup};
pub use scheme::{ParameterGroup, Scheme};
pub use selection::Selection;
pub use sgd::Sgd;
pub use slots::{Slot, Slots};
pub use state::{Kept, OptimizerState, key, of_key, shared_name};
pub use step::{Attempt, StepReport, Together};
pub use trace::Trace;
pub use update::ParameterUpdate;
