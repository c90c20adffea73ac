//! What a session is there for: a training, or to see whether a script works.

/// What a session is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// It trains.
    #[default]
    Training,
    /// It does one step, to see whether a script works.
    Check,
    /// It does a step that shows nothing and is not kept, to see whether an edit works.
    Trial,
}
