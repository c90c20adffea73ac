//! Why a match has no answer.

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// The pattern is wrong, in Lua's words.
    Wrong(String),
    /// Nobody waits for it any more.
    Broken,
}
