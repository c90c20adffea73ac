//! The checkpoints of a run: folders `checkpoints/step-00000312`, each whole or not there, with checksums in the form
//! of `sha256sum`. Knows nothing of what the files in them mean.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::atomic::sync_folder;
use crate::{Error, Result, files::regular};

/// The checksums of the other files, for `sha256sum -c`.
const SUMS: &str = "SHA256SUMS";

/// A checkpoint's files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The checkpoints of one run.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    folder: PathBuf,
}

/// The newest checkpoint that can be read.
#[derive(Debug, Default)]
pub struct Newest {
    /// Its step and its files; none where there is no whole one.
    pub found: Option<(u64, Files)>,
    /// What is wrong with newer ones.
    pub damaged: Vec<Error>,
}

impl Checkpoints {
    /// Those below a folder, which need not exist yet.
    pub fn below(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where the checkpoint of a step lies.
    pub fn path(&self, step: u64) -> PathBuf {
        self.folder.join(format!("step-{step:08}"))
    }

    /// Writes a checkpoint: to a folder of another name, which is flushed to disk and renamed. One of the same step is
    /// replaced.
    ///
    /// # Errors
    /// The operating system refused; what was there before is there still.
    pub fn write(&self, step: u64, files: &Files) -> Result<PathBuf> {
        let path = self.path(step);
        let partial = self.folder.join(format!(".step-{step:08}.partial"));
        let written = self.fill(&partial, files).and_then(|()| replace(&partial, &path));
        if let Err(source) = written {
            let _ = fs::remove_dir_all(&partial);
            return Err(Error::io("checkpoint", path, source));
        }
        sync_folder(&path);
        Ok(path)
    }

    fn fill(&self, partial: &Path, files: &Files) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        // What a killed process left.
        let _ = fs::remove_dir_all(partial);
        fs::create_dir(partial)?;
        let sums: String = files.iter().map(|(name, bytes)| format!("{}  {name}\n", checksum(bytes))).collect();
        for (name, bytes) in
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).chain([(SUMS, sums.as_bytes())])
        {
            let mut file = File::create(partial.join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        sync_folder(&partial.join(SUMS));
        Ok(())
    }

    /// The steps that there are checkpoints of, whole or not, in order.
    pub fn steps(&self) -> Vec<u64> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let step = |name: &str| name.strip_prefix("step-")?.trim_end_matches(".old").parse().ok();
        let steps: BTreeSet<u64> = entries.filter_map(|entry| step(entry.file_name().to_str()?)).collect();
        steps.into_iter().collect()
    }

    /// The steps in words, for one who has to choose: `20, 40 and 60`.
    pub fn list(&self) -> String {
        let steps: Vec<String> = self.steps().iter().map(u64::to_string).collect();
        match steps.as_slice() {
            [] => "none".into(),
            [one] => one.clone(),
            [others @ .., last] => format!("{} and {last}", others.join(", ")),
        }
    }

    /// The files of a checkpoint, their checksums compared.
    ///
    /// # Errors
    /// A file that is missing, torn or altered.
    pub fn read(&self, step: u64) -> Result<Files> {
        let path = self.path(step);
        read(&path).or_else(|error| read(&path.with_extension("old")).map_err(|_| error))
    }

    /// The newest checkpoint of a step up to `limit` that can be read.
    pub fn newest(&self, limit: u64) -> Newest {
        let mut newest = Newest::default();
        for step in self.steps().into_iter().rev().filter(|step| *step <= limit) {
            match self.read(step) {
                Ok(files) => {
                    newest.found = Some((step, files));
                    break;
                }
                Err(error) => newest.damaged.push(error),
            }
        }
        newest
    }

