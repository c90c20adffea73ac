//! The command line: a file per command, named after it, and what commands share. It reads what the user typed, calls
//! the library and prints; nothing is computed here.

mod allocator;
mod argument_groups;
mod arguments;
mod bench;
mod check;
mod compare;
mod control;
mod devices;
mod dispatch;
mod examples;
mod existing_run;
mod fork;
mod generated;
mod help;
mod launcher;
mod new;
mod on_device;
mod output;
mod parity;
mod preview;
mod reference;
mod repair;
mod replay;
mod resume;
mod run;
mod script_help;
mod settings;
mod signals;
mod study;
mod summary;
mod types;
mod values;
mod workspace;

pub use allocator::keep_freed;
pub use dispatch::main;
