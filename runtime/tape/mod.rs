//! The tape: which operation made a value of which others, and the backward pass over that. Reverse-mode differentiation
//! (Griewank and Walther, Evaluating Derivatives, 2008). It knows values by the trait [`Value`] alone, and of no tensor.
//! A rule is written in operations that are recorded themselves, so a gradient has gradients.
//!
//! Described in `runtime/book/22-gradients.md`.

mod counts;
mod hooks;
mod kept;
mod mode;
mod node;
mod pass;
mod recompute;
mod record;
mod scope;
mod site;
#[cfg(test)]
mod tests;

pub use counts::{Counts, counts};
pub use hooks::{HookHandle, Hooks};
pub use kept::Kept;
pub use mode::{is_passing, is_recording, recording};
pub use node::{Edge, Leaf, Node, Rule, Step, Value};
pub use pass::{Found, Pass, backward, gradients};
pub use recompute::{is_again, is_recomputed, recompute};
pub use record::{Recording, leaf, record, record_many};
pub use scope::{Recomputation, Scope};
pub use site::{Locator, Site, locate_by};
