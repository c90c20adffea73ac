//! Blocks of memory that are used again: what a kernel writes into was mostly another tensor's a moment ago, so that the
//! system need not find and clear its pages anew. Free blocks are the whole process's, and bounded. Knows of bytes only.

use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    collections::{BTreeMap, VecDeque},
    ptr::NonNull,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use super::{machine, pages};

/// Smaller blocks are not worth it: every allocator keeps these itself.
pub(crate) const LEAST: usize = 64 << 10;

/// Blocks lie on a processor's cache lines, and so on the widest vectors.
const ALIGNMENT: usize = 64;

/// Sizes between a power of 2 and the next: a new block is at most an eighth larger than it must be, one that is used again a
/// quarter more.
const SIZES: usize = 8;

/// From so many bytes on a block is a mapping of its own, which goes back to the system as a whole. An allocator keeps what
/// was freed between blocks that are in use.
const MAPPED: usize = if cfg!(unix) { pages::LARGE } else { usize::MAX };

/// Such blocks are whole pages, also where these have 64 KiB.
const _: () = assert!((pages::LARGE / 2 / SIZES).is_multiple_of(64 << 10));

/// Blocks taken until what was in use before them is forgotten: some steps of a training.
const WINDOW: usize = 2048;

/// What is held at most where the machine does not tell its memory.
const HELD: usize = 2 << 30;

static POOL: Mutex<Pool> = Mutex::new(Pool::new());

/// Memory of a size of its own, initialised, which goes back into the pool when it is dropped, on any thread.
pub(crate) struct Block {
    free: Free,
    is_zero: bool,
}

impl Block {
    /// At least so many bytes of arbitrary values, [`LEAST`] or more.
    pub fn stale(bytes: usize) -> Self {
        let size = size(bytes);
        let (found, freed) = pool().take(size);
        let is_zero = found.is_none();
        freed.into_iter().for_each(Free::back_to_system);
        Self { free: found.unwrap_or_else(|| Free::from_system(size)), is_zero }
    }

    /// The same, all 0.
    pub fn zeros(bytes: usize) -> Self {
        let mut block = Self::stale(bytes);
        if !block.is_zero {
            block.bytes_mut()[..bytes].fill(0);
        }
        block
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `start` has `size` bytes behind it, which were zeroed when they were allocated and so are initialised;
        // whoever has the block has it alone.
        unsafe { std::slice::from_raw_parts(self.free.start().as_ptr(), self.free.size) }
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and `self` is borrowed for as long as the slice.
        unsafe { std::slice::from_raw_parts_mut(self.free.start().as_ptr(), self.free.size) }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let free = Free { ..self.free };
        let freed = pool().give_back(free);
        freed.into_iter().for_each(Free::back_to_system);
    }
}

/// Bytes that no tensor uses and that are kept for the next ones.
pub fn held() -> usize {
    pool().held
}

/// Gives all of that back to the system.
pub(crate) fn release() {
    let freed = pool().trimmed(0);
    freed.into_iter().for_each(Free::back_to_system);
}

fn pool() -> MutexGuard<'static, Pool> {
    // Nothing inside panics half-way.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The size of a block for so many bytes.
fn size(bytes: usize) -> usize {
    let step = (bytes.next_power_of_two() / 2 / SIZES).max(ALIGNMENT);
    bytes.next_multiple_of(step)
}

/// A block without a user. It is given back by hand, since the pool must not be locked meanwhile.
struct Free {
    allocated: NonNull<u8>,
    size: usize,
    /// When it became free.
    since: u64,
}

// SAFETY: it owns what it points to, as a `Box` does.
unsafe impl Send for Free {}
// SAFETY: a shared one is only read.
unsafe impl Sync for Free {}

impl Free {
    fn layout(size: usize) -> Layout {
        // An alignment that the system's allocator has anyway: beyond it a zeroed block would be written to, and not
        // be taken from the system as zeros.
        Layout::from_size_align(size + ALIGNMENT, 16).expect("a tensor is smaller than what addresses can count")
    }

    fn from_system(size: usize) -> Self {
        // SAFETY: the size is not 0.
        let allocate = || NonNull::new(unsafe { alloc_zeroed(Self::layout(size)) });
        let ask = || if size < MAPPED { allocate() } else { pages::map(size) };
        let again = || {
            release();
            ask()
        };
        let allocated = ask().or_else(again).unwrap_or_else(|| handle_alloc_error(Self::layout(size)));
        Self { allocated, size, since: 0 }
    }

    fn back_to_system(self) {
        if self.size < MAPPED {
            // SAFETY: it was allocated with this layout, and nobody else has it.
            unsafe { dealloc(self.allocated.as_ptr(), Self::layout(self.size)) }
        } else {
            // SAFETY: it was mapped with this size, nobody else has it, and it is given back here alone.
            unsafe { pages::unmap(self.allocated, self.size) }
        }
    }

    fn start(&self) -> NonNull<u8> {
        let offset = self.allocated.align_offset(ALIGNMENT);
        // SAFETY: a mapping begins on a page, so that the offset is 0; others have as many bytes as the alignment beyond the
        // size.
        unsafe { self.allocated.add(offset) }
    }
}

/// The free blocks of a process, and what it uses.
struct Pool {
    /// By size; of one size the one that is free the longest comes first.
    free: BTreeMap<usize, VecDeque<Free>>,
    held: usize,
    used: usize,
    /// The most that was used at once in this window and in the one before.
    peaks: [usize; 2],
    /// Blocks taken in this window.
    taken: usize,
    clock: u64,
}

impl Pool {
    const fn new() -> Self {
        Self { free: BTreeMap::new(), held: 0, used: 0, peaks: [0; 2], taken: 0, clock: 0 }
    }

