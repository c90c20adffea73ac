//! Whether a device computes what the CPU computes: every operation, layer, loss and optimizer, forward and backward,
//! and then a training. Each runs on both and is compared value by value. Whatever has products runs once more in
//! float16, if the device can. What is compared is a list of [`Case`]s that anybody can add to; what came of it is a
//! [`Report`]. Nothing here prints.
//!
//! Described in `runtime/book/09-devices.md`.

mod case;
mod comparison;
mod derivative;
mod drift;
mod encoder;
mod half;
mod layers;
mod losses;
mod noise;
mod operations;
mod optimizers;
mod record;
mod report;
mod structure;
mod tolerance;
mod training;

pub use case::{Case, Group, Output, Pass, Steps};
pub use comparison::{Compared, Outcome, Part, Report, Stage, compare};
pub use drift::{Drift, FLOOR, Measure, Worst};

/// The steps of the training where nothing else is asked for.
pub const STEPS: u64 = 20;

/// Everything that is compared, the trainings of so many steps last; 0 steps leave them out.
pub fn cases(steps: u64) -> Vec<Case> {
    let (operations, layers, frozen) = (operations::cases(), layers::cases(), encoder::cases());
    let parts = [operations, layers, structure::cases(), frozen, losses::cases(), optimizers::cases(), half::cases()];
    parts.into_iter().flatten().chain(training::cases(steps)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let cases = cases(STEPS);
        let names: HashSet<&str> = cases.iter().map(Case::name).collect();
        assert_eq!(names.len(), cases.len());
    }
}
