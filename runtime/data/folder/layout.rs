//! Whether the folders of a data set are its splits or its classes. Names decide where they can. Where both readings
//! make sense the user has to say, since a wrong guess would train on something that was not meant.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    data::{OP, Split, counts::some},
    options::choices,
};

use super::{
    entries::{folders_in, has_pictures, holds_pictures},
    split_names::{self, Part},
};

choices! {
    /// What the folders of an image folder are.
    pub enum Layout of "images" "layout" {
        /// Splits where they are called like splits, classes where none is; what can be read either way is an error.
        #[default]
        Auto = "auto",
        /// Splits, whatever lies beside them.
        Splits = "splits",
        /// Classes, whatever they are called.
        Classes = "classes",
    }
}

/// A folder that is called like a part of a data set.
type Named = (Part, PathBuf);

/// What the folders of one data set are.
#[derive(Debug, PartialEq, Eq)]
pub enum Folders {
    /// Its classes.
    Classes,
    /// Its splits.
    Splits {
        /// The split that is asked for.
        own: PathBuf,
        /// The other one, if there is one.
        other: Option<PathBuf>,
        /// What is to be said of the choice.
        note: Option<String>,
    },
}

const BOTH_WAYS: &str =
    "layout = \"classes\" reads every folder as a class, layout = \"splits\" those called like splits only";

/// Decides what the folders of `root` are, for one of its splits.
///
/// # Errors
/// They can be read either way; the split is not there, or more than once.
pub fn decide(root: &Path, split: Split, layout: Layout) -> Result<Folders> {
    if layout == Layout::Classes {
        return Ok(Folders::Classes);
    }
    let (named, others) = by_part(root)?;
    if named.is_empty() && layout == Layout::Auto {
        return Ok(Folders::Classes);
    }
    if layout == Layout::Auto {
        let mut rivals = Vec::new();
        for folder in &others {
            if has_pictures(folder)? {
                rivals.push(folder.clone());
            }
        }
        if !rivals.is_empty() && !are_splits(&named)? {
            if let [(_, only)] = &named[..]
                && rivals.len() > 1
                && is_class(only)?
            {
                return Ok(Folders::Classes);
            }
            return Err(Error::data(OP, root, either_way(&named, &rivals)));
        }
    }
    let train = one_of(root, &named, &[Part::Train], Split::Train)?;
    let (test, note) = test_part(root, &named)?;
    let (own, other) = if split == Split::Train { (train, test) } else { (test, train) };
    match own {
        Some(own) => Ok(Folders::Splits { own, other, note }),
        None => {
            let wanted =
                if split == Split::Train { "train or training" } else { "test, testing, val, valid or validation" };
            let found = if named.is_empty() { "none".into() } else { list(named.iter().map(|(_, folder)| folder)) };
            let reason = format!("has no folder for the {split} split, called {wanted}; those of splits are: {found}");
            Err(Error::data(OP, root, reason))
        }
    }
}

/// The folders in `root` that are called like parts of a data set, and the others.
fn by_part(root: &Path) -> Result<(Vec<Named>, Vec<PathBuf>)> {
    let folders = folders_in(root)?;
    let names: Vec<String> = folders.iter().map(|folder| name(folder)).collect();
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for (folder, part) in folders.into_iter().zip(split_names::parts(&names)) {
        match part {
            Some(part) => named.push((part, folder)),
            None => others.push(folder),
        }
    }
    Ok((named, others))
}

/// Whether folders that are called like splits are splits without a doubt: what is learnt from and what is measured on
/// have a class in common.
fn are_splits(named: &[Named]) -> Result<bool> {
    let classes = |is_train: bool| -> Result<HashSet<String>> {
        let mut found = HashSet::new();
        for (_, folder) in named.iter().filter(|(part, _)| (*part == Part::Train) == is_train) {
            found.extend(folders_in(folder)?.iter().map(|class| name(class)));
        }
        Ok(found)
    };
    let (train, test) = (classes(true)?, classes(false)?);
    Ok(!train.is_disjoint(&test))
}

/// Whether a folder can be no split, as its pictures lie in itself.
fn is_class(folder: &Path) -> Result<bool> {
    Ok(holds_pictures(folder)? && folders_in(folder)?.is_empty())
}

/// The folder to measure on. In sets for competitions that of test has no classes, and that for validation has.
fn test_part(root: &Path, named: &[Named]) -> Result<(Option<PathBuf>, Option<String>)> {
    let test = one_of(root, named, &[Part::Test, Part::Validation], Split::Test)?;
    if let Some(flat) = &test
        && folders_in(flat)?.is_empty()
        && let Some(validation) = one_of(root, named, &[Part::Validation], Split::Test)?
        && !folders_in(&validation)?.is_empty()
    {
        let note = format!("{} has no class folders, so {} is for test", name(flat), name(&validation));
        return Ok((Some(validation), Some(note)));
    }
    Ok((test, None))
}

/// The folder of the first part in the list that has any. Several folders of that part are an error.
fn one_of(root: &Path, named: &[Named], parts: &[Part], split: Split) -> Result<Option<PathBuf>> {
    for part in parts {
        let of_part: Vec<&PathBuf> =
            named.iter().filter(|(other, _)| other == part).map(|(_, folder)| folder).collect();
        match of_part[..] {
            [] => {}
            [one] => return Ok(Some(one.clone())),
            _ => {
                let reason = format!(
                    "has several folders for the {split} split: {}; leave one, or pass layout = \"classes\" where \
                         these are classes",
                    list(of_part.into_iter())
                );
                return Err(Error::data(OP, root, reason));
            }
        }
    }
    Ok(None)
}

fn either_way(named: &[Named], rivals: &[PathBuf]) -> String {
    let splits = list(named.iter().map(|(_, folder)| folder));
    let are = if named.len() > 1 { "are called like splits" } else { "is called like a split" };
    format!("may have splits or classes: {splits} {are}, {} beside it not; {BOTH_WAYS}", list(rivals.iter()))
}

/// An error where a folder that is to be one class has splits in itself: it would mix them.
pub fn check_class(class: &Path) -> Result<()> {
    let (named, _) = by_part(class)?;
    let first = |is_train: bool| named.iter().find(|(part, _)| (*part == Part::Train) == is_train);
    let (Some((_, train)), Some((_, test))) = (first(true), first(false)) else { return Ok(()) };
    let reason = format!(
        "would be one class, but has the splits {} and {}; pass this folder itself, or layout = \"classes\" to mix \
             them",
        name(train),
        name(test)
    );
    Err(Error::data(OP, class, reason))
}

/// An error where a split has nothing but a folder that is called like the split itself, as archives often have.
pub fn check_split(split: &Path, classes: &[PathBuf]) -> Result<()> {
    let part = |folder: &Path| split_names::parts(&[name(folder)])[0];
    match classes {
        [only] if name(only) == name(split) || (part(only).is_some() && part(only) == part(split)) => {
            let reason = format!("has no folder but '{}'; the classes must lie one level higher", name(only));
            Err(Error::data(OP, split, reason))
        }
        _ => Ok(()),
    }
}

/// Whether two folders are one, by way of links.
pub fn is_same(left: &Path, right: &Path) -> bool {
    matches!((fs::canonicalize(left), fs::canonicalize(right)), (Ok(left), Ok(right)) if left == right)
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn list<'a>(folders: impl Iterator<Item = &'a PathBuf>) -> String {
    some(folders.map(|folder| name(folder)))
}
