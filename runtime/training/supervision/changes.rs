//! Edits in words: what one changes, what became of the session's parts, why one is refused.

use std::{collections::BTreeMap, path::Path};

use crate::{lua::ScriptError, run::SourceFile, session::Takeover};

/// The options that are set from outside, some of them anew.
pub fn merged(old: &[(String, String)], new: &[(String, String)]) -> Vec<(String, String)> {
    let kept = old.iter().filter(|(name, _)| new.iter().all(|(known, _)| known != name));
    kept.chain(new).cloned().collect()
}

/// The files that differ.
pub fn changed_files(old: &[SourceFile], new: &[SourceFile]) -> Vec<String> {
    let of =
        |files: &[SourceFile], path: &Path| files.iter().find(|file| file.path == path).map(|file| file.bytes.clone());
    let mut paths: Vec<&Path> = old.iter().chain(new).map(|file| file.path.as_path()).collect();
    paths.sort_unstable();
    paths.dedup();
    let differs = paths.into_iter().filter(|path| of(old, path) != of(new, path));
    differs.map(|path| path.display().to_string()).collect()
}

/// The options that are set to something else from outside, or not any more.
pub fn changed_options(old: &[(String, String)], new: &[(String, String)]) -> Vec<String> {
    let gone = old.iter().filter(|(name, _)| new.iter().all(|(known, _)| known != name));
    let set = new.iter().filter(|option| !old.contains(option)).map(|(name, value)| format!("{name}={value}"));
    set.chain(gone.map(|(name, _)| format!("{name} not set"))).collect()
}

/// The first names of a list, and how many more there are.
pub fn first_few(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names[..names.len().min(SHOWN)].join(", ") + &more
}

/// What is said of an edit that does not take effect.
pub fn refusal(error: &ScriptError) -> String {
    format!("edit refused, nothing has changed:\n{error}")
}

/// What did not simply go on.
pub fn describe(takeovers: &BTreeMap<String, Takeover>, say: impl Fn(&Takeover, &str) -> String) -> Vec<String> {
    takeovers.iter().filter(|(_, found)| !found.is_complete()).map(|(name, found)| say(found, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named_as_they_are_set() {
        let set = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        };
        let (old, new) = (set(&[("lr", "0.1"), ("width", "8"), ("gone", "1")]), set(&[("width", "8"), ("lr", "0.05")]));
        assert_eq!(changed_options(&old, &new), ["lr=0.05", "gone not set"]);
        assert!(changed_options(&new, &new).is_empty());
    }

    #[test]
    fn a_long_list_is_cut() {
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        assert_eq!((first_few(&names).as_str(), first_few(&names[..3]).as_str()), ("a, b, c and 2 more", "a, b, c"));
    }
}
