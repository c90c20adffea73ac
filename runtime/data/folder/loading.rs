//! The images of a folder as they come, one after the other, into one block of pixels.

use std::path::{Path, PathBuf};

use crate::{
    Error, Result,
    data::{
        ImageOptions, OP, OnCorrupt,
        decode::{Decoded, Refusal},
        found::Tally,
        images::reserve,
    },
};

use super::listing::Listing;

/// What has been read so far.
pub struct Loading<'a> {
    options: &'a ImageOptions,
    pub frame: Option<Frame>,
    pub pixels: Vec<u8>,
    pub labels: Vec<u32>,
    pub skipped: Vec<(PathBuf, String)>,
    pub tally: Tally,
}

/// The size that every image must have, and the image that set it.
#[derive(Clone)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    of: PathBuf,
}

impl<'a> Loading<'a> {
    /// Nothing yet.
    pub fn new(options: &'a ImageOptions) -> Self {
        Self {
            options,
            frame: None,
            pixels: Vec::new(),
            labels: Vec::new(),
            skipped: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Takes an image; all must have one size.
    pub fn store(&mut self, path: &Path, label: u32, decoded: Decoded, total: usize) -> Result<()> {
        let image = decoded.image;
        let (width, height) = image.dimensions();
        match &self.frame {
            None => {
                self.pixels = reserve(path.parent().unwrap_or(path), total, image.as_raw().len())?;
                self.frame = Some(Frame { width, height, of: path.to_owned() });
            }
            Some(frame) if (frame.width, frame.height) != (width, height) => {
                let other = format!("{} is {} x {}", frame.of.display(), frame.width, frame.height);
                let reason = format!("is {width} x {height} but {other}; pass `size` to bring all to one size");
                return Err(Error::data(OP, path, reason));
            }
            Some(_) => {}
        }
        self.pixels.extend_from_slice(image.as_raw());
        self.labels.push(label);
        self.tally.count(decoded.traits);
        Ok(())
    }

    /// Stops at a file that is refused, or lists it.
    pub fn refuse(&mut self, path: &Path, refusal: Refusal) -> Result<()> {
        match self.options.on_corrupt {
            OnCorrupt::Error => Err(refusal.at(path)),
            OnCorrupt::Skip => {
                self.skipped.push((path.to_owned(), refusal.to_string()));
                Ok(())
            }
        }
    }

    /// A class whose images were all skipped is an error: to go on with fewer classes would change the task.
    pub fn check_classes(&self, listing: &Listing) -> Result<()> {
        let mut left = vec![0_usize; listing.classes.len()];
        self.labels.iter().for_each(|&label| left[label as usize] += 1);
        let emptied = listing.files.iter().find(|(_, label)| left[*label as usize] == 0);
        let Some((path, label)) = emptied else { return Ok(()) };
        let count = listing.files.iter().filter(|(_, other)| other == label).count();
        let class = &listing.classes[*label as usize];
        let reason = format!("none of the {count} images of class '{class}' can be read");
        Err(Error::data(OP, path.parent().unwrap_or(path), reason))
    }
}
