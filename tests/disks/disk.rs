//! A small disk of its own.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use libtest_mimic::Failed;

use super::{Outcome, mounting};

/// A small disk of its own.
pub struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    pub fn mount(size: &str) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        mounting::mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], folder.path())?;
        Ok(Self { folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room that there is.
    pub fn fill(&self) {
        use std::io::Write;
        let file = fs::OpenOptions::new().create(true).append(true).open(self.path().join("filling"));
        let Ok(mut file) = file else { return };
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Keeps it full while something is done: the run gives room back when it fails to write.
    pub fn while_full<T>(&self, act: impl FnOnce() -> T) -> T {
        let is_over = AtomicBool::new(false);
        self.fill();
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    self.fill();
                    thread::sleep(Duration::from_millis(1));
                }
            });
            let done = act();
            is_over.store(true, Ordering::Relaxed);
            done
        })
    }

    pub fn make_room(&self) -> Outcome {
        Ok(fs::remove_file(self.path().join("filling"))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        mounting::unmount(self.path());
    }
}
