//! A user whom a folder can be forbidden: root is none.

use std::{
    fs, io,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
};

/// Nobody, on every Unix.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The program as a user who is not root.
pub fn unprivileged() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Whether such a user can reach the program and its scripts.
pub fn are_there() -> bool {
    let check = unprivileged().args(["check", &super::script(), "--device", "cpu"]).output();
    check.is_ok_and(|output| output.status.success())
}

pub fn open_to_all(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777))
}

pub fn forbid(folder: &Path, is_forbidden: bool) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(if is_forbidden { 0o555 } else { 0o777 }))
}
