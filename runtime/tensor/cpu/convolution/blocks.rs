//! Weights in the order in which products read them: `[block][tap][source][outputs of the block]`. A block is two vectors
//! of outputs wide, the last one or two, filled up with zeros.

use rayon::prelude::*;

use crate::tensor::cpu::buffer::Buffer;

/// Outputs that a product makes side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// The first.
    pub start: usize,
    /// How many there are.
    pub count: usize,
    /// Vectors that hold them: 1 or 2.
    pub vectors: usize,
}

/// The blocks of a number of outputs.
pub(super) fn blocks(outputs: usize, lanes: usize) -> Vec<Block> {
    let starts = (0..outputs).step_by(2 * lanes);
    let block = |start: usize| {
        let count = (outputs - start).min(2 * lanes);
        Block { start, count, vectors: count.div_ceil(lanes) }
    };
    starts.map(block).collect()
}

/// A weight `[O, C, taps]`, and which way it is gone through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight<'a> {
    pub values: &'a [f32],
    pub outputs: usize,
    pub channels: usize,
    pub taps: usize,
    /// From outputs to channels, for a gradient, and not from channels to outputs.
    pub is_back: bool,
}

impl Weight<'_> {
    /// What is summed over.
    pub fn sources(&self) -> usize {
        if self.is_back { self.outputs } else { self.channels }
    }

    /// What is made.
    pub fn targets(&self) -> usize {
        if self.is_back { self.channels } else { self.outputs }
    }

    /// From a source, and from a target, to the next.
    pub fn steps(&self) -> [usize; 2] {
        let (of_output, of_channel) = (self.channels * self.taps, self.taps);
        if self.is_back { [of_output, of_channel] } else { [of_channel, of_output] }
    }

    /// The whole, with its taps in an order.
    pub fn packed(&self, order: &[usize], lanes: usize) -> Buffer {
        let (sources, [source_step, target_step]) = (self.sources(), self.steps());
        let blocks = blocks(self.targets(), lanes);
        let size = |vectors: usize| self.taps * sources * vectors * lanes;
        let mut packed = Buffer::stale(blocks.iter().map(|block| size(block.vectors)).sum());
        packed.par_chunks_mut(size(2)).zip(&blocks).for_each(|(packed, block)| {
            let width = block.vectors * lanes;
            if block.count < width {
                packed.fill(0.0);
            }
            for source in 0..sources {
                for target in 0..block.count {
                    let from = source * source_step + (block.start + target) * target_step;
                    let from = &self.values[from..from + self.taps];
                    for (place, tap) in order.iter().enumerate() {
                        packed[(place * sources + source) * width + target] = from[*tap];
                    }
                }
            }
        });
        packed
    }
}

/// One value for each output, filled up so that a vector can be loaded from every place where a block's begins.
pub(super) fn padded(values: &[f32], lanes: usize) -> Vec<f32> {
    let mut padded = values.to_vec();
    padded.resize(values.len().next_multiple_of(2 * lanes), 0.0);
    padded
}
