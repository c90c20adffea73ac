//! Losses: functions of embeddings or logits that give a scalar.

mod cross_entropy;
mod nt_xent;

pub use cross_entropy::cross_entropy;
pub use nt_xent::{NtXentOptions, nt_xent};
