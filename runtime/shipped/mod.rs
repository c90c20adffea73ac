//! Lua that is part of the program, so that the program alone is enough: the library that scripts require as
//! `moonburn.…`, the examples, and what a new experiment begins with. Knows not what a script means.

mod examples;
mod template;

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

pub use examples::{Example, about, examples};
pub use template::Template;

static SCRIPTS: Dir = include_dir!("$CARGO_MANIFEST_DIR/scripts");
static SHADERS: Dir = include_dir!("$CARGO_MANIFEST_DIR/shaders");

/// The library's folder among the scripts, and what the names of its modules begin with.
pub const LIBRARY: &str = "moonburn";

/// What the names of its modules began with once. Scripts of that time go on.
pub const FORMER_LIBRARY: &str = "lib";

/// The folder that files of the program seem to lie in, as messages and runs name them.
const FOLDER: &str = "built-in";

/// A file of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LibraryFile {
    /// Relative to the folder that scripts lie in, such as `moonburn/heads/nt_xent.lua`.
    pub path: &'static Path,
    /// Its contents.
    pub bytes: &'static [u8],
}

impl LibraryFile {
    /// What a script requires it by, such as `moonburn.heads.nt_xent`.
    pub fn module(&self) -> String {
        let parts = self.path.with_extension("");
        parts.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(".")
    }
}

/// Every file of the library, by path.
pub fn library() -> Vec<LibraryFile> {
    let mut files = Vec::new();
    let mut folders: Vec<&Dir> = SCRIPTS.get_dir(LIBRARY).into_iter().collect();
    while let Some(folder) = folders.pop() {
        files.extend(folder.files().map(|file| LibraryFile { path: file.path(), bytes: file.contents() }));
        folders.extend(folder.dirs());
    }
    files.sort_by_key(|file| file.path);
    files
}

/// Where a file of the library seems to lie, by its path relative to a folder of scripts.
pub fn place(file: &Path) -> PathBuf {
    Path::new(FOLDER).join(file)
}

/// Whether a path is one of [`place`], of this program's library or another's.
pub fn is_place(path: &Path) -> bool {
    path.starts_with(Path::new(FOLDER).join(LIBRARY))
}

/// The contents of a file of the library, by where it seems to lie.
pub fn bytes(place: &Path) -> Option<&'static [u8]> {
    let file = place.strip_prefix(FOLDER).ok().filter(|file| file.starts_with(LIBRARY))?;
    SCRIPTS.get_file(file).map(|file| file.contents())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_library_is_found_by_its_place_and_required_by_its_name() {
        let files = library();
        for file in &files {
            assert_eq!(bytes(&place(file.path)), Some(file.bytes));
            assert_eq!(bytes(file.path), None, "a file of the disk is another one");
        }
        let modules: Vec<String> = files.iter().map(LibraryFile::module).collect();
        assert!(modules.contains(&"moonburn.heads.nt_xent".to_owned()), "{modules:?}");
        assert!(modules.contains(&"moonburn.self_supervised".to_owned()), "{modules:?}");
    }

    #[test]
    fn nothing_else_lies_in_the_library() {
        for path in ["moonburn/heads", "moonburn/none.lua", "simclr.lua", "types/moonburn.d.lua", "../Cargo.toml"] {
            assert_eq!(bytes(&place(Path::new(path))), None, "{path}");
        }
    }
}
