//! The images below class folders, and which folders were walked for them: a link can lead into another class, or into
//! the other split.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    data::{
        OP,
        decode::formats::{self, Named, READ_NAMES},
    },
};

use super::{
    entries::{Entry, Kind, entries},
    left_out::LeftOut,
};

/// The folders of one split that were walked so far.
#[derive(Default)]
pub struct Walked {
    /// By where a folder lies in truth: how it was reached, and its label.
    folders: BTreeMap<PathBuf, (PathBuf, u32)>,
}

impl Walked {
    /// Every image at any depth below a class folder, sorted by path. Symbolic links are followed.
    ///
    /// # Errors
    /// There is no image; a link leads to a folder of another class, or back to a folder that it lies in.
    pub fn images_below(&mut self, class: &Path, label: u32, left: &mut LeftOut) -> Result<Vec<PathBuf>> {
        let (mut images, mut own) = (Vec::new(), LeftOut::default());
        self.collect(class, label, &mut Vec::new(), &mut images, &mut own)?;
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

    fn collect(
        &mut self,
        folder: &Path,
        label: u32,
        above: &mut Vec<PathBuf>,
        images: &mut Vec<PathBuf>,
        left: &mut LeftOut,
    ) -> Result<()> {
        let real = fs::canonicalize(folder).map_err(|source| Error::io(OP, folder, source))?;
        if above.contains(&real) {
            return Err(Error::data(OP, folder, "is a symbolic link to a folder that it lies in"));
        }
        match self.folders.get(&real) {
            Some((twin, of)) if *of != label => {
                let reason =
                    format!("is the same folder as {}, by a link; a folder can be one class only", twin.display());
                return Err(Error::data(OP, folder, reason));
            }
            _ => self.folders.insert(real.clone(), (folder.to_owned(), label)),
        };
        above.push(real);
        for Entry { path, kind } in entries(folder, left)? {
            match (kind, formats::named(&path)) {
                (Kind::Folder, _) => self.collect(&path, label, above, images, left)?,
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

    /// Remarks on folders that belong to the other split, too. Of the other split only the class folders are looked at,
    /// not where links below them lead: its images are listed when that split is read.
    pub fn shared_with(&self, other: &Path, classes: &[PathBuf]) -> Result<Option<String>> {
        let real = |folder: &Path| fs::canonicalize(folder).map_err(|source| Error::io(OP, folder, source));
        let mut theirs = HashSet::from([real(other)?]);
        for class in classes {
            // The others lie below the split.
            if fs::symlink_metadata(class).is_ok_and(|about| about.is_symlink()) {
                theirs.insert(real(class)?);
            }
        }
        let is_shared = |real: &Path| real.ancestors().any(|folder| theirs.contains(folder));
        let mut shared = self.folders.iter().filter(|(real, _)| is_shared(real)).map(|(_, (path, _))| path);
        let Some(first) = shared.next() else { return Ok(None) };
        let what = match shared.count() {
            0 => format!("1 folder is in both splits, so that test images are training images: {}", first.display()),
            more => format!(
                "{} folders are in both splits, so that test images are training images: {} and others",
                more + 1,
                first.display()
            ),
        };
        Ok(Some(what))
    }
}
