//! Class names that a reader takes for one: they differ by case, by how Unicode composes a letter, or by white space. A file
//! system or an archive makes such names, and each is a class of its own to a program.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// What two names are alike in.
fn folded(name: &str) -> String {
    // Folding the case may decompose a letter, so it comes first.
    let composed: String = name.to_lowercase().nfkc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How two names differ that a reader takes for one; none if they are equal, or unlike.
pub fn difference(one: &str, other: &str) -> Option<&'static str> {
    if one == other || folded(one) != folded(other) {
        return None;
    }
    let composed = |name: &str| name.nfkc().collect::<String>();
    Some(if one.trim() == other.trim() {
        "in white space"
    } else if composed(one) == composed(other) {
        "in Unicode form"
    } else if one.to_lowercase() == other.to_lowercase() {
        "in case"
    } else {
        "in case, Unicode form or white space"
    })
}

/// A name of a list that a reader takes for this one, and how they differ.
pub fn twin<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, &'static str)> {
    names.into_iter().find_map(|other| Some((other, difference(name, other)?)))
}

/// The first two names of a list that a reader takes for one.
pub fn twins(names: &[String]) -> Option<(&str, &str)> {
    let mut seen = HashMap::with_capacity(names.len());
    names.iter().find_map(|name| seen.insert(folded(name), name.as_str()).map(|first| (first, name.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_told_apart_by_what_differs() {
        let decomposed = "cafe\u{301}";
        assert_eq!(difference("Cat", "cat"), Some("in case"));
        assert_eq!(difference("caf\u{e9}", decomposed), Some("in Unicode form"));
        assert_eq!(difference("cat ", "cat"), Some("in white space"));
        assert_eq!(difference("sea\u{a0}lion", "sea lion"), Some("in Unicode form"));
        assert_eq!(difference("Caf\u{e9} ", decomposed), Some("in case, Unicode form or white space"));
        assert_eq!(difference("cat", "cat"), None);
        assert_eq!(difference("cat", "car"), None);
    }

    #[test]
    fn a_list_with_twins_is_found() {
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(twins(&list("dog,Cat,cat")), Some(("Cat", "cat")));
        assert_eq!(twins(&list("dog,cat,cart")), None);
        assert_eq!(twin("CAT", ["dog", "cat"]), Some(("cat", "in case")));
    }
}
