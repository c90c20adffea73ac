//! The program as its users meet it: each test starts it, in a folder of its own, and looks at what it says, how it
//! ends and what it leaves. Tests of the crate alone are in `tests/library`.

mod binary_alone;
mod compare;
mod devices;
mod edits;
mod errors;
mod folders;
mod foreign_text;
mod instructions;
#[cfg(unix)]
mod interrupt;
mod kills;
mod live_run;
mod orders;
mod pages;
mod parity;
mod preview;
#[cfg(unix)]
mod process;
mod relocation;
mod repeat;
mod study;
mod written;
