//! Images put together from two of a batch: MixUp (Zhang et al., ICLR 2018) and CutMix (Yun et al., ICCV 2019). The images
//! and labels of a batch are mixed here, the queries of an episode in `episode/`. Draws are the caller's.
//!
//! Described in `runtime/book/05-data.md`.

mod labelled;
mod mixture;

pub use labelled::{LabelledMixOptions, cutmix, mixup};
pub use mixture::Mixture;
