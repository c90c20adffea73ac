//! Options, each declared once: its name, type, unit, range, default and a sentence. The struct, its defaults and its
//! checks come from that declaration, and so does the table that scripts write and its documentation. Knows of no
//! language that such a table is written in.

mod choices;
mod declare;
mod limits;
mod pair;
mod per_channel;
pub(crate) mod shown;
mod span;
mod spread;
mod table;

pub use choices::Choice;
pub(crate) use choices::choices;
pub(crate) use declare::options;
pub use limits::{Limited, between, over, over_to};
pub(crate) use limits::{check, want};
pub use pair::Pair;
pub use per_channel::PerChannel;
pub use shown::Shown;
pub use span::Span;
pub use spread::Spread;
pub(crate) use table::declared;
pub use table::{Declared, Options, ReadFrom, Reader, Reads};
