//! The normalised temperature-scaled cross-entropy of SimCLR (Chen et al., ICML 2020), for any number of views.

use super::{
    operands::wants_rows,
    similarity::{self, MASKED, equal_pairs, images_of, numbered},
};
use crate::{
    Result, Tensor,
    options::{Options, options, over},
};

options! {
    /// How views are compared.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct NtXentOptions {
        /// Views per image; the rows of z are view-major.
        pub views: usize = 2, in 2..;
        /// Divides the logits.
        pub temperature: f64 = 0.5, in over(0.0);
    }
}

/// For embeddings `[views · B, d]`, view-major: logits ẐẐᵀ/τ of the unit rows without the diagonal; the mean over
/// rows and over the other views of the same image of −log softmax. A scalar.
///
/// # Errors
/// Embeddings that are not a float matrix; fewer than 2 views, or a number of rows that they do not divide; one image,
/// whose views have nothing to differ from; a temperature that is not over 0 and finite.
pub fn nt_xent(z: &Tensor, options: NtXentOptions) -> Result<Tensor> {
    const OP: &str = "nt_xent";
    z.want_float(OP)?;
    options.check(OP)?;
    let NtXentOptions { views, temperature } = options;
    if z.rank() != 2 {
        return Err(wants_rows(OP, "wants [views · images, dims]".into(), z));
    }
    let images = images_of(OP, z, views)?;
    let rows = views * images;
    let own = equal_pairs(&numbered(rows, z, |row| row)?)?;
    let positive = equal_pairs(&numbered(rows, z, |row| row % images)?)?.logical_and(&own.logical_not()?)?;
    let logits = similarity::logits(z, temperature)?;
    let log_probabilities = logits.masked_fill(&own, MASKED)?.log_softmax(1)?;
    let terms = log_probabilities.masked_fill(&positive.logical_not()?, 0.0)?;
    terms.sum(None, false)?.div_scalar(-((rows * (views - 1)) as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::fixture::{check, fixture, numbers, sizes},
        tensor::gradients,
    };

    #[test]
    fn value_and_gradient_are_pytorchs_for_2_3_and_4_views() {
        for case in fixture("/losses/nt_xent").as_array().unwrap() {
            let z = Tensor::from_floats(numbers(&case["z"]), &sizes(&case["shape"]), &Device::cpu())
                .unwrap()
                .requires_grad()
                .unwrap();
            let views = case["views"].as_u64().unwrap() as usize;
            let loss =
                nt_xent(&z, NtXentOptions { views, temperature: case["temperature"].as_f64().unwrap() }).unwrap();
            check("nt_xent", &loss.floats().unwrap(), &[case["loss"].as_f64().unwrap() as f32], 2e-6);
            check(
                "its gradient",
                &gradients(&loss, &[z]).unwrap()[0].floats().unwrap(),
                &numbers(&case["gradient"]),
                2e-6,
            );
        }
    }

    #[test]
    fn arguments_that_make_no_sense_are_errors() {
        let z = Tensor::ones(&[6, 2], &Device::cpu()).unwrap();
        let message = |views, temperature| nt_xent(&z, NtXentOptions { views, temperature }).unwrap_err().to_string();
        assert_eq!(message(1, 0.5), "nt_xent: views must be at least 2, got 1");
        assert_eq!(message(4, 0.5), "nt_xent: wants a multiple of 4 rows, one for each view, got shape [6, 2]");
        assert_eq!(
            message(6, 0.5),
            "nt_xent: wants rows of at least 2 images, 6 each: the views of one alone have no other to differ from, \
                 got shape [6, 2]"
        );
        assert_eq!(message(2, 0.0), "nt_xent: temperature must be a number over 0, got 0");
        assert!(message(2, f64::NAN).contains("temperature"));
        assert!(
            nt_xent(&Tensor::from_ints(vec![1, 2], &[2, 1], &Device::cpu()).unwrap(), NtXentOptions::default())
                .is_err()
        );
    }
}
