//! What a folder holds, without what is hidden or of another program, and where links lead.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    data::{
        OP,
        decode::{
            broken_link,
            formats::{self, Named},
        },
    },
};

use super::{
    left_out::LeftOut,
    strangers::{self, Origin},
};

/// One thing in a folder.
pub struct Entry {
    pub path: PathBuf,
    pub kind: Kind,
}

/// What it is. Links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Folder,
    File,
    /// A link that leads nowhere.
    Broken,
}

/// What a folder holds, sorted by name.
pub fn entries(folder: &Path, left: &mut LeftOut) -> Result<Vec<Entry>> {
    let refused = |source| Error::io(OP, folder, source);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        match strangers::origin(&name) {
            Origin::Hidden => left.hidden(),
            Origin::Stranger => left.stranger(&name),
            Origin::Own => {
                let path = entry.path();
                let kind = kind(&path, entry.file_type().map_err(refused)?)?;
                entries.push(Entry { path, kind });
            }
        }
    }
    entries.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    Ok(entries)
}

fn kind(path: &Path, kind: fs::FileType) -> Result<Kind> {
    if !kind.is_symlink() {
        return Ok(if kind.is_dir() { Kind::Folder } else { Kind::File });
    }
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Ok(Kind::Folder),
        Ok(_) => Ok(Kind::File),
        // What may not be looked at is there.
        Err(source) if source.kind() == io::ErrorKind::PermissionDenied => Err(Error::io(OP, path, source)),
        Err(_) => Ok(Kind::Broken),
    }
}

/// The folders in a folder of splits or classes; what lies beside them is left out. A link that leads nowhere is an
/// error here unless its name is that of a file: it may have been one of them.
pub fn folders(folder: &Path, left: &mut LeftOut) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for Entry { path, kind } in entries(folder, left)? {
        match (kind, formats::named(&path)) {
            (Kind::Folder, _) => folders.push(path),
            (Kind::Broken, named) if is_of_file(&named) => left.link(),
            (Kind::Broken, _) => {
                let reason = broken_link(&path).unwrap_or_else(|| "leads nowhere".into());
                return Err(Error::data(OP, path, reason + "; mend or remove it"));
            }
            (Kind::File, Named::Image) => left.loose(),
            (Kind::File, Named::Unread(extension)) => left.unread(extension),
            (Kind::File, Named::Other(extension)) => left.other(extension),
        }
    }
    Ok(folders)
}

/// Whether a name is that of a file rather than of a folder. What follows the dot of `v1.2` is no extension.
fn is_of_file(named: &Named) -> bool {
    let Named::Other(extension) = named else { return true };
    extension.starts_with(|first: char| first.is_alphabetic())
}

/// The folders in a folder.
pub fn folders_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = entries(folder, &mut LeftOut::default())?.into_iter();
    Ok(entries.filter(|entry| entry.kind == Kind::Folder).map(|entry| entry.path).collect())
}

/// Whether there is a picture at any depth below a folder, in whatever format.
pub fn has_pictures(folder: &Path) -> Result<bool> {
    search(folder, &mut Vec::new())
}

fn search(folder: &Path, above: &mut Vec<PathBuf>) -> Result<bool> {
    let real = fs::canonicalize(folder).map_err(|source| Error::io(OP, folder, source))?;
    if above.contains(&real) {
        return Ok(false);
    }
    let entries = entries(folder, &mut LeftOut::default())?;
    if entries.iter().any(is_picture) {
        return Ok(true);
    }
    above.push(real);
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Folder) {
        if search(&entry.path, above)? {
            return Ok(true);
        }
    }
    above.pop();
    Ok(false)
}

/// Whether pictures lie in a folder itself.
pub fn holds_pictures(folder: &Path) -> Result<bool> {
    Ok(entries(folder, &mut LeftOut::default())?.iter().any(is_picture))
}

fn is_picture(entry: &Entry) -> bool {
    entry.kind != Kind::Folder && !matches!(formats::named(&entry.path), Named::Other(_))
}
