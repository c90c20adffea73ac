//! SimCLR's projection head.

use super::{BatchNormOptions, Module, batch_norm, linear, relu, sequential};
use crate::{Error, Result};

/// Linear without bias → batch norm → ReLU for every step between two sizes, the last without ReLU and with a
/// batch norm without bias: `[N, sizes[0]]` to `[N, last]` (SimCLR v1; the paper's has sizes D, D, 128).
///
/// # Errors
/// Fewer than 2 sizes, or one of 0; a weight of more than 2³¹ − 1 elements.
pub fn projector(sizes: &[usize]) -> Result<Module> {
    if sizes.len() < 2 || sizes.contains(&0) {
        return Err(Error::argument("projector", "sizes", "at least 2 numbers over 0", format!("{sizes:?}")));
    }
    let mut layers = Vec::new();
    for (position, pair) in sizes.windows(2).enumerate() {
        let is_last = position + 2 == sizes.len();
        layers.push(linear(pair[0], pair[1], false).checked()?);
        layers.push(batch_norm(pair[1], BatchNormOptions { bias: !is_last, ..Default::default() }));
        if !is_last {
            layers.push(relu());
        }
    }
    Ok(sequential(layers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_layer_but_the_hidden_norms_has_a_bias() {
        let names: Vec<String> =
            projector(&[8, 8, 4]).unwrap().parameters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["0.weight", "1.weight", "1.bias", "3.weight", "4.weight"]);
        assert!(projector(&[8]).is_err());
    }
}
