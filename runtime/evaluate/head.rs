//! The heads of a few-shot evaluation, by name. What each computes, `classifier.rs` knows.

use std::str::FromStr;

use crate::{Error, Result};

pub(super) const OP: &str = "few_shot";

/// What is fitted on the support rows X [n, d] of an episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FewShotHead {
    /// The nearest class mean by squared Euclidean distance (Snell et al., "Prototypical Networks", NeurIPS 2017).
    #[default]
    Prototypes,
    /// Ridge regression on one-hot labels, W = Xᵀ·(XXᵀ + λI)⁻¹·Y (Bertinetto et al., "R2-D2", ICLR 2019).
    Ridge,
    /// Logistic regression as scikit-learn defines it: C · Σ cross-entropy + ½‖W‖², intercepts not penalised
    /// (Tian et al., "Rethinking Few-Shot Image Classification", ECCV 2020).
    Logistic,
}

impl FewShotHead {
    /// The name that scripts write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prototypes => "prototypes",
            Self::Ridge => "ridge",
            Self::Logistic => "logistic",
        }
    }
}

impl FromStr for FewShotHead {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Prototypes, Self::Ridge, Self::Logistic];
        let unknown = || Error::unknown(OP, "head", text, all.map(Self::name));
        all.into_iter().find(|head| head.name() == text).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_from_its_name() {
        assert_eq!("ridge".parse::<FewShotHead>().unwrap(), FewShotHead::Ridge);
        let error = "prototype".parse::<FewShotHead>().unwrap_err().to_string();
        assert_eq!(error, "few_shot: unknown head 'prototype'; did you mean 'prototypes'?");
    }
}
