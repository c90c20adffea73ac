//! How much memory an adapter has. Of the APIs only Vulkan tells, and not through wgpu's own interface.

/// Bytes of the memory that is the device's own. None where the API does not tell.
#[cfg(any(windows, target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(super) fn of_device(adapter: &wgpu::Adapter) -> Option<u64> {
    // SAFETY: the guard is read from only; nothing behind it is destroyed or kept.
    let vulkan = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
    let instance = vulkan.shared_instance().raw_instance();
    // SAFETY: the physical device is the instance's own, and the guard keeps both alive.
    let heaps = unsafe { instance.get_physical_device_memory_properties(vulkan.raw_physical_device()) };
    // The flag DEVICE_LOCAL is the lowest bit.
    let own = heaps.memory_heaps_as_slice().iter().filter(|heap| heap.flags.as_raw() & 1 != 0);
    Some(own.map(|heap| heap.size).sum())
}

/// None: the APIs of this platform do not tell.
#[cfg(not(any(windows, target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(super) fn of_device(_: &wgpu::Adapter) -> Option<u64> {
    None
}
