//! The versions of a script that a run has had: their files, copied into the run's folder, and when each took effect.

use std::{
    ffi::OsStr,
    fs,
    path::{Component, Path, PathBuf},
};

use similar::TextDiff;

use super::{
    checkpoints::checksum,
    journal::{Copied, Entry, Event},
    moment::Moment,
    write_atomically,
};
use crate::{Error, Result, files::regular};

/// A file that a script was loaded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// As it was opened.
    pub path: PathBuf,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// A version of a script, and its place in the run's own time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// 0 for the first, then counted in accepted edits.
    pub number: u64,
    /// Steps that were done when it took effect.
    pub step: u64,
    /// How often the training had been taken back by then.
    pub rewinds: u64,
    /// The values that options were set to from outside.
    pub set: Vec<(String, String)>,
    /// Its files, the script first.
    pub files: Vec<SourceFile>,
}

impl Version {
    /// When it took effect.
    pub fn moment(&self) -> Moment {
        Moment { rewinds: self.rewinds, step: self.step }
    }
}

/// The versions that a run's journal names from number `first` on, in order, their files read from the copies. A later
/// entry replaces earlier ones of the same number or a higher one: the run was taken up again before those, and edited.
///
/// # Errors
/// A copy cannot be read, or was altered.
pub fn read_versions(run: &Path, entries: &[Entry], first: u64) -> Result<Vec<Version>> {
    // First which, then their files: the copies of a version that another one has replaced are not needed any more.
    let mut found: Vec<(Version, Vec<&Copied>)> = Vec::new();
    for Entry { step, rewinds, event, .. } in entries {
        match event {
            Event::Version { version: number, set, files, .. } => {
                found.retain(|(version, _)| version.number < *number);
                let version =
                    Version { number: *number, step: *step, rewinds: *rewinds, set: set.clone(), files: Vec::new() };
                found.push((version, files.iter().collect()));
            }
            Event::Loaded { version, files } => {
                if let Some((_, copies)) = found.iter_mut().find(|(known, _)| known.number == *version) {
                    copies.extend(files);
                }
            }
            _ => {}
        }
    }
    let read = |(version, copies): (Version, Vec<&Copied>)| {
        let files = copies.into_iter().map(|file| read_copy(run, file)).collect::<Result<_>>()?;
        Ok(Version { files, ..version })
    };
    found.into_iter().filter(|(version, _)| version.number >= first).map(read).collect()
}

/// Whether the copy of a file is there as it was made.
pub fn is_whole(run: &Path, file: &Copied) -> bool {
    read_copy(run, file).is_ok()
}

fn read_copy(run: &Path, file: &Copied) -> Result<SourceFile> {
    let path = run.join(&file.copy);
    let damaged = |what: String| {
        Error::data("journal", &path, format!("{what}; `moonburn repair {}` puts back what can be", run.display()))
    };
    let bytes = regular::read(&path).map_err(|source| damaged(format!("cannot be read: {source}")))?;
    if checksum(&bytes) != file.sha256 {
        return Err(damaged("was altered: the journal has another checksum of it".into()));
    }
    Ok(SourceFile { path: file.path.clone(), bytes })
}

/// Copies files into `folder` of the run, by their names relative to `base`. A `..` in a name becomes the folder `up`,
/// so that no copy leaves the run's folder.
///
/// # Errors
/// The operating system refused.
pub fn copy_files(run: &Path, folder: &Path, base: &Path, files: &[SourceFile]) -> Result<Vec<Copied>> {
    let mut taken: Vec<PathBuf> = Vec::new();
    let mut copy = |file: &SourceFile| {
        let mut copy = folder.join(inside(file.path.strip_prefix(base).unwrap_or(&file.path)));
        // Two folders may have files of one name.
        while taken.contains(&copy) {
            copy.set_extension("2.lua");
        }
        taken.push(copy.clone());
        let path = run.join(&copy);
        let parent = path.parent().unwrap_or(run);
        fs::create_dir_all(parent).map_err(|source| Error::io("run", parent, source))?;
        write_atomically(&path, &file.bytes)?;
        Ok(Copied { path: file.path.clone(), sha256: checksum(&file.bytes), copy })
    };
    files.iter().map(&mut copy).collect()
}