    /// A free block of that size or a little more, if there is one, and what has to go for a new one.
    fn take(&mut self, size: usize) -> (Option<Free>, Vec<Free>) {
        self.taken += 1;
        if self.taken > WINDOW {
            (self.taken, self.peaks) = (0, [self.used, self.peaks[0]]);
        }
        // The one that was used last is likely still in a cache.
        let fits = self.free.range_mut(size..=size + size / SIZES * 2).find_map(|(_, blocks)| blocks.pop_back());
        let taken = fits.as_ref().map_or(size, |block| block.size);
        if fits.is_some() {
            self.held -= taken;
        }
        self.used += taken;
        self.peaks[0] = self.peaks[0].max(self.used);
        (fits, self.trimmed(self.may_be_held()))
    }

    /// What has to go.
    fn give_back(&mut self, block: Free) -> Vec<Free> {
        self.clock += 1;
        self.used -= block.size;
        self.held += block.size;
        self.free.entry(block.size).or_default().push_back(Free { since: self.clock, ..block });
        self.trimmed(self.may_be_held())
    }

    /// With what is used, as much as was used at once recently.
    fn may_be_held(&self) -> usize {
        static MOST: OnceLock<usize> = OnceLock::new();
        let half = || machine::of_machine().and_then(|bytes| usize::try_from(bytes / 2).ok()).unwrap_or(HELD);
        (self.peaks[0].max(self.peaks[1]) - self.used).min(*MOST.get_or_init(half))
    }

    /// Takes out blocks, those that are free the longest first, until no more than `most` bytes are held.
    fn trimmed(&mut self, most: usize) -> Vec<Free> {
        let mut gone = Vec::new();
        while self.held > most {
            let oldest =
                self.free.iter_mut().min_by_key(|(_, blocks)| blocks.front().map_or(u64::MAX, |block| block.since));
            let block = oldest.and_then(|(_, blocks)| blocks.pop_front()).expect("what is held is in a list");
            self.held -= block.size;
            gone.push(block);
        }
        if !gone.is_empty() {
            self.free.retain(|_, blocks| !blocks.is_empty());
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a block's user would.
    fn take(pool: &mut Pool, size: usize) -> (Free, bool) {
        let (found, freed) = pool.take(size);
        freed.into_iter().for_each(Free::back_to_system);
        let was_held = found.is_some();
        (found.unwrap_or_else(|| Free::from_system(size)), was_held)
    }

    fn give(pool: &mut Pool, block: Free) {
        pool.give_back(block).into_iter().for_each(Free::back_to_system);
    }

    #[test]
    fn a_block_that_was_given_back_is_taken_again_by_what_is_about_as_large() {
        let mut pool = Pool::new();
        let (block, _) = take(&mut pool, 1 << 20);
        let start = block.start();
        give(&mut pool, block);
        assert_eq!((pool.held, pool.used), (1 << 20, 0));
        assert!(!take(&mut pool, (1 << 20) + (1 << 17)).1 && pool.held == 0, "larger than what is held, which went");
        let (block, _) = take(&mut pool, 1 << 20);
        give(&mut pool, block);
        let (again, was_held) = take(&mut pool, 7 << 17);
        assert!(was_held && again.size == 1 << 20);
        assert_eq!(start.align_offset(ALIGNMENT), 0);
        again.back_to_system();
    }

    #[cfg(unix)]
    #[test]
    fn a_large_block_serves_what_would_not_have_been_mapped() {
        let mut pool = Pool::new();
        let (block, _) = take(&mut pool, MAPPED);
        let start = block.start();
        give(&mut pool, block);
        let (again, was_held) = take(&mut pool, MAPPED / 8 * 7);
        assert!(was_held && again.size == MAPPED && again.start() == start);
        give(&mut pool, again);
        pool.trimmed(0).into_iter().for_each(Free::back_to_system);
    }

    #[test]
    fn no_more_is_held_and_used_than_was_used_at_once_recently() {
        let mut pool = Pool::new();
        let blocks: Vec<Free> = (0..8).map(|_| take(&mut pool, 1 << 16).0).collect();
        blocks.into_iter().for_each(|block| give(&mut pool, block));
        assert_eq!((pool.held, pool.used), (8 << 16, 0));
        // Another size takes the place of the blocks that are free the longest.
        let (large, _) = take(&mut pool, 4 << 16);
        assert_eq!((pool.held, pool.used), (4 << 16, 4 << 16));
        give(&mut pool, large);
        // What was used once is forgotten after two windows.
        for _ in 0..2 * WINDOW + 2 {
            let (block, _) = take(&mut pool, 1 << 16);
            give(&mut pool, block);
        }
        assert_eq!((pool.held, pool.used), (1 << 16, 0));
        pool.trimmed(0).into_iter().for_each(Free::back_to_system);
        assert_eq!((pool.held, pool.free.len()), (0, 0));
    }

    #[test]
    fn sizes_are_at_most_an_eighth_more_than_asked_for() {
        for bytes in [LEAST, LEAST + 1, 100_000, 262_144, 262_145, 33_554_433] {
            let size = size(bytes);
            assert!(bytes <= size && size <= bytes + bytes / SIZES + ALIGNMENT, "{size} for {bytes}");
        }
    }

    #[test]
    fn zeros_are_zeros_after_others_have_used_them() {
        for bytes in [LEAST, pages::LARGE - 1, pages::LARGE, 5 << 20].repeat(3) {
            let mut block = Block::zeros(bytes);
            assert!(block.bytes()[..bytes].iter().all(|byte| *byte == 0));
            assert_eq!(block.free.start().align_offset(ALIGNMENT), 0);
            block.bytes_mut().fill(7);
        }
        let block = Block::stale(LEAST);
        std::thread::spawn(move || drop(block)).join().unwrap();
    }
}
