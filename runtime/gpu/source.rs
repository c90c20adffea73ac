//! A kernel's text: its file, and the files that it includes. Included text is appended, which WGSL allows since names
//! may be used before they are declared, so a kernel's own line numbers stay as they are in its file.

use std::path::{Path, PathBuf};

use crate::{Error, Result, message};

/// What a comment begins with that includes a file: `// include: color.wgsl`.
const INCLUDE: &str = "include:";

/// WGSL, put together from one or more files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    text: String,
    parts: Vec<Part>,
}

/// A file that was looked for: where it is, and its text.
pub type Found = (PathBuf, String);

/// One file, and where its text begins in the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    path: PathBuf,
    start: usize,
}

impl Source {
    /// The kernel at `path` with what it includes, each file once. `read` gets the places to look at, the preferred one
    /// first, and returns the place that has a file with its text, or nothing. An included file is looked for in the
    /// folder `shared` beside the kernel, then beside the kernel.
    ///
    /// # Errors
    /// The file, or one that it includes, does not exist or cannot be read.
    pub fn read(path: &Path, read: &mut dyn FnMut(&[PathBuf]) -> Result<Option<Found>>) -> Result<Self> {
        let missing = |path: &Path, reason: String| Error::Kernel { kernel: message::path(path), reason };
        let found = read(&[path.to_owned()])?;
        let (_, text) = found.ok_or_else(|| missing(path, "there is no such file".into()))?;
        let mut source = Self { text: String::new(), parts: Vec::new() };
        source.append(path, &text);
        let mut next = 0;
        while let Some(part) = source.parts.get(next).cloned() {
            let end = source.parts.get(next + 1).map_or(source.text.len(), |part| part.start);
            for (line, name) in includes(&source.text[part.start..end]) {
                let folder = part.path.parent().unwrap_or(Path::new(""));
                let places = [folder.join("shared").join(&name), folder.join(&name)];
                let found = read(&places)?;
                let Some((place, text)) = found else {
                    let message = format!("included file '{name}' not found; looked for {}", places[0].display());
                    return Err(Error::Shader { path: part.path, line, column: 1, message });
                };
                if source.parts.iter().all(|part| part.path != place) {
                    source.append(&place, &text);
                }
            }
            next += 1;
        }
        Ok(source)
    }

    /// A kernel that is compiled in.
    pub fn built_in(name: &str, text: &str) -> Self {
        let mut source = Self { text: String::new(), parts: Vec::new() };
        source.append(Path::new(name), text);
        source
    }

    fn append(&mut self, path: &Path, text: &str) {
        self.parts.push(Part { path: path.to_owned(), start: self.text.len() });
        self.text.push_str(text);
        if !text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// All of it, as the compiler gets it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The kernel's own file.
    pub fn path(&self) -> &Path {
        &self.parts[0].path
    }

    /// An error at a byte of the whole text, with the file and the place in it.
    pub(super) fn error_at(&self, offset: usize, message: String) -> Error {
        let offset = offset.min(self.text.len());
        let part = self.parts.iter().rev().find(|part| part.start <= offset).unwrap_or(&self.parts[0]);
        let before = &self.text[part.start..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.rfind('\n').map_or(before, |newline| &before[newline + 1..]).chars().count() + 1;
        Error::Shader { path: part.path.clone(), line, column, message }
    }
}

/// The names that a text includes, each with its line.
fn includes(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(line, text)| {
            let name = text.trim_start().strip_prefix("//")?.trim_start().strip_prefix(INCLUDE)?;
            Some((line + 1, name.trim().trim_matches('"').to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(files: &[(&str, &str)]) -> Result<Source> {
        Source::read(Path::new("k/a.wgsl"), &mut |places| {
            let file = |place: &PathBuf| files.iter().find(|(name, _)| Path::new(name) == place);
            Ok(places.iter().find_map(|place| Some((place.clone(), file(place)?.1.to_owned()))))
        })
    }

    #[test]
    fn an_error_is_placed_in_the_file_that_it_is_in() {
        let files = [("k/a.wgsl", "// include: b.wgsl\nfn f() {}\n"), ("k/shared/b.wgsl", "fn g() {}\nfn h(é) {}")];
        let source = source(&files).unwrap();
        let place = |text: &str| source.error_at(source.text().find(text).unwrap(), "oh".into()).to_string();
        assert_eq!(place("f()"), "k/a.wgsl:2:4: oh");
        assert_eq!(place("g()"), "k/shared/b.wgsl:1:4: oh");
        assert_eq!(place(") {}\n").as_str(), "k/a.wgsl:2:6: oh");
        assert_eq!(
            source.error_at(source.text().rfind(')').unwrap(), "oh".into()).to_string(),
            "k/shared/b.wgsl:2:7: oh"
        );
    }

    #[test]
    fn a_file_is_included_once_however_often_it_is_named() {
        let files = [
            ("k/a.wgsl", "// include: b.wgsl\n// include: c.wgsl\n"),
            ("k/shared/b.wgsl", "// include: c.wgsl\nB"),
            ("k/shared/c.wgsl", "// include: b.wgsl\nC"),
        ];
        let text = source(&files).unwrap().text().to_owned();
        assert_eq!((text.matches("\nB").count(), text.matches("\nC").count()), (1, 1), "{text}");
    }

    #[test]
    fn a_missing_file_is_named_where_it_is_included() {
        let message = source(&[("k/a.wgsl", "\n// include: b.wgsl")]).unwrap_err().to_string();
        assert_eq!(message, "k/a.wgsl:2:1: included file 'b.wgsl' not found; looked for k/shared/b.wgsl");
        assert_eq!(source(&[]).unwrap_err().to_string(), "k/a.wgsl: there is no such file");
    }
}