fn inside(name: &Path) -> PathBuf {
    let kept = name.components().filter_map(|component| match component {
        Component::Normal(part) => Some(part),
        Component::ParentDir => Some(OsStr::new("up")),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    kept.collect()
}

/// What changed from one version's files to another's, as unified diffs.
pub fn diff(old: &[SourceFile], new: &[SourceFile]) -> String {
    let text = |files: &[SourceFile], path: &Path| {
        let file = files.iter().find(|file| file.path == path);
        file.map_or(String::new(), |file| String::from_utf8_lossy(&file.bytes).into_owned())
    };
    let mut paths: Vec<&Path> = old.iter().chain(new).map(|file| file.path.as_path()).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut diffs = String::new();
    for path in paths {
        let (old, new) = (text(old, path), text(new, path));
        if old != new {
            let name = path.display().to_string();
            diffs += &TextDiff::from_lines(&old, &new).unified_diff().header(&name, &name).to_string();
        }
    }
    diffs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.into(), bytes: text.into() }
    }

    #[test]
    fn a_diff_names_the_files_that_changed_and_no_others() {
        let old = [file("train.lua", "a\nb\n"), file("lib/same.lua", "x\n"), file("lib/gone.lua", "y\n")];
        let new = [file("train.lua", "a\nc\n"), file("lib/same.lua", "x\n")];
        let want = "--- lib/gone.lua\n+++ lib/gone.lua\n@@ -1 +0,0 @@\n-y\n--- train.lua\n+++ train.lua\n@@ -1,2 +1,2 \
             @@\n a\n-b\n+c\n";
        assert_eq!(diff(&old, &new), want);
    }

    #[test]
    fn a_later_entry_takes_the_place_of_those_that_it_overtook() {
        let run = tempfile::tempdir().unwrap();
        let copies = |folder: &str, text: &str| {
            copy_files(run.path(), Path::new(folder), Path::new("scripts"), &[file("scripts/a.lua", text)]).unwrap()
        };
        let entry = |step, version, text: &str| {
            let files = copies(&format!("edits/{step}"), text);
            let event = Event::Version { version, set: Vec::new(), files, diff: String::new(), report: Vec::new() };
            Entry { step, rewinds: 0, time: String::new(), event }
        };
        let mut entries = vec![entry(0, 0, "zero"), entry(10, 1, "one"), entry(20, 2, "two")];
        let more = Event::Loaded { version: 0, files: copies("script", "more") };
        entries.push(Entry { step: 12, rewinds: 0, time: String::new(), event: more });
        entries.push(entry(15, 2, "other two"));
        let versions = read_versions(run.path(), &entries, 0).unwrap();
        let found: Vec<_> =
            versions.iter().map(|version| (version.number, version.step, version.files.len())).collect();
        assert_eq!(found, [(0, 0, 2), (1, 10, 1), (2, 15, 1)]);
        fs::write(run.path().join("edits/10/a.lua"), "altered").unwrap();
        assert!(read_versions(run.path(), &entries, 0).unwrap_err().to_string().contains("was altered"));
    }

    #[test]
    fn copies_keep_their_names_and_stay_inside() {
        let run = tempfile::tempdir().unwrap();
        let files =
            [file("scripts/simclr.lua", "a"), file("scripts/lib/heads.lua", "b"), file("../../outside.lua", "c")];
        copy_files(run.path(), Path::new("script"), Path::new("scripts"), &files).unwrap();
        for (name, text) in [("simclr.lua", "a"), ("lib/heads.lua", "b"), ("up/up/outside.lua", "c")] {
            assert_eq!(fs::read_to_string(run.path().join("script").join(name)).unwrap(), text);
        }
    }
}
