//! Counted randomness: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
//! A number is a function of its key and its counter alone, so it is the same in any batch split, on any
//! number of threads, before and after a resume. This module owns the layout of key and counter; it must
//! never hold a state that outlives one [`Draws`].
//!
//! What a number depends on, in 32-bit words:
//!
//! ```text
//! counter[0] = block        the n-th call of the generator, from 0; each call gives four words, in order
//! counter[1] = view << 16 | operation
//! counter[2] = sample       low word
//! counter[3] = step         low word
//! key[0]     = the stream's key[0] ^ high word of step   * 0x9e3779b9
//! key[1]     = the stream's key[1] ^ high word of sample * 0x85ebca6b
//! ```
//!
//! Both factors are odd, so the high words change the key one to one: within a stream no two different
//! (step, sample, view, operation) share a key and a counter, for the whole range of the arguments. Below 2^32
//! the key is the stream's own.
//!
//! Described in `runtime/book/11-reproducibility.md`.

mod distributions;
mod draw_key;
mod draws;
mod hash;
mod philox;
mod stream;

pub use draw_key::DrawKey;
pub use draws::Draws;
pub(crate) use hash::{FNV_OFFSET, fnv};
pub use stream::Stream;
