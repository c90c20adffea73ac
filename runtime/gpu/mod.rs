//! Compute shaders of our own on Burn's buffers: reading WGSL, finding out what a kernel binds, launching it on the
//! device and queue that Burn's operations run on. Knows neither what a kernel computes nor of Lua.
//!
//! Described in `runtime/book/08-kernels.md`.

mod batch;
mod code;
mod constants;
mod context;
mod counts;
mod element;
mod extent;
mod interface;
mod kernel;
mod launch;
mod lent;
mod of_tensor;
mod pipeline;
mod recorded;
mod resident;
mod source;
mod storage;
mod uniform;
mod uniforms;

pub(crate) use batch::hand_over;
pub use code::checked;
pub(crate) use context::Context;
pub use counts::{Counts, counts};
pub use element::{Access, Element, Number};
pub use interface::{Binding, Field, Interface};
pub use kernel::Kernel;
pub(crate) use launch::{Launch, Watch, rows};
pub use resident::Resident;
pub(crate) use resident::{Part, parts_of};
pub use source::Source;
pub(crate) use storage::Buffer;
