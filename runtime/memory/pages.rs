//! Pages of memory that are asked of the system itself, and go back to it as a whole.

use std::ptr::NonNull;

/// What a large page has on most machines.
pub(super) const LARGE: usize = 2 << 20;

/// So many bytes, all 0, on a boundary of large pages; none where the system has no more memory, or is none that is asked
/// here.
#[cfg(unix)]
pub(super) fn map(bytes: usize) -> Option<NonNull<u8>> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    let wide = bytes + LARGE;
    // SAFETY: it is asked for anywhere, and of no file.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), wide, access, kind, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    let start = start.cast::<u8>();
    let before = start.align_offset(LARGE);
    // SAFETY: the two ends were mapped just now, and lie beside what stays.
    let start = unsafe {
        let (start, behind) = (start.add(before), LARGE - before);
        unmap_some(start.sub(before), before);
        unmap_some(start.add(bytes), behind);
        start
    };
    // A large page is found and cleared in one go. Where the system has none, nothing changes. None reaches into another
    // mapping, which begins on a boundary as well.
    #[cfg(target_os = "linux")]
    // SAFETY: it was mapped just now.
    unsafe {
        libc::madvise(start.cast(), bytes, libc::MADV_HUGEPAGE);
    }
    NonNull::new(start)
}

#[cfg(not(unix))]
pub(super) fn map(_: usize) -> Option<NonNull<u8>> {
    None
}

/// Gives back what [`map`] gave for so many bytes.
///
/// # Safety
/// Nobody uses them from here on.
pub(super) unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
    // SAFETY: as promised.
    unsafe { unmap_some(start.as_ptr(), bytes) }
}

/// # Safety
/// They are pages of a mapping that nobody uses from here on, or none.
#[cfg_attr(not(unix), expect(unused_variables))]
unsafe fn unmap_some(start: *mut u8, bytes: usize) {
    #[cfg(unix)]
    if bytes > 0 {
        // SAFETY: as promised. What is refused stays mapped, unused.
        unsafe { libc::munmap(start.cast(), bytes) };
    }
}
