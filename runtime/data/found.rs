//! What reading a data set finds beside its images, and what is to be said of it.

use super::{Transparent, counts::plural, decode::Traits};

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

#[cfg(test)]
mod tests {
    use super::*;
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
}
