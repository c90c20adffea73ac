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
        // A folder of the user's by the name of the library's place is another one.
        let beside = |folder: &PathBuf, file: &Path| match folder.join(file) {
            path if shipped::is_place(&path) => Path::new(".").join(path),
            path => path,
        };
        let inside = |file: &Path| self.folders.iter().map(|folder| beside(folder, file)).collect::<Vec<_>>();
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
    let reason = format!("no module '{}': there is no {}", shown(name), tried.join(", nor "));
    Error::State { op: "require", reason: reason + &suggestion(&in_library(name).unwrap_or_else(|| name.to_owned())) }
}

/// What the library has under a name, or in whose place it may stand.
fn suggestion(name: &str) -> String {
    let known = shipped::library().iter().map(shipped::LibraryFile::module).collect::<Vec<_>>();
    let has_ending = |known: &&String| known.strip_suffix(name).is_some_and(|before| before.ends_with('.'));
    let is_inside = |known: &&String| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let inside: Vec<_> = known.iter().filter(is_inside).map(String::as_str).collect();
    if !inside.is_empty() {
        return format!("; the library has {}", inside.join(", "));
    }
    let likeness = |known: &String| strsim::jaro_winkler(known, name);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let nearest = known.iter().find(has_ending).or(nearest.filter(|nearest| likeness(nearest) > 0.9));
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
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
    fn a_folder_called_as_the_library_s_place_is_one_of_its_own() {
        let modules = modules(&[Path::new("")]);
        let error = modules.find("built-in.moonburn.heads.nt_xent").unwrap_err().to_string();
        assert!(error.contains("there is no ./built-in/moonburn/heads/nt_xent.lua"), "{error}");
        assert!(!modules.sources.has(&shipped::place(Path::new("moonburn/mine.lua"))));
    }

    #[test]
    fn a_misspelt_module_of_the_library_is_told_its_name() {
        let find = |name| modules(&[Path::new("nowhere")]).find(name).unwrap_err().to_string();
        assert_eq!(
            find("moonburn.heads.ntxent"),
            "require: no module 'moonburn.heads.ntxent': there is no nowhere/moonburn/heads/ntxent.lua; did you mean \
             moonburn.heads.nt_xent?"
        );
        for former in ["lib.heads.ntxent", "heads.nt_xent", "nt_xent"] {
            assert!(find(former).ends_with("; did you mean moonburn.heads.nt_xent?"), "{}", find(former));
        }
        assert!(find("moonburn.schemes").ends_with(
            "; the library has moonburn.schemes.difficulty, moonburn.schemes.families, moonburn.schemes.neighbours"
        ));
        assert_eq!(find("weights"), "require: no module 'weights': there is no nowhere/weights.lua");
    }

    #[test]
    fn names_are_joined_by_dots() {
        for name in ["", "a..b", "a/b", "..", "a\\b"] {
            assert!(modules(&[Path::new("")]).find(name).unwrap_err().to_string().contains("joined by dots"), "{name}");
        }
    }
}
