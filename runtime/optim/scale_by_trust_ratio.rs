//! The trust ratio of LARS.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Mask, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Error, Result, Tensor};

/// u·η‖p‖/‖u‖; u where one of the norms is 0. The norms stay on the device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleByTrustRatio {
    /// η: how long an update is, relative to the parameter.
    pub trust_coefficient: f64,
    /// What is adapted.
    #[serde(default)]
    pub mask: Mask,
}

impl ScaleByTrustRatio {
    pub(super) const NAME: &str = "scale_by_trust_ratio";

    /// η‖p‖/‖u‖ as a scalar tensor; 1 where one of the norms is 0.
    fn ratio(&self, parameter: &Tensor, update: &Tensor) -> Result<Tensor> {
        let (parameter, update) = (parameter.norm(None, false)?, update.norm(None, false)?);
        let adapts = parameter.gt_scalar(0.0)?.logical_and(&update.gt_scalar(0.0)?)?;
        let ratio = parameter.div(&update)?.mul_scalar(self.trust_coefficient)?;
        Tensor::select_where(&adapts, &ratio, &Tensor::scalar(1.0, parameter.device())?)
    }
}

impl GradientTransform for ScaleByTrustRatio {
    fn check(&self) -> Result<()> {
        if self.trust_coefficient.is_finite() && self.trust_coefficient > 0.0 {
            return Ok(());
        }
        Err(Error::argument(Self::NAME, "trust_coefficient", "a number over 0", self.trust_coefficient))
    }

    fn update(&self, update: Tensor, kept: Slots, target: &UpdateTarget) -> Result<Passing> {
        if !self.mask.covers(target.role, target.parameter.rank()) {
            return Ok((update, kept));
        }
        Ok((update.mul(&self.ratio(&target.parameter, &update)?)?, kept))
    }
}
