//! Whether a device computes what the CPU computes: every operation, layer, loss and optimizer, forward and backward, and
//! then a training, run on both and compared value by value. What is compared is a list of [`Case`]s that anybody can add
//! to; what came of it is a [`Report`]. Nothing here prints.

mod case;
mod comparison;
mod derivative;
mod drift;
mod encoder;
mod layers;
mod losses;
mod noise;
mod operations;
mod optimizers;
mod record;
mod report;
mod tolerance;
mod training;

pub use case::{Case, Group, Output, Pass, Steps};
pub use comparison::{Compared, Outcome, Part, Report, Stage, compare};
pub use drift::{Drift, FLOOR, Worst};

/// The steps of the training where nothing else is asked for.
pub const STEPS: u64 = 20;

/// Everything that is compared, the training of so many steps last; 0 steps leave it out.
pub fn cases(steps: u64) -> Vec<Case> {
    let parts = [operations::cases(), layers::cases(), encoder::cases(), losses::cases(), optimizers::cases()];
    parts.into_iter().flatten().chain((steps > 0).then(|| training::case(steps))).collect()
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
