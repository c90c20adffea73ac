//! Where the transformed values of tiles lie: `[point, row, values of a row]`, a point being one of the 36 products that a
//! tile is made of.

use crate::tensor::cpu::convolution::blocks::Block;

/// Products of a tile: 6 · 6.
pub(super) const POINTS: usize = 36;

/// Floats from one point's values to the next one's: whole lines of a cache and an odd number of them. At a multiple of the
/// page, all points of one place would share one set of the cache and push each other out.
pub(super) fn apart(values: usize) -> usize {
    (values.div_ceil(16) | 1) * 16
}

/// Floats that rows of so many blocks of outputs take: `[block, point, row, width]`.
pub(super) fn of_blocks(rows: usize, blocks: &[Block], lanes: usize) -> usize {
    blocks.iter().map(|block| POINTS * apart(rows * block.vectors * lanes)).sum()
}

/// Where a block of [`of_blocks`] begins: all before it are two vectors wide.
pub(super) fn block_start(number: usize, rows: usize, lanes: usize) -> usize {
    number * POINTS * apart(rows * 2 * lanes)
}
