//! Files that are read, whoever put them there: only regular ones, and text without what an editor puts before it.

mod opened;
pub(crate) mod regular;
pub(crate) mod text;

pub(crate) use opened::Opened;
