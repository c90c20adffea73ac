//! Image data sets, and the order in which a run goes through them. A data set is read once, checked,
//! and then held in memory as bytes that never change; what moves is an [`Order`]'s cursor, two numbers.
//! Every draw is keyed by seed, stream name, epoch and sample. Only [`ImageSet`] and [`Batch`] know of tensors; nothing here knows of Lua.

mod cifar10;
mod decode;
mod folder;
mod image_set;
mod images;
mod likeness;
mod listing;
mod options;
mod order;
mod shapes;
mod source;

pub use image_set::{Batch, ImageSet};
pub use images::Images;
pub use likeness::{twin, twins};
pub use options::{ImageOptions, OnCorrupt, Split};
pub use order::{Cursor, Order, Picks, Rest};
pub use source::images;

/// What every error of loading a data set starts with.
const OP: &str = "images";
