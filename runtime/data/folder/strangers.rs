//! Files and folders that other programs and systems leave among images, and that are no part of a data set.

/// Their names, in lower case. Those that begin with a dot are hidden anyway. A name that a class or an image may have
/// (`Recycled` among kinds of waste, `favicon.ico` among logos) is not listed: people notice an image too many, but not
/// a class too few.
const NAMES: [&str; 27] = [
    // Synology and QNAP disks.
    "@eadir",
    "@tmp",
    "@recycle",
    "@recently-snapshot",
    "@transcode",
    "@thumb",
    "#recycle",
    "#snapshot",
    // Windows.
    "$recycle.bin",
    "$extend",
    "system volume information",
    "found.000",
    "thumbs.db",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "desktop.ini",
    "autorun.inf",
    // macOS and its archives.
    "__macosx",
    "network trash folder",
    "temporary items",
    "icon\r",
    // Unix.
    "lost+found",
    "nohup.out",
    // Programs.
    "__pycache__",
    "picasa.ini",
    "zbthumbnail.info",
    "_gsdata_",
];

/// What something in a folder is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user's own.
    Own,
    /// Hidden: its name begins with a dot.
    Hidden,
    /// Of another program.
    Stranger,
}

/// What something in a folder is by its name.
pub fn origin(name: &str) -> Origin {
    let name = name.to_lowercase();
    // macOS writes a shadow, ._a.jpg, of every a.jpg on foreign disks; office programs a lock, ~$a.
    if NAMES.contains(&name.as_str()) || name.starts_with("._") || name.starts_with("~$") || name == ".ds_store" {
        return Origin::Stranger;
    }
    if name.starts_with('.') { Origin::Hidden } else { Origin::Own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_programs_are_known_in_any_case() {
        for name in
            ["@eaDir", "#recycle", "__MACOSX", "Thumbs.db", "$RECYCLE.BIN", "lost+found", "._a.jpg", ".DS_Store"]
        {
            assert_eq!(origin(name), Origin::Stranger, "{name}");
        }
        for name in [".thumbnails", ".ipynb_checkpoints", ".a.png"] {
            assert_eq!(origin(name), Origin::Hidden, "{name}");
        }
        for name in
            ["cat", "@home", "#1", "icon", "Recycled", "RECYCLER", "favicon.ico", "folder.ico", "a.ini", "_", "thumbs"]
        {
            assert_eq!(origin(name), Origin::Own, "{name}");
        }
    }
}
