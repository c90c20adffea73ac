//! Noticing that the files which a script was loaded from have been saved. What a change means, and what becomes of
//! it, is not decided here; nothing here may know of scripts or Lua.

mod burst;
mod events;
mod file;
mod files;
mod save;
mod shared;
mod stamp;
mod watch;

pub use file::{Contents, contents, digest};
pub use save::Save;
pub use watch::Watch;
