//! How a few-shot evaluation is done: its sizes, its head, its seed. Sees no features and no labels.

use std::fmt;

use super::head::{FewShotHead, OP};
use crate::{Error, Result};

/// How episodes are made and what is fitted on them.
#[derive(Clone, Debug, PartialEq)]
pub struct FewShotProtocol {
    /// Classes of an episode, at least 2.
    pub ways: usize,
    /// Support rows of each class.
    pub shots: usize,
    /// Query rows of each class.
    pub queries: usize,
    /// How many episodes.
    pub episodes: usize,
    /// What is fitted on the support rows.
    pub head: FewShotHead,
    /// Keys the draws.
    pub seed: u64,
}

impl Default for FewShotProtocol {
    fn default() -> Self {
        Self { ways: 5, shots: 1, queries: 15, episodes: 1000, head: FewShotHead::default(), seed: 0 }
    }
}

/// More episodes would add no information, and nothing breaks an evaluation off.
const MOST_EPISODES: usize = 10_000_000;

/// The protocol in words.
impl fmt::Display for FewShotProtocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ways, shots, queries, episodes, head, seed } = self;
        write!(
            formatter,
            "{ways}-way {shots}-shot {queries}-query, {episodes} episodes, {head} on unit features, seed {seed}"
        )
    }
}

impl FewShotProtocol {
    /// # Errors
    /// A size or a strength that makes no sense whatever the features are.
    pub(super) fn check(&self) -> Result<()> {
        let sizes = [
            ("ways", self.ways, 2),
            ("shots", self.shots, 1),
            ("queries", self.queries, 1),
            ("episodes", self.episodes, 1),
        ];
        match sizes.into_iter().find(|(_, size, least)| size < least) {
            Some((name, size, least)) => Err(Error::argument(OP, name, format!("at least {least}"), size)),
            None if self.episodes > MOST_EPISODES => {
                Err(Error::argument(OP, "episodes", format!("at most {MOST_EPISODES}"), self.episodes))
            }
            None => self.head.check(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_reads_as_in_a_paper() {
        let options = FewShotProtocol { shots: 5, head: FewShotHead::Logistic { c: 1.0 }, ..Default::default() };
        assert_eq!(
            options.to_string(),
            "5-way 5-shot 15-query, 1000 episodes, logistic (c 1) on unit features, seed 0"
        );
    }
}
