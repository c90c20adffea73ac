//! The memory that a result is written into, before it is a tensor: that of a tensor which is gone, where it is large.

use std::{
    mem::MaybeUninit,
    ops::{Deref, DerefMut},
};

use burn_std::{AccessError, AccessPolicy, AllocationController, AllocationProperty, Bytes};

use crate::memory::{Block, LEAST};

/// Floats that a kernel fills.
pub(in crate::tensor) struct Buffer(Memory);

enum Memory {
    List(Vec<f32>),
    Block { block: Block, len: usize },
}

impl Buffer {
    /// Floats with arbitrary values, for a kernel that writes every one.
    pub fn stale(len: usize) -> Self {
        Self::of(len, Block::stale)
    }

    /// Zeros.
    pub fn zeros(len: usize) -> Self {
        Self::of(len, Block::zeros)
    }

    fn of(len: usize, block: fn(usize) -> Block) -> Self {
        let bytes = len * size_of::<f32>();
        Self(if bytes < LEAST { Memory::List(vec![0.0; len]) } else { Memory::Block { block: block(bytes), len } })
    }

    /// As a tensor's memory, which is used again once the tensor is gone.
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Memory::List(values) => Bytes::from_elems(values),
            Memory::Block { block, len } => {
                // SAFETY: the block has at least so many bytes, all initialised.
                unsafe { Bytes::from_controller(Box::new(Lent(block)), len * size_of::<f32>()) }
            }
        }
    }
}

impl From<Vec<f32>> for Buffer {
    fn from(values: Vec<f32>) -> Self {
        Self(Memory::List(values))
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &self.0 {
            Memory::List(values) => values,
            Memory::Block { block, len } => &bytemuck::cast_slice(block.bytes())[..*len],
        }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        match &mut self.0 {
            Memory::List(values) => values,
            Memory::Block { block, len } => &mut bytemuck::cast_slice_mut(block.bytes_mut())[..*len],
        }
    }
}

/// A block below Burn's tensors. A clone of one is an allocation of Burn's own, and nobody can detach it as a `Vec`.
struct Lent(Block);

impl AllocationController for Lent {
    fn alloc_align(&self) -> usize {
        // Burn's largest; a block's is larger.
        align_of::<u128>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Native
    }

    unsafe fn memory_mut(&mut self, _: AccessPolicy) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        let bytes = self.0.bytes_mut();
        // SAFETY: both have one layout, and the caller writes initialised bytes only.
        Ok(unsafe { &mut *(std::ptr::from_mut(bytes) as *mut [MaybeUninit<u8>]) })
    }

    fn memory(&self, _: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let bytes = self.0.bytes();
        // SAFETY: both have one layout, and through a shared slice nobody writes.
        Ok(unsafe { &*(std::ptr::from_ref(bytes) as *const [MaybeUninit<u8>]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_buffer_is_written_read_cloned_and_copied_out_as_bytes() {
        for len in [3, 100_000, 1_000_000] {
            let mut buffer = Buffer::stale(len);
            buffer.fill(2.5);
            let mut bytes = buffer.into_bytes();
            assert_eq!(bytes.len(), len * 4);
            let clone = bytes.clone();
            bytemuck::cast_slice_mut::<u8, f32>(&mut bytes)[1] = 7.0;
            assert_eq!(bytemuck::cast_slice::<u8, f32>(&bytes)[..3], [2.5, 7.0, 2.5]);
            assert_eq!(bytemuck::cast_slice::<u8, f32>(&clone)[..3], [2.5; 3]);
            bytes.extend_from_byte_slice(&[0; 4]);
            assert_eq!(bytes.len(), len * 4 + 4);
            assert_eq!(Buffer::zeros(len).iter().sum::<f32>(), 0.0);
        }
    }
}
