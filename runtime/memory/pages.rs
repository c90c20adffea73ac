//! Pages of memory that are asked of the system itself, and go back to it as a whole.

use std::ptr::NonNull;

/// What a large page has on most machines: a multiple of every ordinary page.
pub(super) const LARGE: usize = 2 << 20;

/// `bytes` zeroed bytes, whole pages, that begin on a page: on a large one's boundary if there are addresses to spare. None
/// where the system refuses, or is not Unix.
pub(super) fn map(bytes: usize) -> Option<NonNull<u8>> {
    let aligned = bytes.checked_add(LARGE).and_then(any).map(|start| {
        // SAFETY: so many more were mapped just now, and nobody uses them.
        unsafe { trimmed(start, bytes) }
    });
    let start = aligned.or_else(|| any(bytes))?;
    want_large(start, bytes);
    Some(start)
}

/// Gives back what [`map`] gave.
///
/// # Safety
/// `start` is what it gave for `bytes`, has not been given back, and nobody uses it from here on.
pub(super) unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
    // SAFETY: as promised.
    unsafe { give_back(start.as_ptr(), bytes) }
}

/// Zeroed bytes anywhere.
#[cfg(unix)]
fn any(bytes: usize) -> Option<NonNull<u8>> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: it is asked for anywhere, and of no file.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    if start == libc::MAP_FAILED { None } else { NonNull::new(start.cast()) }
}

#[cfg(not(unix))]
fn any(_: usize) -> Option<NonNull<u8>> {
    None
}

/// Gives back what lies around `bytes` bytes that begin on a large page's boundary.
///
/// # Safety
/// [`any`] gave [`LARGE`] more from `start` on, and nobody uses them.
unsafe fn trimmed(start: NonNull<u8>, bytes: usize) -> NonNull<u8> {
    let before = start.align_offset(LARGE);
    // SAFETY: as promised, and the two ends lie beside what stays.
    unsafe {
        let aligned = start.add(before);
        give_back(start.as_ptr(), before);
        give_back(aligned.add(bytes).as_ptr(), LARGE - before);
        aligned
    }
}

/// Asks for large pages where they fit. Each is found and cleared in one go, which may move pages of others; it lies inside
/// this mapping as a whole, and so goes back with it.
#[cfg(target_os = "linux")]
fn want_large(start: NonNull<u8>, bytes: usize) {
    // SAFETY: it says nothing of what the pages hold, which was mapped just now. Whether it is heeded is the system's.
    unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn want_large(_: NonNull<u8>, _: usize) {}

/// # Safety
/// They are whole pages of a mapping that nobody uses from here on, or none.
#[cfg(unix)]
unsafe fn give_back(start: *mut u8, bytes: usize) {
    if bytes == 0 {
        return;
    }
    // SAFETY: as promised.
    unsafe {
        // Refused where a mapping would fall in two, and there are as many as may be: then the addresses stay, and the
        // memory goes.
        if libc::munmap(start.cast(), bytes) != 0 {
            libc::madvise(start.cast(), bytes, libc::MADV_DONTNEED);
        }
    }
}

#[cfg(not(unix))]
unsafe fn give_back(_: *mut u8, _: usize) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn pages_are_zero_on_a_boundary_and_can_be_written_to_the_last_byte() {
        for bytes in [LARGE, LARGE + (128 << 10), 5 << 20] {
            let start = map(bytes).unwrap();
            assert_eq!(start.align_offset(LARGE), 0);
            // SAFETY: so many bytes were mapped, and nobody else has them.
            let all = unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), bytes) };
            assert!(all.iter().all(|byte| *byte == 0));
            all.fill(7);
            // SAFETY: they are not used any more.
            unsafe { unmap(start, bytes) };
        }
    }

    #[test]
    fn more_than_there_are_addresses_is_refused() {
        assert_eq!(map((isize::MAX as usize).next_power_of_two() - LARGE), None);
        assert_eq!(map(usize::MAX - (LARGE - 1)), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_given_back_takes_no_addresses() {
        let addresses = || {
            let status = std::fs::read_to_string("/proc/self/statm").unwrap();
            status.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 4096
        };
        let before = addresses();
        for _ in 0..10_000 {
            let bytes = LARGE + (128 << 10);
            let start = map(bytes).unwrap();
            // SAFETY: it is not used any more.
            unsafe { unmap(start, bytes) };
        }
        // Other tests take some meanwhile; the ends alone would be 20 GB.
        assert!(addresses() < before + (8 << 30));
    }
}
