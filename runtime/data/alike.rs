//! Class names that are probably one: they differ by case, Unicode form, or spaces and dots at their ends only.

use unicode_normalization::UnicodeNormalization;

/// What names that are probably one have in common.
pub fn key(name: &str) -> String {
    // Folding the case may decompose a letter, so it comes first.
    let composed: String = name.to_lowercase().nfkc().collect();
    let words = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_end_matches(['.', ' ']).to_owned()
}

/// Both names and how they differ: `'Cat' and 'cat', which differ by case only`.
pub fn describe(left: &str, right: &str) -> String {
    let composed = |name: &str| name.nfc().collect::<String>();
    // Names that differ by form look the same, so that their characters are spelt out.
    if composed(left) == composed(right) {
        let spelt = |name: &str| name.chars().map(spell).collect::<String>();
        return format!("'{}' and '{}', which differ by Unicode form only", spelt(left), spelt(right));
    }
    format!("'{left}' and '{right}', which differ by {} only", difference(left, right))
}

/// What names that are probably one differ by.
fn difference(left: &str, right: &str) -> &'static str {
    let composed = |name: &str| name.nfkc().collect::<String>();
    if left.trim() == right.trim() {
        "spaces"
    } else if composed(left) == composed(right) {
        "Unicode form"
    } else if left.to_lowercase() == right.to_lowercase() {
        "case"
    } else {
        "case, Unicode form, spaces or dots"
    }
}

/// The name of a list that this one is probably meant to be, and what they differ by.
pub fn twin<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, &'static str)> {
    let own = key(name);
    let twin = names.into_iter().find(|other| *other != name && key(other) == own)?;
    Some((twin, difference(name, twin)))
}

fn spell(character: char) -> String {
    if character.is_ascii() { character.into() } else { character.escape_unicode().to_string() }
}

/// The first two of some names that are probably one.
pub fn find(names: &[String]) -> Option<(&str, &str)> {
    let mut keyed: Vec<(String, &str)> = names.iter().map(|name| (key(name), name.as_str())).collect();
    keyed.sort();
    let pair = keyed.windows(2).find(|pair| pair[0].0 == pair[1].0)?;
    Some((pair[0].1, pair[1].1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Option<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        find(&names).map(|(left, right)| describe(left, right))
    }

    #[test]
    fn names_that_are_probably_one_are_found_and_told_apart() {
        assert_eq!(found(&["dog", "cat", "Cat"]).unwrap(), "'Cat' and 'cat', which differ by case only");
        assert_eq!(found(&["cat", "cat "]).unwrap(), "'cat' and 'cat ', which differ by spaces only");
        let forms = found(&["caf\u{e9}", "cafe\u{301}"]).unwrap();
        assert_eq!(forms, "'cafe\\u{301}' and 'caf\\u{e9}', which differ by Unicode form only");
        let both = found(&["Caf\u{e9}", "cafe\u{301}."]).unwrap();
        assert!(both.ends_with("which differ by case, Unicode form, spaces or dots only"), "{both}");
        assert_eq!(
            found(&["\u{c4}pfel", "\u{e4}pfel"]).unwrap(),
            "'\u{c4}pfel' and '\u{e4}pfel', which differ by case only"
        );
    }

    #[test]
    fn the_name_that_is_meant_is_told_with_what_differs() {
        let names = ["dog", "cat", "caf\u{e9}", "sea lion"];
        assert_eq!(twin("CAT", names), Some(("cat", "case")));
        assert_eq!(twin("dog ", names), Some(("dog", "spaces")));
        assert_eq!(twin("cafe\u{301}", names), Some(("caf\u{e9}", "Unicode form")));
        assert_eq!(twin("sea\u{a0}lion", names), Some(("sea lion", "Unicode form")));
        assert_eq!(twin("cat", names), None);
        assert_eq!(twin("car", names), None);
    }

    #[test]
    fn names_that_are_not_one_are_left_alone() {
        assert_eq!(found(&["cat", "cats", "bobcat", "", "1", "01", "cafe", "caf\u{e9}"]), None);
    }
}
