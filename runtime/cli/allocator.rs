//! How this process's allocator keeps memory. The library leaves that to the process that it lives in.

/// Lets glibc keep freed memory of some size instead of giving it back after every operation: the system would find and
/// clear the same pages for the next one. Other allocators are left alone.
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it sets numbers of the allocator, before there is a second thread.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

/// Allocations from here on are mapped one by one, and go back when they are freed. glibc takes no more than that. Large
/// results of the library's own kernels never come here.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED: i32 = 32 << 20;

/// Free memory at the end of the heap that is kept.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: i32 = 512 << 20;
