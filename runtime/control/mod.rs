//! Controlling a live run: from its terminal, and from another process through files in its folder. What a command
//! does is up to the run, which asks for the next one where it suits it; nothing here may know of trainings or Lua.

mod command;
mod folder;
mod message;
mod queue;
mod request;
mod send;
mod terminal;

pub use command::{Command, help};
pub use queue::Control;
pub use request::Request;
pub use send::send;
