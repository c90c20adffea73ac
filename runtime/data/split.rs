//! The parts of a data set.

use std::{fmt, str::FromStr};

use super::OP;
use crate::Error;

/// The part of a data set to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Split {
    /// What is learnt from.
    #[default]
    Train,
    /// What is only measured on.
    Test,
}

impl Split {
    /// The name that scripts write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

impl FromStr for Split {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let all = [Self::Train, Self::Test];
        let unknown = || Error::unknown(OP, "split", text, all.map(Self::name));
        all.into_iter().find(|split| split.name() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_is_read_from_the_name_it_shows() {
        for split in [Split::Train, Split::Test] {
            assert_eq!(split.to_string().parse::<Split>().unwrap(), split);
        }
    }

    #[test]
    fn an_unknown_split_gets_the_nearest_suggestion() {
        let error = "trian".parse::<Split>().unwrap_err();
        assert_eq!(error.to_string(), "images: unknown split 'trian'; did you mean 'train'?");
    }
}
