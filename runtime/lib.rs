//! Moonburn: an embedded training runtime that is scripted in Lua.
pub mod error;
pub use error::{Error, Result};
