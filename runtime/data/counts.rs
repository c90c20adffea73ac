//! Counts and lists of names as text.

/// `1 image`, `2 images`.
pub fn plural(count: usize, what: &str) -> String {
    match (count, what.strip_suffix("ss")) {
        (1, _) => format!("1 {what}"),
        (_, Some(_)) => format!("{count} {what}es"),
        _ => format!("{count} {what}s"),
    }
}

/// A list with no more than a few names.
pub fn some(names: impl Iterator<Item = String>) -> String {
    const MOST: usize = 10;
    let names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(MOST);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(some((0..12).map(|number| number.to_string())), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
        assert_eq!([plural(1, "class"), plural(2, "class"), plural(0, "image")], ["1 class", "2 classes", "0 images"]);
    }
}
