//! The parts of a data set.

use crate::options::choices;

choices! {
    /// The part of a data set to load.
    pub enum Split of "images" "split" {
        /// What is learnt from.
        #[default]
        Train = "train",
        /// What is only measured on.
        Test = "test",
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
