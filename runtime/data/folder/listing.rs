//! Which files an image folder has: its classes, their images, and the part that each split takes.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    data::{
        ImageOptions, Layout, OP, Split, alike,
        counts::plural,
        decode::formats::{self, Named},
    },
};

use super::{
    entries::{Entry, entries, folders},
    layout::{self, Folders},
    left_out::LeftOut,
    walk::Walked,
};

/// The images of one split, class by class.
pub struct Listing {
    /// Names in label order.
    pub classes: Vec<String>,
    /// Files and their labels, sorted by class and then by path.
    pub files: Vec<(PathBuf, u32)>,
    /// What is no part of it.
    pub left: LeftOut,
    /// What else is to be said of it.
    pub notes: Vec<String>,
}

/// Where a folder has no splits of its own, every fifth image of a class, by name, is a test image.
const TEST_EVERY: usize = 5;

/// Lists the images of one split of `root`.
pub fn list(root: &Path, options: &ImageOptions) -> Result<Listing> {
    let mut left = LeftOut::default();
    let beside = folders(root, &mut left)?;
    match layout::decide(root, options.split, options.layout)? {
        Folders::Classes => list_flat(root, options, left),
        Folders::Splits { own, other, note } => {
            for folder in beside.iter().filter(|folder| **folder != own && Some(*folder) != other.as_ref()) {
                left.folder(folder, "of neither split");
            }
            list_split(&own, other.as_deref(), options, left, Vec::from_iter(note))
        }
    }
}

fn list_split(
    own: &Path,
    other: Option<&Path>,
    options: &ImageOptions,
    mut left: LeftOut,
    mut notes: Vec<String>,
) -> Result<Listing> {
    let classes = class_folders(own, &mut left)?;
    if options.layout == Layout::Auto {
        layout::check_split(own, &classes)?;
        classes.iter().try_for_each(|class| layout::check_class(class))?;
    }
    let others = match other {
        Some(other) => folders(other, &mut LeftOut::default())?,
        None => Vec::new(),
    };
    let names = match other {
        Some(other) => shared_names(&classes, &others, [own, other], &mut notes)?,
        None => names(&classes),
    };
    let labels: HashMap<&OsStr, u32> = names.iter().map(OsString::as_os_str).zip(0..).collect();
    let (mut files, mut walked) = (Vec::new(), Walked::default());
    for folder in classes {
        let label = folder.file_name().and_then(|name| labels.get(name));
        let label = *label.expect("the names hold those of every folder of this split");
        let images = walked.images_below(&folder, label, &mut left)?;
        files.extend(images.into_iter().map(|path| (path, label)));
    }
    if let Some(other) = other {
        if layout::is_same(own, other) {
            notes.push(format!("{} is the same folder as {}", own.display(), other.display()));
        } else {
            notes.extend(walked.shared_with(other, &others)?);
        }
    }
    Listing::new(own, &names, files, left, notes)
}

fn list_flat(root: &Path, options: &ImageOptions, left: LeftOut) -> Result<Listing> {
    let (split, mut left) = (options.split, left);
    // What lies beside the classes has been counted.
    let classes = class_folders(root, &mut LeftOut::default())?;
    if options.layout == Layout::Auto {
        classes.iter().try_for_each(|class| layout::check_class(class))?;
    }
    let (mut files, mut walked) = (Vec::new(), Walked::default());
    for (label, folder) in (0..).zip(&classes) {
        let images = walked.images_below(folder, label, &mut left)?;
        let count = images.len();
        if split == Split::Test && count < TEST_EVERY {
            let reason =
                format!("has {}; without a test folder, every {TEST_EVERY}th is a test image", plural(count, "image"));
            return Err(Error::data(OP, folder, reason));
        }
        let is_test = |position: usize| position % TEST_EVERY == TEST_EVERY - 1;
        let of_split = images.into_iter().enumerate().filter(|(at, _)| is_test(*at) == (split == Split::Test));
        files.extend(of_split.map(|(_, path)| (path, label)));
    }
    let notes = vec![format!("no folders for splits, so every {TEST_EVERY}th image of a class is for test")];
    Listing::new(root, &names(&classes), files, left, notes)
}

impl Listing {
    fn new(
        root: &Path,
        names: &[OsString],
        files: Vec<(PathBuf, u32)>,
        left: LeftOut,
        mut notes: Vec<String>,
    ) -> Result<Self> {
        let classes: Vec<String> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let mut known = HashSet::new();
        if let Some(twin) = classes.iter().find(|name| !known.insert(*name)) {
            let reason = format!("has two classes whose names are no UTF-8 and read '{twin}'; rename them");
            return Err(Error::data(OP, root, reason));
        }
        if let Some((one, two)) = alike::find(&classes) {
            notes.push(format!("classes that may be one: {}", alike::describe(one, two)));
        }
        Ok(Self { classes, files, left, notes })
    }
}

/// The class folders of one split, sorted by name.
fn class_folders(folder: &Path, left: &mut LeftOut) -> Result<Vec<PathBuf>> {
    let classes = folders(folder, left)?;
    if classes.is_empty() {
        let pictures = |entry: &&Entry| matches!(formats::named(&entry.path), Named::Image | Named::Unread(_));
        let reason = match entries(folder, &mut LeftOut::default())?.iter().filter(pictures).count() {
            0 => "has no class folders".to_owned(),
            count => {
                format!("has {} but no class folders; an image's class is its folder", plural(count, "image"))
            }
        };
        return Err(Error::data(OP, folder, reason));
    }
    Ok(classes)
}

/// Both splits count classes alike: by the names of both. Only where they share none (as in few-shot sets, whose test
/// classes are new) does each count its own. A name that the other split has in another spelling is an error if the
/// splits share other names, and is only reported if not.
fn shared_names(
    own: &[PathBuf],
    other: &[PathBuf],
    roots: [&Path; 2],
    notes: &mut Vec<String>,
) -> Result<Vec<OsString>> {
    let (own, mut other) = (names(own), names(other));
    let is_shared = {
        let (ours, theirs): (HashSet<&OsString>, HashSet<&OsString>) = (own.iter().collect(), other.iter().collect());
        let is_shared = !ours.is_disjoint(&theirs);
        if let Some(twins) =
            twins(own.iter().filter(|name| !theirs.contains(name)), other.iter().filter(|name| !ours.contains(name)))
        {
            if is_shared {
                let reason = format!("its class and that of {} are probably one: {twins}", roots[1].display());
                return Err(Error::data(OP, roots[0], reason + "; rename one, or both splits count other classes"));
            }
            notes.push(format!("classes of the two splits that may be one: {twins}"));
        }
        is_shared
    };
    if !is_shared {
        return Ok(own);
    }
    other.extend(own);
    other.sort_unstable();
    other.dedup();
    Ok(other)
}

/// The first name of some that others have in another spelling, and how they differ.
fn twins<'a>(own: impl Iterator<Item = &'a OsString>, other: impl Iterator<Item = &'a OsString>) -> Option<String> {
    let readable = |name: &OsString| name.to_string_lossy().into_owned();
    let keyed = |name: String| (alike::key(&name), name);
    let other: HashMap<String, String> = other.map(|name| keyed(readable(name))).collect();
    own.map(readable).find_map(|name| other.get(&alike::key(&name)).map(|twin| alike::describe(&name, twin)))
}

fn names(folders: &[PathBuf]) -> Vec<OsString> {
    folders.iter().filter_map(|folder| folder.file_name().map(ToOwned::to_owned)).collect()
}
