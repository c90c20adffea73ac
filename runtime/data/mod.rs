//! Image data sets, and the order in which a run goes through them. A data set is read once, checked,
//! and then held in memory as bytes that never change; what moves is an [`Order`]'s cursor, two numbers.
//! Every draw is keyed by seed, stream name, epoch and sample. Knows of no tensor, device or view, and nothing of Lua.
//!
//! Described in `runtime/book/05-data.md`.

mod alike;
mod batch;
mod cifar10;
mod class_names;
mod counts;
mod decode;
mod describe;
mod folder;
mod found;
mod image_set;
mod images;
mod options;
mod order;
mod picture;
mod shapes;
mod source;
mod split;

pub use alike::twin;
pub use batch::{Batch, DrawStage};
pub use class_names::ClassNames;
pub(crate) use class_names::listed;
pub use decode::Transparent;
pub use folder::Layout;
pub use image_set::ImageSet;
pub use images::Images;
pub use options::{ImageOptions, OnCorrupt};
pub use order::{Cursor, Order, Picks};
pub use picture::Picture;
pub use source::images;
pub use split::Split;

/// What every error of loading a data set starts with.
const OP: &str = "images";
