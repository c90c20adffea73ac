//! What can be asked of an image data set, whatever its source.

use std::{fmt, str::FromStr};

use crate::{Error, Result};

use super::{Layout, OP, Split, Transparent};

/// How to load an image data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageOptions {
    /// The part of the data set to load.
    pub split: Split,
    /// The square side in pixels that images are brought to; none keeps the size that all of them have.
    pub size: Option<usize>,
    /// What an image that cannot be read does.
    pub on_corrupt: OnCorrupt,
    /// What becomes of transparent pixels.
    pub transparent: Transparent,
    /// What the folders of an image folder are.
    pub layout: Layout,
    /// How many images the built-in set paints; none is 5,000 for train and 1,000 for test.
    pub count: Option<usize>,
    /// The names of the classes to keep, in the order in which labels count them; none keeps all.
    pub classes: Option<Vec<String>>,
}

impl ImageOptions {
    /// The largest side that an image may be brought to, in pixels.
    pub const MAX_SIZE: usize = 4096;

    pub(super) fn check(&self) -> Result<()> {
        match self.size {
            Some(size) if size == 0 || size > Self::MAX_SIZE => {
                Err(Error::argument(OP, "size", format!("from 1 to {} pixels", Self::MAX_SIZE), size))
            }
            _ => Ok(()),
        }
    }
}

/// What an image that cannot be read does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnCorrupt {
    /// Loading fails and names the file.
    #[default]
    Error,
    /// The image is left out and listed in [`Images::skipped`](super::Images::skipped).
    Skip,
}

impl OnCorrupt {
    /// The name that scripts write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Skip => "skip",
        }
    }
}

impl FromStr for OnCorrupt {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Error, Self::Skip];
        let unknown = || Error::unknown(OP, "on_corrupt", text, all.map(Self::name));
        all.into_iter().find(|choice| choice.name() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for OnCorrupt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_on_corrupt_gets_the_list() {
        assert_eq!("skip".parse::<OnCorrupt>().unwrap(), OnCorrupt::Skip);
        let error = "fail".parse::<OnCorrupt>().unwrap_err();
        assert_eq!(error.to_string(), "images: unknown on_corrupt 'fail'; there are: error, skip");
    }

    #[test]
    fn a_size_of_zero_is_an_error() {
        let error = ImageOptions { size: Some(0), ..Default::default() }.check().unwrap_err();
        assert_eq!(error.to_string(), "images: size must be from 1 to 4096 pixels, got 0");
    }
}
