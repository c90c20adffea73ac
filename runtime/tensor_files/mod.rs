//! Tensors from files and as the bytes of files: numpy's `.npy` and `.npz`, pictures, and images side by side. What a
//! file claims is compared with its length before any memory is taken. Which element type becomes which is in
//! `stored.rs` alone, for safetensors as well.
//!
//! Described in `runtime/book/20-tensors.md`.

mod grid;
mod npy;
mod npy_header;
mod npz;
mod picture;
mod place;
mod stored;

pub use grid::{GridOptions, grid};
pub use npy::{load_npy, npy_bytes};
pub use npz::{load_npz, npz_bytes};
pub use picture::{PictureOptions, load_picture, picture_bytes};
pub(crate) use place::{Place, read_whole};
pub(crate) use stored::{Source, Stored, tensor};
