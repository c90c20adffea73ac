//! What drivers print of themselves while adapters are looked for.

/// Keeps Mesa's device selection layer silent: on a machine without a display it complains about that on the error
/// output, twice for each look at the adapters, and then selects nothing.
///
/// # Safety
/// It sets a variable of the environment, so no other thread may run yet.
pub unsafe fn silence_device_select() {
    let display = ["WAYLAND_DISPLAY", "DISPLAY", "XDG_RUNTIME_DIR"];
    if cfg!(target_os = "linux") && display.iter().all(|name| std::env::var_os(name).is_none()) {
        // SAFETY: the caller's.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}
