//! Clipping by the norm of all gradients together (Pascanu et al., ICML 2013).

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{
    Result, Tensor,
    options::{check, over},
};

/// u · min(1, c / (‖all u‖ + 10⁻⁶)), as PyTorch's `clip_grad_norm_`. The norm stays on the device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClipByGlobalNorm {
    /// c: the largest norm.
    pub max_norm: f64,
}

impl ClipByGlobalNorm {
    pub(super) const NAME: &str = "clip_by_global_norm";
}

impl GradientTransform for ClipByGlobalNorm {
    fn check(&self) -> Result<()> {
        check(Self::NAME, "max_norm", &self.max_norm, &over(0.0), None)
    }

    fn needs_all(&self) -> bool {
        true
    }

    fn update_all(
        &self,
        passing: Vec<Passing>,
        shared: Slots,
        _targets: &[&UpdateTarget],
    ) -> Result<(Vec<Passing>, Slots)> {
        let mut squares: Option<Tensor> = None;
        for (update, _) in &passing {
            let own = update.mul(update)?.sum(None, false)?;
            squares = Some(squares.map_or(Ok(own.clone()), |all| all.add(&own))?);
        }
        let Some(squares) = squares else { return Ok((passing, shared)) };
        let share = squares.sqrt()?.add_scalar(1e-6)?.reciprocal()?.mul_scalar(self.max_norm)?.clamp_max(1.0)?;
        let clipped = passing.into_iter().map(|(update, kept)| Ok((update.mul(&share)?, kept)));
        Ok((clipped.collect::<Result<_>>()?, shared))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::Role};

    fn clipped(max_norm: f64, gradients: &[&[f32]]) -> Vec<Vec<f32>> {
        let tensor = |values: &&[f32]| Tensor::from_floats(values.to_vec(), &[values.len()], &Device::cpu()).unwrap();
        let tensors: Vec<Tensor> = gradients.iter().map(tensor).collect();
        let of =
            |parameter: &Tensor| UpdateTarget { parameter: parameter.clone(), role: Role::Weight, lr: 1.0, step: 1 };
        let targets: Vec<UpdateTarget> = tensors.iter().map(of).collect();
        let passing = tensors.into_iter().map(|update| (update, Slots::default())).collect();
        let clip = ClipByGlobalNorm { max_norm };
        let (passed, _) = clip.update_all(passing, Slots::default(), &targets.iter().collect::<Vec<_>>()).unwrap();
        passed.into_iter().map(|(update, _)| update.floats().unwrap()).collect()
    }

    #[test]
    fn all_gradients_are_scaled_by_one_factor_as_pytorchs_and_only_down() {
        // torch.nn.utils.clip_grad_norm_([[3, 0], [0, 4, 12]], 2.6): 2.6 / (13 + 1e-6) of each.
        let found = clipped(2.6, &[&[3.0, 0.0], &[0.0, 4.0, 12.0]]);
        let wanted = [vec![0.6, 0.0], vec![0.0, 0.8, 2.4]];
        for (found, wanted) in found.iter().flatten().zip(wanted.iter().flatten()) {
            assert!((found - wanted).abs() < 1e-6, "{found} and {wanted}");
        }
        assert_eq!(clipped(13.1, &[&[3.0, 0.0], &[0.0, 4.0, 12.0]]), [vec![3.0, 0.0], vec![0.0, 4.0, 12.0]]);
        assert_eq!(clipped(1.0, &[&[0.0]]), [vec![0.0]]);
        assert!(clipped(1.0, &[]).is_empty());
    }
}
