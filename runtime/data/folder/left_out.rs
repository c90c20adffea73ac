//! What of a folder does not become a data set, counted by reason, so that nothing is passed over in silence.

use std::{collections::BTreeMap, path::Path};

use crate::data::counts::{plural, some};

/// What was left out of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Pictures in formats that are not read, by extension.
    unread: BTreeMap<&'static str, usize>,
    /// Images that lie beside the folders of classes or splits.
    loose: usize,
    /// Files that are no images, by extension.
    others: BTreeMap<String, usize>,
    hidden: usize,
    /// Of other programs, by name.
    strangers: BTreeMap<String, usize>,
    /// Links that lead nowhere and whose names are not those of images.
    links: usize,
    /// Folders that are no part of the split, with what they are.
    folders: Vec<(String, &'static str)>,
}

impl LeftOut {
    /// A picture in a format that is not read.
    pub fn unread(&mut self, extension: &'static str) {
        *self.unread.entry(extension).or_default() += 1;
    }

    /// An image beside the folders of classes or splits.
    pub fn loose(&mut self) {
        self.loose += 1;
    }

    /// A file that is no image.
    pub fn other(&mut self, extension: String) {
        *self.others.entry(extension).or_default() += 1;
    }

    /// Something that is hidden.
    pub fn hidden(&mut self) {
        self.hidden += 1;
    }

    /// Something of another program.
    pub fn stranger(&mut self, name: &str) {
        // One name for the shadows of all files.
        let name = if name.starts_with("._") { "._*" } else { name.trim_end() };
        *self.strangers.entry(name.to_owned()).or_default() += 1;
    }

    /// A link that leads nowhere.
    pub fn link(&mut self) {
        self.links += 1;
    }

    /// A folder that is no part of the split.
    pub fn folder(&mut self, folder: &Path, what: &'static str) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.folders.push((name, what));
    }

    /// Adds what was left out elsewhere.
    pub fn extend(&mut self, other: Self) {
        other.unread.into_iter().for_each(|(name, count)| *self.unread.entry(name).or_default() += count);
        other.others.into_iter().for_each(|(name, count)| *self.others.entry(name).or_default() += count);
        other.strangers.into_iter().for_each(|(name, count)| *self.strangers.entry(name).or_default() += count);
        self.loose += other.loose;
        self.hidden += other.hidden;
        self.links += other.links;
        self.folders.extend(other.folders);
    }

    /// `5 .avif (a format that is not read)`; none where no picture was left out for its format.
    pub fn describe_unread(&self) -> Option<String> {
        let kinds: Vec<String> = self.unread.iter().map(|(extension, count)| format!("{count} .{extension}")).collect();
        let what = if kinds.len() > 1 { "formats that are not read" } else { "a format that is not read" };
        (!kinds.is_empty()).then(|| format!("{} ({what})", kinds.join(", ")))
    }

    /// Every reason with its count, what matters most first.
    pub fn describe(&self) -> Vec<String> {
        let mut parts = Vec::from_iter(self.describe_unread());
        if self.loose > 0 {
            parts.push(format!("{} beside the folders", plural(self.loose, "image")));
        }
        parts.extend(self.folders.iter().map(|(name, what)| format!("folder {name} ({what})")));
        if self.links > 0 {
            parts.push(format!("{} to nowhere", plural(self.links, "link")));
        }
        let others: usize = self.others.values().sum();
        if others > 0 {
            let named = self.others.keys().map(|extension| match extension.as_str() {
                "" => "without an extension".to_owned(),
                extension => format!(".{extension}"),
            });
            parts.push(format!("{} ({})", plural(others, "other file"), some(named)));
        }
        if self.hidden > 0 {
            parts.push(format!("{} hidden", self.hidden));
        }
        let strangers: usize = self.strangers.values().sum();
        if strangers > 0 {
            parts.push(format!("{strangers} of other programs ({})", some(self.strangers.keys().cloned())));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_told_with_its_count() {
        let mut left = LeftOut::default();
        assert!(left.describe().is_empty() && left.describe_unread().is_none());
        (0..2).for_each(|_| left.unread("avif"));
        assert_eq!(left.describe(), ["2 .avif (a format that is not read)"]);
        let mut more = LeftOut::default();
        more.unread("svg");
        more.loose();
        ["txt", "txt", ""].into_iter().for_each(|extension| more.other(extension.into()));
        more.hidden();
        ["Thumbs.db", "._a.jpg", "._b.jpg"].into_iter().for_each(|name| more.stranger(name));
        more.link();
        more.folder(Path::new("x/val"), "another split");
        left.extend(more);
        let want = [
            "2 .avif, 1 .svg (formats that are not read)",
            "1 image beside the folders",
            "folder val (another split)",
            "1 link to nowhere",
            "3 other files (without an extension, .txt)",
            "1 hidden",
            "3 of other programs (._*, Thumbs.db)",
        ];
        assert_eq!(left.describe(), want);
    }
}
