//! The command line: a file per command, named after it, and what commands share. It reads what the user typed, calls
//! the library and prints; nothing is computed here.

mod allocator;
mod arguments;
mod bench;
mod check;
mod compare;
mod control;
mod devices;
mod dispatch;
mod existing_run;
mod fork;
mod launcher;
mod on_device;
mod output;
mod parity;
mod reference;
mod repair;
mod replay;
mod resume;
mod run;
mod settings;
mod signals;
mod study;
mod summary;
mod types;
mod values;

pub use allocator::keep_freed;
pub use dispatch::main;