    /// Removes what a killed process has not written to its end. Nobody else may be writing.
    pub fn remove_partial(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "partial")) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }

    /// Removes the checkpoints of all other steps.
    pub fn keep(&self, kept: &BTreeSet<u64>) {
        for step in self.steps().into_iter().filter(|step| !kept.contains(step)) {
            self.remove(step);
        }
    }

    /// Removes a checkpoint, first its checksums, so that half of it is never taken for a whole one.
    pub fn remove(&self, step: u64) {
        for path in [self.path(step), self.path(step).with_extension("old")] {
            let _ = fs::remove_file(path.join(SUMS));
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// A SHA-256 in hexadecimal digits.
pub fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Puts `new` in the place of `old`. No system renames a folder over another, so for a moment the old one has the
/// ending `.old`, where it is found as well.
fn replace(new: &Path, old: &Path) -> io::Result<()> {
    let aside = old.with_extension("old");
    if !old.exists() {
        return fs::rename(new, old);
    }
    let _ = fs::remove_dir_all(&aside);
    fs::rename(old, &aside)?;
    fs::rename(new, old)?;
    fs::remove_dir_all(&aside)
}

fn read(path: &Path) -> Result<Files> {
    let open =
        |name: &str| regular::read(&path.join(name)).map_err(|source| Error::io("checkpoint", path.join(name), source));
    let damaged = |name: &str, reason: &str| Error::data("checkpoint", path.join(name), reason);
    let sums = String::from_utf8(open(SUMS)?).map_err(|_| damaged(SUMS, "is no text: it has been altered"))?;
    let mut files = Files::new();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").ok_or_else(|| damaged(SUMS, "is torn or altered"))?;
        let bytes = open(name)?;
        if checksum(&bytes) != sum {
            return Err(damaged(name, "is torn or altered: its checksum is another one"));
        }
        files.insert(name.to_owned(), bytes);
    }
    if files.is_empty() { Err(damaged(SUMS, "is empty")) } else { Ok(files) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        [("session.json", text), ("tensors.safetensors", "123")]
            .map(|(name, text)| (name.to_owned(), text.into()))
            .into()
    }

    fn three() -> (tempfile::TempDir, Checkpoints) {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::below(folder.path().join("checkpoints"));
        for step in [1, 2, 30] {
            checkpoints.write(step, &files(&step.to_string())).unwrap();
        }
        (folder, checkpoints)
    }

    #[test]
    fn the_newest_whole_checkpoint_is_found_and_damaged_ones_are_named() {
        let (_folder, checkpoints) = three();
        assert_eq!(checkpoints.newest(u64::MAX).found, Some((30, files("30"))));
        assert_eq!(checkpoints.newest(29).found, Some((2, files("2"))));
        fs::write(checkpoints.path(30).join("tensors.safetensors"), "12").unwrap();
        fs::remove_file(checkpoints.path(2).join("session.json")).unwrap();
        let newest = checkpoints.newest(u64::MAX);
        assert_eq!(newest.found, Some((1, files("1"))));
        let texts: Vec<_> = newest.damaged.iter().map(ToString::to_string).collect();
        assert!(texts[0].contains("step-00000030/tensors.safetensors: is torn or altered"), "{texts:?}");
        assert!(texts[1].contains("step-00000002/session.json"), "{texts:?}");
    }

    #[test]
    fn every_single_altered_bit_is_noticed() {
        let (_folder, checkpoints) = three();
        for name in ["session.json", "tensors.safetensors", SUMS] {
            let path = checkpoints.path(30).join(name);
            let whole = fs::read(&path).unwrap();
            for bit in 0..whole.len() * 8 {
                let mut altered = whole.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, altered).unwrap();
                assert!(checkpoints.read(30).is_err(), "{name}, bit {bit}");
            }
            fs::write(&path, whole).unwrap();
        }
        assert!(checkpoints.read(30).is_ok());
    }

    #[test]
    fn a_second_write_of_a_step_replaces_the_first_and_an_interrupted_one_loses_nothing() {
        let (_folder, checkpoints) = three();
        checkpoints.write(30, &files("again")).unwrap();
        assert_eq!(checkpoints.read(30).unwrap(), files("again"));
        assert_eq!(checkpoints.steps(), [1, 2, 30]);
        // Killed between the two renames.
        fs::rename(checkpoints.path(30), checkpoints.path(30).with_extension("old")).unwrap();
        assert_eq!(checkpoints.newest(u64::MAX).found, Some((30, files("again"))));
        // Killed while writing.
        fs::create_dir(checkpoints.folder.join(".step-00000031.partial")).unwrap();
        assert_eq!(checkpoints.steps(), [1, 2, 30]);
        checkpoints.write(31, &files("31")).unwrap();
        fs::create_dir(checkpoints.folder.join(".step-00000032.partial")).unwrap();
        checkpoints.remove_partial();
        assert!(!checkpoints.folder.join(".step-00000032.partial").exists());
        checkpoints.keep(&[2, 31].into());
        assert_eq!(checkpoints.steps(), [2, 31]);
    }
}
