//! Whether the tape grows from step to step, which no training means: a loss that is added up over steps keeps all that
//! it was computed from.

/// Steps in a row after which growth is no coincidence.
const STEPS: u32 = 20;

/// How much of the tape has been left at the ends of steps.
#[derive(Default)]
pub(super) struct TapeGrowth {
    last: usize,
    steps: u32,
}

impl TapeGrowth {
    /// Notes how many operations are on the tape at the end of a step, after collecting garbage. Whether to tell of it,
    /// which is once.
    pub(super) fn is_new(&mut self, operations: usize) -> bool {
        let grows = operations > std::mem::replace(&mut self.last, operations);
        self.steps = if grows { self.steps.saturating_add(1) } else { 0 };
        self.steps == STEPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_steps_that_each_leave_more_are_told_once_and_a_tape_that_stays_is_not() {
        let mut growth = TapeGrowth::default();
        assert!((0..100).all(|_| !growth.is_new(7)));
        let told: Vec<usize> = (1..100).filter(|step| growth.is_new(7 + step * 3)).collect();
        assert_eq!(told, [20]);
        let mut growth = TapeGrowth::default();
        assert!((0..100).all(|step| !growth.is_new(step % 19)));
    }
}
