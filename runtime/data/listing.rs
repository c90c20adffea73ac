//! Which files an image folder has: its classes, their images, and the part that each split takes.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Result};

use super::{OP, Split, decode::EXTENSIONS};

/// The images of one split, class by class.
pub struct Listing {
    /// Names in label order.
    pub classes: Vec<String>,
    /// Files and their labels, sorted by class and then by path.
    pub files: Vec<(PathBuf, u32)>,
}

/// Where a folder has no splits of its own, every fifth image of a class, by name, is a test image.
const TEST_EVERY: usize = 5;

/// Lists the images of one split of `root`.
pub fn list(root: &Path, split: Split) -> Result<Listing> {
    let has = |name: &str| root.join(name).is_dir();
    if !has("train") && !has("test") {
        return list_flat(root, split);
    }
    let (own, other) = match split {
        Split::Train => (["train"].as_slice(), ["test", "val", "valid"].as_slice()),
        Split::Test => (["test", "val", "valid"].as_slice(), ["train"].as_slice()),
    };
    let find = |names: &[&str]| names.iter().find(|name| has(name)).map(|name| root.join(name));
    let Some(own) = find(own) else {
        let reason = format!("has no folder for the {split} split; looked for {}", own.join(", "));
        return Err(Error::data(OP, root, reason));
    };
    let folders = class_folders(&own)?;
    let names = match find(other) {
        Some(other) => shared_names(&folders, &class_folders(&other)?),
        None => names(&folders),
    };
    let mut files = Vec::new();
    for folder in folders {
        let label = names.iter().position(|name| Some(name.as_os_str()) == folder.file_name());
        let label = label.expect("the names hold those of every folder of this split") as u32;
        files.extend(images_below(&folder)?.into_iter().map(|path| (path, label)));
    }
    Ok(Listing { classes: readable(&names), files })
}

fn list_flat(root: &Path, split: Split) -> Result<Listing> {
    let folders = class_folders(root)?;
    let mut files = Vec::new();
    for (label, folder) in folders.iter().enumerate() {
        let images = images_below(folder)?;
        let count = images.len();
        if split == Split::Test && count < TEST_EVERY {
            let reason = format!("has {count} images; without a test folder, every {TEST_EVERY}th is a test image");
            return Err(Error::data(OP, folder, reason));
        }
        let is_test = |position: usize| position % TEST_EVERY == TEST_EVERY - 1;
        let of_split = images.into_iter().enumerate().filter(|(at, _)| is_test(*at) == (split == Split::Test));
        files.extend(of_split.map(|(_, path)| (path, label as u32)));
    }
    Ok(Listing { classes: readable(&names(&folders)), files })
}

/// The class folders of one split, sorted by name.
fn class_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let (folders, files): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|entry| entry.is_folder);
    if folders.is_empty() {
        let reason = match files.iter().filter(|file| is_image(&file.path)).count() {
            0 => "has no class folders".to_owned(),
            count => format!("has {count} images but no class folders; an image's class is its folder"),
        };
        return Err(Error::data(OP, folder, reason));
    }
    Ok(folders.into_iter().map(|entry| entry.path).collect())
}

/// Both splits count classes alike: by the names of both. Only where they share none (as in few-shot sets,
/// whose test classes are new) does each count its own.
fn shared_names(own: &[PathBuf], other: &[PathBuf]) -> Vec<OsString> {
    let (own, mut other) = (names(own), names(other));
    if !own.iter().any(|name| other.contains(name)) {
        return own;
    }
    other.extend(own);
    other.sort_unstable();
    other.dedup();
    other
}

/// Every image at any depth below a class folder, sorted by path. Symbolic links are followed.
fn images_below(class: &Path) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    collect(class, &mut Vec::new(), &mut images)?;
    if images.is_empty() {
        return Err(Error::data(OP, class, format!("has no images ({})", EXTENSIONS.join(", "))));
    }
    images.sort_unstable();
    Ok(images)
}

fn collect(folder: &Path, above: &mut Vec<PathBuf>, images: &mut Vec<PathBuf>) -> Result<()> {
    let real = fs::canonicalize(folder).map_err(|source| Error::io(OP, folder, source))?;
    if above.contains(&real) {
        return Err(Error::data(OP, folder, "is a symbolic link to a folder that it lies in"));
    }
    above.push(real);
    for Entry { path, is_folder } in entries(folder)? {
        if is_folder {
            collect(&path, above, images)?;
        } else if is_image(&path) {
            images.push(path);
        }
    }
    above.pop();
    Ok(())
}

/// One thing in a folder.
struct Entry {
    path: PathBuf,
    is_folder: bool,
}

/// What a folder holds, sorted by name, without what is hidden.
fn entries(folder: &Path) -> Result<Vec<Entry>> {
    let refused = |source| Error::io(OP, folder, source);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(refused)?);
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        // macOS archives carry a shadow of every file in __MACOSX.
        if !name.starts_with(b".") && name != b"__MACOSX" {
            let is_folder = if kind.is_symlink() { path.is_dir() } else { kind.is_dir() };
            entries.push(Entry { path, is_folder });
        }
    }
    entries.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    Ok(entries)
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

fn names(folders: &[PathBuf]) -> Vec<OsString> {
    folders.iter().filter_map(|folder| folder.file_name().map(OsStr::to_owned)).collect()
}

fn readable(names: &[OsString]) -> Vec<String> {
    names.iter().map(|name| name.to_string_lossy().into_owned()).collect()
}
