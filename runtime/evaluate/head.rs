//! The heads of a few-shot evaluation, by name and strength. What each computes, `classifier.rs` knows.

use std::{fmt, str::FromStr};

use super::{classifier::Classifier, unfit::Unfit};
use crate::{Error, Result};

pub(super) const OP: &str = "few_shot";

/// What is fitted on the support rows X [n, d] of an episode.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum FewShotHead {
    /// The nearest class mean by squared Euclidean distance (Snell et al., "Prototypical Networks", NeurIPS 2017).
    #[default]
    Prototypes,
    /// Ridge regression on one-hot labels, W = Xᵀ·(XXᵀ + λI)⁻¹·Y (Bertinetto et al., "R2-D2", ICLR 2019).
    Ridge {
        /// λ, over 0.
        lambda: f64,
    },
    /// Logistic regression as scikit-learn defines it: C · Σ cross-entropy + ½‖W‖², intercepts not penalised
    /// (Tian et al., "Rethinking Few-Shot Image Classification", ECCV 2020).
    Logistic {
        /// C, over 0.
        c: f64,
    },
}

impl FewShotHead {
    /// The name that scripts write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prototypes => "prototypes",
            Self::Ridge { .. } => "ridge",
            Self::Logistic { .. } => "logistic",
        }
    }

    /// λ or C, by its name.
    fn strength(self) -> Option<(&'static str, f64)> {
        match self {
            Self::Prototypes => None,
            Self::Ridge { lambda } => Some(("lambda", lambda)),
            Self::Logistic { c } => Some(("c", c)),
        }
    }

    pub(super) fn check(self) -> Result<()> {
        match self.strength() {
            Some((_, value)) if !(value.is_finite() && value > 0.0) => Err(self.error(Unfit("a number over 0".into()))),
            _ => Ok(()),
        }
    }

    /// Why the head cannot be fitted.
    pub(super) fn error(self, Unfit(want): Unfit) -> Error {
        let (name, value) = self.strength().unwrap_or(("head", f64::NAN));
        Error::argument(OP, name, want, value)
    }

    /// Fits rows [n, width] of classes 0 … ways − 1.
    pub(super) fn fit(self, rows: &[f64], width: usize, labels: &[usize], ways: usize) -> Result<Classifier, Unfit> {
        match self {
            Self::Prototypes => Ok(Classifier::prototypes(rows, width, labels, ways)),
            Self::Ridge { lambda } => Classifier::ridge(rows, width, labels, ways, lambda),
            Self::Logistic { c } => Classifier::logistic(rows, width, labels, ways, c),
        }
    }
}

impl FromStr for FewShotHead {
    type Err = Error;

    /// A head of this name, its strength 1.
    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Prototypes, Self::Ridge { lambda: 1.0 }, Self::Logistic { c: 1.0 }];
        let unknown = || Error::unknown(OP, "head", text, all.map(Self::name));
        all.into_iter().find(|head| head.name() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for FewShotHead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prototypes => formatter.write_str(self.name()),
            Self::Ridge { lambda } => write!(formatter, "{} (lambda {lambda})", self.name()),
            Self::Logistic { c } => write!(formatter, "{} (c {c})", self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_from_its_name_and_shows_its_strength() {
        assert_eq!("ridge".parse::<FewShotHead>().unwrap().to_string(), "ridge (lambda 1)");
        assert_eq!(FewShotHead::Logistic { c: 0.5 }.to_string(), "logistic (c 0.5)");
        let error = "prototype".parse::<FewShotHead>().unwrap_err().to_string();
        assert_eq!(error, "few_shot: unknown head 'prototype'; did you mean 'prototypes'?");
    }

    #[test]
    fn a_strength_that_is_not_over_zero_is_an_error() {
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = FewShotHead::Ridge { lambda: value }.check().unwrap_err().to_string();
            assert_eq!(error, format!("few_shot: lambda must be a number over 0, got {value}"));
            assert!(FewShotHead::Logistic { c: value }.check().is_err());
        }
    }

    #[test]
    fn a_lambda_that_rounding_swallows_is_an_error() {
        let head = FewShotHead::Ridge { lambda: 1e-300 };
        let error = head.error(head.fit(&[1.0, 0.0, 1.0, 0.0], 2, &[0, 1], 2).err().unwrap()).to_string();
        let want = "few_shot: lambda must be large enough for rows that depend on each other, got 0.000";
        assert!(error.starts_with(want), "{error}");
    }
}
