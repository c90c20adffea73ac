//! What can be asked of an image data set, whatever its source.

use crate::options::{choices, options};

use super::{Layout, Split, Transparent};

options! {
    /// How an image data set is loaded.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ImageOptions as "ImageSetOptions" {
        /// The part of the data set.
        pub split: Split = Split::Train;
        /// The side that images are brought to: the shorter side is resized, then the centre is cut out. Needed where a
        /// folder's images differ in size.
        pub size: Option<usize> = None, in 1..=ImageOptions::MAX_SIZE, unit "pixels";
        /// What a corrupt file does: "error" stops and names it, "skip" counts and reports it.
        pub on_corrupt: OnCorrupt = OnCorrupt::Error;
        /// What becomes of transparent pixels: they are laid over "white", "black", "gray" or a colour as "#ff8000", or
        /// "drop" takes the colours below them, as Pillow's convert("RGB") does.
        pub transparent: Transparent = Transparent::WHITE;
        /// What the folders of an image folder are: "splits" or "classes". "auto" goes by their names; what can be read
        /// either way is an error.
        pub layout: Layout = Layout::Auto;
        /// How many images of the built-in set are painted: 5,000 for train and 1,000 for test by default.
        pub count: Option<usize> = None, in 1..=ImageOptions::MAX_COUNT;
        /// The names of the classes to keep, all by default. Labels count these classes, in the order given.
        pub classes: Option<Vec<String>> = None;
    }
}

impl ImageOptions {
    /// The largest side that an image may be brought to, in pixels.
    pub const MAX_SIZE: usize = 4096;

    /// The most images that the built-in set paints.
    pub const MAX_COUNT: usize = 10_000_000;
}

choices! {
    /// What an image that cannot be read does.
    pub enum OnCorrupt of "images" "on_corrupt" {
        /// Loading fails and names the file.
        #[default]
        Error = "error",
        /// The image is left out and listed in [`Images::skipped`](super::Images::skipped).
        Skip = "skip",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::OP, options::Options};

    #[test]
    fn an_unknown_on_corrupt_gets_the_list() {
        assert_eq!("skip".parse::<OnCorrupt>().unwrap(), OnCorrupt::Skip);
        let error = "fail".parse::<OnCorrupt>().unwrap_err();
        assert_eq!(error.to_string(), "images: unknown on_corrupt 'fail'; there are: error, skip");
    }

    #[test]
    fn a_size_of_zero_is_an_error() {
        let error = ImageOptions { size: Some(0), ..Default::default() }.check(OP).unwrap_err();
        assert_eq!(error.to_string(), "images: size must be from 1 to 4096 pixels, got 0");
    }
}
