//! What keys draws that name no sample of a data set.

/// The place of a call that draws for some purpose, such as a random tensor: a step, and a number within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawKey {
    /// The step; 0 in `setup`, and in what a loop does before its first step.
    pub step: u64,
    /// How many such calls the step had before.
    pub call: u64,
}
