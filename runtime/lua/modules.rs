//! Which file `require` takes for a name: one beside the script or in the folders that were given, else one of the library
//! that is part of the program.

use std::path::{Path, PathBuf};

use crate::{
    Error, Result,
    message::{self, name as shown},
    run::Sources,
    shipped,
};

/// Where modules are looked for.
pub struct Modules {
    pub sources: Sources,
    /// In this order.
    pub folders: Vec<PathBuf>,
}

impl Modules {
    /// The file of a module.
    ///
    /// # Errors
    /// It is no module's name; there is none of that name.
    pub fn find(&self, name: &str) -> Result<PathBuf> {
        if name.split('.').any(str::is_empty) || name.contains(['/', '\\']) {
            let want = "names joined by dots, such as moonburn.heads.nt_xent";
            return Err(Error::argument("require", "the module", want, format!("'{name}'")));
        }
        let own = file(name);
        let now = in_library(name).map(|name| file(&name));
        let inside = |file: &Path| self.folders.iter().map(|folder| folder.join(file)).collect::<Vec<_>>();
        let mut places = inside(&own);
        if let Some(now) = now {
            places.extend(if now == own { Vec::new() } else { inside(&now) });
            places.push(shipped::place(&now));
        }
        let recorded = places.iter().find(|place| self.sources.has_recorded(place));
        // A file that was made since, in a folder that comes first, does not take the place of a recorded one.
        let found = recorded.or_else(|| places.iter().find(|place| self.sources.has(place)));
        found.cloned().ok_or_else(|| missing(name, &inside(&own)))
    }
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(name.replace('.', "/")).with_extension("lua")
}

/// The name that a module has in the library, if it is asked for by that or by the one that it had before.
fn in_library(name: &str) -> Option<String> {
    let (first, rest) = name.split_once('.')?;
    [shipped::LIBRARY, shipped::FORMER_LIBRARY].contains(&first).then(|| format!("{}.{rest}", shipped::LIBRARY))
}

/// Says where it was looked for, and which module of the library has such a name.
fn missing(name: &str, tried: &[PathBuf]) -> Error {
    let tried: Vec<_> = tried.iter().map(|place| message::path(place)).collect();
    let mut reason = format!("no module '{}': there is no {}", shown(name), tried.join(", nor "));
    let likeness = |known: &String| strsim::jaro_winkler(known, name);
    let known = shipped::library().iter().map(shipped::LibraryFile::module).collect::<Vec<_>>();
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    if let Some(nearest) = nearest.filter(|nearest| likeness(nearest) > 0.9) {
        reason += &format!("; did you mean {nearest}?");
    }
    Error::State { op: "require", reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(folders: &[&Path]) -> Modules {
        Modules { sources: Sources::disk(), folders: folders.iter().map(|folder| folder.to_path_buf()).collect() }
    }

    #[test]
    fn a_file_beside_the_script_goes_before_the_library() {
        let folder = tempfile::tempdir().unwrap();
        let modules = modules(&[folder.path()]);
        let built_in = shipped::place(Path::new("moonburn/heads/nt_xent.lua"));
        assert_eq!(modules.find("moonburn.heads.nt_xent").unwrap(), built_in);
        assert_eq!(modules.find("lib.heads.nt_xent").unwrap(), built_in, "its former name");
        let missing = modules.sources.missing();
        for name in ["lib", "moonburn"] {
            let own = folder.path().join(name).join("heads/nt_xent.lua");
            assert!(missing.contains(&own));
            std::fs::create_dir_all(own.parent().unwrap()).unwrap();
            std::fs::write(&own, "return 1").unwrap();
            assert_eq!(modules.find(&format!("{name}.heads.nt_xent")).unwrap(), own);
        }
    }

    #[test]
    fn a_misspelt_module_of_the_library_is_told_its_name() {
        let find = |name| modules(&[Path::new("nowhere")]).find(name).unwrap_err().to_string();
        assert_eq!(
            find("moonburn.heads.ntxent"),
            "require: no module 'moonburn.heads.ntxent': there is no nowhere/moonburn/heads/ntxent.lua; did you mean \
             moonburn.heads.nt_xent?"
        );
        assert_eq!(find("weights"), "require: no module 'weights': there is no nowhere/weights.lua");
    }

    #[test]
    fn names_are_joined_by_dots() {
        for name in ["", "a..b", "a/b", "..", "a\\b"] {
            assert!(modules(&[Path::new("")]).find(name).unwrap_err().to_string().contains("joined by dots"), "{name}");
        }
    }
}
