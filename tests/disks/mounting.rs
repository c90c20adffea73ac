//! Mounts, where they are allowed: on Linux to root.

use std::{path::Path, process::Command};

use libtest_mimic::Failed;

pub fn is_allowed() -> bool {
    let Ok(folder) = tempfile::tempdir() else { return false };
    let is_allowed = cfg!(target_os = "linux") && mount(&["-t", "tmpfs", "tmpfs"], folder.path()).is_ok();
    if is_allowed {
        unmount(folder.path());
    }
    is_allowed
}

pub fn mount(arguments: &[&str], place: &Path) -> Result<(), Failed> {
    let output = Command::new("mount").args(arguments).arg(place).output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned().into()) }
}

pub fn unmount(place: &Path) {
    // Whoever still uses it does so until its end.
    let _ = Command::new("umount").arg("-l").arg(place).status();
}
