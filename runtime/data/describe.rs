//! What a data set says of itself once it is read, in one line: classes, images, what was left out and why.

use super::{
    Images, Split,
    counts::{plural, some},
};
use crate::message::{self, sentence};

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
            let (what, path) = (plural(self.skipped().len(), "corrupt part"), message::path(path));
            left.insert(0, format!("{what}, the first {path}: {reason}"));
        }
        if !left.is_empty() {
            parts.push(format!("left out: {}", left.join(", ")));
        }
        // A name may hold anything, and this is to be one line.
        sentence(&parts.join("; ")).into_owned()
    }
}

/// A name in quotes where its ends would be lost without.
fn shown(name: &str) -> String {
    let shown = message::name(name);
    if name.trim() == name && !name.is_empty() { shown.into_owned() } else { format!("'{shown}'") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{found::Found, images::Contents};

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
}
