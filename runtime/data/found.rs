//! What a data set says of itself once it is read, in one line: classes, images, what was left out and why.

use super::{Images, Split, Transparent, decode::Traits};

/// What reading a data set found beside its images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What was left out, each with its reason and count.
    pub left: Vec<String>,
    /// What else its user should know.
    pub notes: Vec<String>,
}

/// How many images had which traits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    goes_on: usize,
    transparent: usize,
    blank: usize,
}

impl Tally {
    /// Counts an image.
    pub fn count(&mut self, traits: Traits) {
        self.goes_on += usize::from(traits.goes_on);
        self.transparent += usize::from(traits.transparent);
        self.blank += usize::from(traits.blank);
    }

    /// What is to be said of the images that were counted.
    pub fn notes(&self, transparent: Transparent) -> Vec<String> {
        let mut notes = Vec::new();
        if self.goes_on > 0 {
            notes.push(format!("the first image only of {}", plural(self.goes_on, "animated or paged file")));
        }
        if self.transparent > 0 {
            let images = plural(self.transparent, "transparent image");
            notes.push(match transparent {
                Transparent::Drop => format!("{images} taken as opaque"),
                Transparent::Over(_) => format!("{images} laid over {transparent}"),
            });
        }
        if self.blank > 0 {
            notes.push(format!("{} with nothing but fully transparent pixels", plural(self.blank, "image")));
        }
        notes
    }
}

impl Images {
    /// The line: `photos, train: 8 images of 32 x 32 in 2 classes (a, b), 3 to 5 each; left out: 5 .avif (…)`.
    pub fn describe(&self, source: &str, split: Split) -> String {
        let mut counts = vec![0_usize; self.classes().len()];
        self.labels().iter().for_each(|label| counts[*label as usize] += 1);
        let with_images = || self.classes().iter().zip(&counts).filter(|(_, count)| **count > 0);
        let classes = plural(with_images().count(), "class");
        let names = some(with_images().map(|(name, _)| shown(name)));
        let (least, most) = (with_images().map(|(_, count)| count).min(), with_images().map(|(_, count)| count).max());
        let each = match (least, most) {
            (Some(least), Some(most)) if least != most => format!(", {least} to {most} each"),
            _ => String::new(),
        };
        let (images, size) = (plural(self.len(), "image"), format!("{} x {}", self.width(), self.height()));
        let mut parts = vec![format!("{source}, {split}: {images} of {size} in {classes} ({names}){each}")];
        let without: Vec<&String> =
            self.classes().iter().zip(&counts).filter(|(_, n)| **n == 0).map(|(c, _)| c).collect();
        if !without.is_empty() {
            parts.push(format!("no image of {}", some(without.into_iter().map(|name| shown(name)))));
        }
        parts.extend(self.found().notes.iter().cloned());
        let mut left = self.found().left.clone();
        if let Some((path, reason)) = self.skipped().first() {
            let (what, path) = (plural(self.skipped().len(), "corrupt part"), path.display());
            left.insert(0, format!("{what}, the first {path}: {reason}"));
        }
        if !left.is_empty() {
            parts.push(format!("left out: {}", left.join(", ")));
        }
        // A name may hold anything, and this is to be one line.
        parts.join("; ").chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
    }
}

/// A name in quotes where its ends would be lost without.
fn shown(name: &str) -> String {
    if name.trim() == name && !name.is_empty() { name.to_owned() } else { format!("'{name}'") }
}

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
    use crate::data::images::Contents;

    fn images(classes: &[&str], labels: &[u32], found: Found) -> Images {
        Images::new(Contents {
            name: "x".into(),
            height: 1,
            width: 2,
            classes: classes.iter().map(|name| (*name).to_owned()).collect(),
            labels: labels.to_vec(),
            pixels: vec![0; labels.len() * 6],
            skipped: Vec::new(),
            found,
        })
    }

    #[test]
    fn a_line_tells_classes_images_and_what_was_left_out() {
        let plain = images(&["a", "b"], &[0, 0, 1, 1], Found::default());
        assert_eq!(plain.describe("x/y", Split::Train), "x/y, train: 4 images of 2 x 1 in 2 classes (a, b)");
        let found = Found { left: vec!["5 .avif (why)".into(), "1 hidden".into()], notes: vec!["note".into()] };
        let uneven = images(&["a ", "b", "c"], &[0, 0, 2], found);
        let want = "x, test: 3 images of 2 x 1 in 2 classes ('a ', c), 1 to 2 each; no image of b; note; \
                    left out: 5 .avif (why), 1 hidden";
        assert_eq!(uneven.describe("x", Split::Test), want);
        let one = images(&["a", "b"], &[1], Found::default());
        let some = one.of_classes(&["b".to_owned()]).unwrap();
        assert_eq!(some.describe("x", Split::Test), "x, test: 1 image of 2 x 1 in 1 class (b)");
        let of_four = plain.of_classes(&["b".to_owned()]).unwrap().describe("x", Split::Train);
        assert_eq!(of_four, "x, train: 2 images of 2 x 1 in 1 class (b); left out: 2 images of the other class");
    }

    #[test]
    fn traits_are_told_where_there_are_any() {
        let mut tally = Tally::default();
        tally.count(Traits::default());
        assert!(tally.notes(Transparent::WHITE).is_empty());
        tally.count(Traits { goes_on: true, transparent: true, blank: true });
        tally.count(Traits { transparent: true, ..Traits::default() });
        let want = [
            "the first image only of 1 animated or paged file",
            "2 transparent images laid over #ff0000",
            "1 image with nothing but fully transparent pixels",
        ];
        assert_eq!(tally.notes(Transparent::Over([255, 0, 0])), want);
        assert_eq!(tally.notes(Transparent::Drop)[1], "2 transparent images taken as opaque");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(some((0..12).map(|number| number.to_string())), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
        assert_eq!([plural(1, "class"), plural(2, "class"), plural(0, "image")], ["1 class", "2 classes", "0 images"]);
    }
}
