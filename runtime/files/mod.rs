//! Files that are read, whoever put them there: only regular ones, and text without what an editor puts before it.

pub(crate) mod regular;
pub(crate) mod text;
