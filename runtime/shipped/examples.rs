//! The scripts that ship, and their kernels.

use std::path::PathBuf;

use super::{SCRIPTS, SHADERS};

/// A script that ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its file's name without the ending, such as `simclr`.
    pub name: &'static str,
    /// Its contents.
    pub text: &'static str,
}

impl Example {
    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        examples().into_iter().find(|example| example.name == name)
    }

    /// The sentence that it begins with.
    pub fn sentence(&self) -> String {
        let text = about(self.text);
        // `et al. 2020` ends no sentence.
        let ends = |(at, _): &(usize, &str)| text[at + 2..].starts_with(char::is_uppercase);
        let end = text.match_indices(". ").find(ends).map_or(text.len(), |(at, _)| at + 1);
        text[..end].to_owned()
    }

    /// The files that it consists of besides the library, its own first, each relative to the folder that it lies in: other
    /// examples that it requires, and kernels with what they include.
    pub fn files(&self) -> Vec<(PathBuf, &'static str)> {
        let mut files = vec![(PathBuf::from(self.name).with_extension("lua"), self.text)];
        let is_required = |other: &Example| self.text.contains(&format!("require \"{}\"", other.name));
        for other in examples().iter().filter(|other| is_required(other)) {
            files.extend(other.files());
        }
        let names = self.text.split('"').filter(|part| part.ends_with(".wgsl"));
        names.for_each(|name| add_kernel(name, &mut files));
        files
    }
}

/// Adds a kernel, and what it includes.
fn add_kernel(name: &str, files: &mut Vec<(PathBuf, &'static str)>) {
    let found = [PathBuf::from(name), PathBuf::from("shared").join(name)].into_iter().find_map(|path| {
        let text = SHADERS.get_file(&path)?.contents_utf8()?;
        Some((path, text))
    });
    let Some((path, text)) = found else { return };
    if files.iter().any(|(known, _)| *known == path) {
        return;
    }
    files.push((path, text));
    text.lines().filter_map(|line| line.strip_prefix("// include: ")).for_each(|name| add_kernel(name.trim(), files));
}

/// What a script says of itself: the comment that it begins with, on one line.
pub fn about(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().skip_while(|line| line.starts_with("#!") || line.trim().is_empty()).peekable();
    let first = lines.peek().copied().unwrap_or_default();
    if let Some(level) = first.strip_prefix("--[").and_then(|rest| rest.split_once('[')).map(|(level, _)| level) {
        let (open, close) = (format!("--[{level}["), format!("]{level}]"));
        let comment = text.split_once(&open).map_or("", |(_, rest)| rest);
        let comment = comment.split_once(&close).map_or(comment, |(comment, _)| comment);
        return comment.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let comment = lines.map_while(|line| line.strip_prefix("--")).map(|line| line.trim_start_matches('-').trim());
    // Annotations are for editors.
    comment.filter(|line| !line.starts_with('@')).collect::<Vec<_>>().join(" ")
}

/// All of them, by name.
pub fn examples() -> Vec<Example> {
    let read = |file: &'static include_dir::File| {
        let name = file.path().file_name()?.to_str()?.strip_suffix(".lua")?;
        Some(Example { name, text: file.contents_utf8()? })
    };
    let mut examples: Vec<Example> = SCRIPTS.files().filter_map(read).collect();
    examples.sort_by_key(|example| example.name);
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_says_what_it_is_in_a_sentence() {
        assert!(examples().len() > 20);
        for example in examples() {
            let sentence = example.sentence();
            assert!(sentence.ends_with('.') && sentence.len() < 250, "{}: {sentence}", example.name);
        }
        let sentence = Example::named("hessian").unwrap().sentence();
        assert!(sentence.ends_with("(PyHessian, Yao et al. 2020)."), "{sentence}");
    }

    #[test]
    fn a_script_says_what_it_is_in_any_style_of_comment() {
        let texts = [
            "-- A script.\n-- Of mine.\nlocal x",
            "\u{feff}#!/usr/bin/env moonburn\n\n--- A script.\n---Of mine.",
            "--[[ A script.\n  Of mine. ]]\nlocal x",
            "--[==[\nA script. Of mine.\n]==]",
            "---@diagnostic disable: unused\n-- A script. Of mine.",
        ];
        for text in texts {
            assert_eq!(about(text), "A script. Of mine.", "{text}");
        }
        assert_eq!(about("local x = 1 -- no"), "");
        assert_eq!(about(""), "");
    }

    #[test]
    fn an_example_has_the_files_that_it_needs() {
        let files = |name| {
            let files = Example::named(name).unwrap().files();
            files.iter().map(|(path, _)| path.display().to_string().replace('\\', "/")).collect::<Vec<_>>()
        };
        assert_eq!(files("simclr"), ["simclr.lua"]);
        assert_eq!(files("byol_tricks"), ["byol_tricks.lua", "byol.lua"]);
        let kernels = ["kernel_activation.lua", "swish.wgsl", "shared/logistic.wgsl", "swish_backward.wgsl"];
        assert_eq!(files("kernel_activation"), kernels);
    }
}
