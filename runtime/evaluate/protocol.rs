//! How a few-shot evaluation is done: its sizes, its head, its seed. Sees no features and no labels.

use std::fmt;

use super::{
    classifier::Classifier,
    head::{FewShotHead, OP},
    unfit::Unfit,
};
use crate::{
    Error, Result,
    options::{options, over},
};

/// More episodes would add no information, and nothing breaks an evaluation off.
const MOST_EPISODES: usize = 10_000_000;

options! {
    /// How episodes are made and what is fitted on them.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FewShotProtocol {
        /// Classes of an episode.
        pub ways: usize = 5, in 2..;
        /// Support images of each class, which the head is fitted on.
        pub shots: usize = 1, in 1..;
        /// Query images of each class, which it classifies.
        pub queries: usize = 15, in 1..;
        /// How many episodes.
        pub episodes: usize = 1000, in 1..=MOST_EPISODES;
        /// "prototypes": the nearest class mean. "ridge": ridge regression on one-hot labels. "logistic": logistic
        /// regression as scikit-learn's.
        pub head: FewShotHead = FewShotHead::Prototypes;
        /// The penalty λ of ridge.
        pub lambda: f64 = 1.0, in over(0.0);
        /// The inverse penalty C of logistic.
        pub c: f64 = 1.0, in over(0.0);
        /// Keys the episodes. The same for every encoder and head.
        pub seed: u64 = 0;
    }
}

/// The protocol in words.
impl fmt::Display for FewShotProtocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ways, shots, queries, episodes, seed, .. } = self;
        write!(
            formatter,
            "{ways}-way {shots}-shot {queries}-query, {episodes} episodes, {}{} on unit features, seed {seed}",
            self.head.name(),
            self.strength().map_or_else(String::new, |(name, value)| format!(" ({name} {value})")),
        )
    }
}

impl FewShotProtocol {
    /// λ or C, whichever the head has, by its name.
    fn strength(&self) -> Option<(&'static str, f64)> {
        match self.head {
            FewShotHead::Prototypes => None,
            FewShotHead::Ridge => Some(("lambda", self.lambda)),
            FewShotHead::Logistic => Some(("c", self.c)),
        }
    }

    /// Why the head cannot be fitted.
    pub(super) fn error(&self, Unfit(want): Unfit) -> Error {
        let (name, value) = self.strength().unwrap_or(("head", f64::NAN));
        Error::argument(OP, name, want, value)
    }

    /// Fits the head on support rows [n, width] of classes 0 … ways − 1.
    pub(super) fn fit(&self, rows: &[f64], width: usize, labels: &[usize]) -> Result<Classifier, Unfit> {
        match self.head {
            FewShotHead::Prototypes => Ok(Classifier::prototypes(rows, width, labels, self.ways)),
            FewShotHead::Ridge => Classifier::ridge(rows, width, labels, self.ways, self.lambda),
            FewShotHead::Logistic => Classifier::logistic(rows, width, labels, self.ways, self.c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_reads_as_in_a_paper() {
        let options = FewShotProtocol { shots: 5, head: FewShotHead::Logistic, ..Default::default() };
        assert_eq!(
            options.to_string(),
            "5-way 5-shot 15-query, 1000 episodes, logistic (c 1) on unit features, seed 0"
        );
    }

    #[test]
    fn a_lambda_that_rounding_swallows_is_an_error() {
        let options = FewShotProtocol { ways: 2, head: FewShotHead::Ridge, lambda: 1e-300, ..Default::default() };
        let unfit = options.fit(&[1.0, 0.0, 1.0, 0.0], 2, &[0, 1]).err().unwrap();
        let (error, want) = (
            options.error(unfit).to_string(),
            "few_shot: lambda must be large enough for rows that depend on each other, got 0.000",
        );
        assert!(error.starts_with(want), "{error}");
    }
}
