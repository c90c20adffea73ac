//! Which files an image folder has: its classes, their images, and the part that each split takes.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    data::{
        ImageOptions, Layout, OP, Split, alike,
        decode::formats::{self, Named, READ_NAMES},
        found::plural,
    },
};

use super::{
    entries::{Entry, Kind, entries, folders},
    layout::{self, Plan},
    left_out::LeftOut,
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
        Plan::Classes => list_flat(root, options, left),
        Plan::Splits { own, other } => {
            for folder in beside.iter().filter(|folder| **folder != own && Some(*folder) != other.as_ref()) {
                left.folder(folder, "of neither split");
            }
            list_split(&own, other.as_deref(), options, left)
        }
    }
}

fn list_split(own: &Path, other: Option<&Path>, options: &ImageOptions, mut left: LeftOut) -> Result<Listing> {
    let classes = class_folders(own, &mut left)?;
    let mut notes = Vec::new();
    if options.layout == Layout::Auto {
        layout::check_split(own, &classes)?;
        classes.iter().try_for_each(|class| layout::check_class(class))?;
    }
    let names = match other {
        Some(other) => {
            if layout::is_same(own, other) {
                notes.push(format!("{} is the same folder as {}", own.display(), other.display()));
            }
            shared_names(&classes, &folders(other, &mut LeftOut::default())?, own, other)?
        }
        None => names(&classes),
    };
    let mut files = Vec::new();
    for folder in classes {
        let label = names.iter().position(|name| Some(name.as_os_str()) == folder.file_name());
        let label = label.expect("the names hold those of every folder of this split") as u32;
        files.extend(images_below(&folder, &mut left)?.into_iter().map(|path| (path, label)));
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
    let mut files = Vec::new();
    for (label, folder) in classes.iter().enumerate() {
        let images = images_below(folder, &mut left)?;
        let count = images.len();
        if split == Split::Test && count < TEST_EVERY {
            let reason =
                format!("has {}; without a test folder, every {TEST_EVERY}th is a test image", plural(count, "image"));
            return Err(Error::data(OP, folder, reason));
        }
        let is_test = |position: usize| position % TEST_EVERY == TEST_EVERY - 1;
        let of_split = images.into_iter().enumerate().filter(|(at, _)| is_test(*at) == (split == Split::Test));
        files.extend(of_split.map(|(_, path)| (path, label as u32)));
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
        if let Some(twin) = classes.iter().enumerate().find(|(at, name)| classes[..*at].contains(name)) {
            let reason = format!("has two classes whose names are no UTF-8 and read '{}'; rename them", twin.1);
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
    let is_link = |class: &PathBuf| fs::symlink_metadata(class).is_ok_and(|about| about.is_symlink());
    if classes.iter().any(is_link) {
        check_links(&classes)?;
    }
    Ok(classes)
}

/// An error where two classes are one folder, by way of a link.
fn check_links(classes: &[PathBuf]) -> Result<()> {
    let mut known: BTreeMap<PathBuf, &PathBuf> = BTreeMap::new();
    for class in classes {
        let real = fs::canonicalize(class).map_err(|source| Error::io(OP, class, source))?;
        if let Some(twin) = known.insert(real, class) {
            let reason = format!("is the same folder as {}, by a link; a folder can be one class only", twin.display());
            return Err(Error::data(OP, class, reason));
        }
    }
    Ok(())
}

/// Both splits count classes alike: by the names of both. Only where they share none (as in few-shot sets,
/// whose test classes are new) does each count its own. A name that the other split has in another spelling is an error.
fn shared_names(own: &[PathBuf], other: &[PathBuf], root: &Path, other_root: &Path) -> Result<Vec<OsString>> {
    let (own, mut other) = (names(own), names(other));
    let readable = |name: &OsString| name.to_string_lossy().into_owned();
    for name in own.iter().filter(|name| !other.contains(name)) {
        let (name, key) = (readable(name), alike::key(&readable(name)));
        let twin = other.iter().filter(|twin| !own.contains(twin)).map(readable).find(|twin| alike::key(twin) == key);
        if let Some(twin) = twin {
            let both = alike::describe(&name, &twin);
            let reason = format!("its class and that of {} are probably one: {both}", other_root.display());
            return Err(Error::data(OP, root, reason + "; rename one, or both splits count other classes"));
        }
    }
    if !own.iter().any(|name| other.contains(name)) {
        return Ok(own);
    }
    other.extend(own);
    other.sort_unstable();
    other.dedup();
    Ok(other)
}

/// Every image at any depth below a class folder, sorted by path. Symbolic links are followed.
fn images_below(class: &Path, left: &mut LeftOut) -> Result<Vec<PathBuf>> {
    let (mut images, mut own) = (Vec::new(), LeftOut::default());
    collect(class, &mut Vec::new(), &mut images, &mut own)?;
    if images.is_empty() {
        let reason = match own.describe().join(", ") {
            found if found.is_empty() => "has no images".to_owned(),
            found => format!("has no images that can be read, only {found}"),
        };
        return Err(Error::data(OP, class, format!("{reason}; read are {READ_NAMES}")));
    }
    left.extend(own);
    images.sort_unstable();
    Ok(images)
}

fn collect(folder: &Path, above: &mut Vec<PathBuf>, images: &mut Vec<PathBuf>, left: &mut LeftOut) -> Result<()> {
    let real = fs::canonicalize(folder).map_err(|source| Error::io(OP, folder, source))?;
    if above.contains(&real) {
        return Err(Error::data(OP, folder, "is a symbolic link to a folder that it lies in"));
    }
    above.push(real);
    for Entry { path, kind } in entries(folder, left)? {
        match (kind, formats::named(&path)) {
            (Kind::Folder, _) => collect(&path, above, images, left)?,
            (_, Named::Image) => images.push(path),
            // It may be that of a folder of images: whoever decodes it says what is wrong.
            (Kind::Broken, Named::Other(extension)) if extension.is_empty() => images.push(path),
            (Kind::Broken, _) => left.link(),
            (Kind::File, Named::Unread(extension)) => left.unread(extension),
            (Kind::File, Named::Other(extension)) => left.other(extension),
        }
    }
    above.pop();
    Ok(())
}

fn names(folders: &[PathBuf]) -> Vec<OsString> {
    folders.iter().filter_map(|folder| folder.file_name().map(ToOwned::to_owned)).collect()
}
