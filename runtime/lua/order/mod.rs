//! One order for the keys of a table, so that a program that is run again computes the same: Lua's own order of names
//! and objects changes from process to process. Bindings that read tables go by it, and so do the functions that
//! scripts have.

mod entries;
mod key;
pub mod objects;
mod sorted;

pub use entries::{copied, entries, map_entries};
pub use key::Key;
pub use sorted::Sorted;
