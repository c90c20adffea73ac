//! Sharpness-aware minimisation: gradients are taken where the loss is about the largest nearby.

use serde::{Deserialize, Serialize};

use super::finite;
use crate::{
    Result, Tensor,
    nn::Parameter,
    options::{options, over},
    tensor::no_grad,
};

options! {
    /// Options of `mb.optim.sam`.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Sharpness as "SamOptions" {
        /// How far from the parameters the gradients are taken: the length of the way for all of them together.
        pub rho: f64 = 0.05, in over(0.0);
        /// Whether each value's share of the way is relative to its size (Kwon et al., ICML 2021).
        pub adaptive: bool = false;
    }
}

impl Sharpness {
    /// Where the gradients are to be taken (Foret et al., ICLR 2021): p + ρ g/‖g‖, or p + ρ p²g/‖pg‖ where it is adaptive.
    /// None where the norm is 0 or not finite. One number is read from the device.
    ///
    /// # Errors
    /// A device failed.
    pub fn ascend(&self, moving: &[(Parameter, Tensor)]) -> Result<Option<Vec<Tensor>>> {
        no_grad(|| {
            let scaled = |(parameter, gradient): &(Parameter, Tensor)| match self.adaptive {
                true => parameter.value()?.mul(gradient),
                false => Ok(gradient.clone()),
            };
            let scaled = moving.iter().map(scaled).collect::<Result<Vec<_>>>()?;
            let norm = finite::squares(&scaled)?.iter().sum::<f64>().sqrt();
            if !(norm.is_finite() && norm > 0.0) {
                return Ok(None);
            }
            let ascend = |((parameter, _), scaled): (&(Parameter, Tensor), &Tensor)| {
                let value = parameter.value()?;
                let way = if self.adaptive { value.mul(scaled)? } else { scaled.clone() };
                value.add(&way.mul_scalar(self.rho / norm)?)
            };
            moving.iter().zip(&scaled).map(ascend).collect::<Result<Vec<_>>>().map(Some)
        })
    }
}
