//! Loops that are compiled for several sets of instructions, and how parts of values are shared out over the cores. Knows
//! nothing of what is computed.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::device::instructions;

/// Calls `body` with every part, on all cores where there are two or more.
pub(super) fn shared<I: IndexedParallelIterator>(
    len: usize,
    share: usize,
    parts: I,
    body: impl Fn(I::Item) + Sync + Send,
) {
    parts.with_min_len(least_parts(len, share)).for_each(body);
}

/// How many parts a thread takes at least.
pub(super) fn least_parts(len: usize, share: usize) -> usize {
    // A single thread of the pool is no faster than the caller, and has to be woken.
    let is_worth_it = len >= 2 * share && rayon::current_num_threads() > 1;
    if is_worth_it { 1 } else { usize::MAX }
}

/// A loop that is compiled for several sets of instructions.
pub(super) trait Loop {
    fn run<const FUSED: bool>(self);
}

/// Runs a loop with the instructions that kernels take.
pub(super) fn with_instructions(body: impl Loop) {
    match instructions::arch() {
        Arch::Scalar => body.run::<false>(),
        arch => arch.dispatch(Fused(body)),
    }
}

/// A loop where there are instructions that multiply and add. No closure, since one that is not inlined keeps to the
/// build's own instructions.
struct Fused<L>(L);

impl<L: Loop> WithSimd for Fused<L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.run::<true>();
    }
}
