//! How much memory an adapter has. Only Vulkan reports it, and not through wgpu's own interface.

/// Bytes of the memory that is the device's own. None where the API does not tell.
#[cfg(any(windows, target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(super) fn of_device(adapter: &wgpu::Adapter) -> Option<u64> {
    // SAFETY: the guard is read from only; nothing behind it is destroyed or kept.
    let vulkan = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
    let instance = vulkan.shared_instance().raw_instance();
    // SAFETY: the physical device is the instance's own, and the guard keeps both alive.
    let heaps = unsafe { instance.get_physical_device_memory_properties(vulkan.raw_physical_device()) };
    largest_own(heaps.memory_heaps_as_slice().iter().map(|heap| (heap.size, heap.flags.as_raw())))
}

/// The largest of the heaps that are the device's own, of each heap's bytes and flags. Others beside it are parts of
/// the same memory, such as the window through which the processor reaches an NVIDIA card's.
#[cfg(any(windows, target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn largest_own(heaps: impl Iterator<Item = (u64, u32)>) -> Option<u64> {
    // The flag DEVICE_LOCAL is the lowest bit.
    heaps.filter(|(_, flags)| flags & 1 != 0).map(|(bytes, _)| bytes).max()
}

/// None: the APIs of this platform do not tell.
#[cfg(not(any(windows, target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(super) fn of_device(_: &wgpu::Adapter) -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_window_into_the_devices_memory_is_not_counted_beside_it() {
        // An NVIDIA card of 8 GiB: its memory, the machine's, the window of 256 MiB.
        assert_eq!(largest_own([(8 << 30, 1), (32 << 30, 0), (256 << 20, 1)].into_iter()), Some(8 << 30));
        assert_eq!(largest_own([(32 << 30, 0)].into_iter()), None);
    }
}
