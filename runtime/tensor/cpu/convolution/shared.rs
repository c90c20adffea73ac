//! Memory that several tasks write into at once, each into places of its own.

/// The start of a result. Whoever makes it keeps the result borrowed for as long as tasks run.
#[derive(Clone, Copy)]
pub(super) struct Shared(*mut f32);

// SAFETY: tasks write into places of their own, and nobody reads before they are done.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    pub fn new(result: &mut [f32]) -> Self {
        Self(result.as_mut_ptr())
    }

    /// The place so many floats from the start.
    #[inline(always)]
    pub fn at(self, offset: usize) -> *mut f32 {
        self.0.wrapping_add(offset)
    }

    /// Floats from a place on.
    ///
    /// # Safety
    /// They lie in the result, and no other task has them.
    pub unsafe fn slice<'a>(self, offset: usize, len: usize) -> &'a mut [f32] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.at(offset), len) }
    }
}
