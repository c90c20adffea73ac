//! Waiting until somebody saves a file.

use std::{path::Path, sync::mpsc, time::Duration};

use notify::{RecursiveMode, Watcher};

use crate::{Error, Result};

/// Editors write a file in several events; so long nothing more must come.
const SETTLED: Duration = Duration::from_millis(100);

/// Returns once a Lua file in the script's folder, or below it, has been saved.
///
/// # Errors
/// The folder cannot be watched.
pub fn wait_for_change(script: &Path) -> Result<()> {
    let folder = match script.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |error: notify::Error| Error::State { op: "watch", reason: format!("{}: {error}", folder.display()) };
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let saved = event.is_ok_and(|event| {
            !event.kind.is_access() && event.paths.iter().any(|path| path.extension().is_some_and(|end| end == "lua"))
        });
        if saved {
            // Nobody listens any more once the wait is over.
            let _ = sender.send(());
        }
    })
    .map_err(failed)?;
    watcher.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
    let _ = events.recv();
    while events.recv_timeout(SETTLED).is_ok() {}
    Ok(())
}
