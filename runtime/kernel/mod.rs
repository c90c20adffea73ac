//! Kernels of the user's own as operations on tensors, whatever device these are on: what a kernel takes and gives by
//! the names of its bindings, how many workgroups it needs, its gradient by another kernel. Knows nothing of Lua.
//!
//! Described in `runtime/book/08-kernels.md`.

mod arguments;
mod call;
mod gradient;
mod launched;
mod order;
mod output;
mod program;
mod size;

pub use arguments::Arguments;
pub use output::Output;
pub use program::Program;
pub use size::Size;
