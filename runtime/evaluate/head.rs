//! The heads of a few-shot evaluation, by name. What each computes, `classifier.rs` knows.

use crate::options::choices;

pub(super) const OP: &str = "few_shot";

choices! {
    /// What is fitted on the support rows X [n, d] of an episode.
    pub enum FewShotHead of "few_shot" "head" {
        /// The nearest class mean by squared Euclidean distance (Snell et al., "Prototypical Networks", NeurIPS 2017).
        #[default]
        Prototypes = "prototypes",
        /// Ridge regression on one-hot labels, W = Xᵀ·(XXᵀ + λI)⁻¹·Y (Bertinetto et al., "R2-D2", ICLR 2019).
        Ridge = "ridge",
        /// Logistic regression as scikit-learn defines it: C · Σ cross-entropy + ½‖W‖², intercepts not penalised
        /// (Tian et al., "Rethinking Few-Shot Image Classification", ECCV 2020).
        Logistic = "logistic",
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
