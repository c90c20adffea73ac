//! MixUp and CutMix of a labelled batch: the images, with gradients, and the targets.

use super::operation::differentiable;
use crate::{
    Result, Tensor,
    mixing::{LabelledMixOptions, cutmix, mixup},
    parity::{Case, tolerance::SUM},
    rng::{DrawKey, Stream},
};

const IMAGES: [usize; 4] = [5, 3, 13, 11];

/// What mixes images and labels.
type Mixes = fn(&Tensor, &Tensor, LabelledMixOptions, &Stream, DrawKey) -> Result<(Tensor, Tensor)>;

pub(super) fn cases() -> Vec<Case> {
    let all: [(&str, Mixes); 2] = [("mixup of a batch", mixup), ("cutmix of a batch", cutmix)];
    let case = |(name, mixes): (&str, Mixes)| {
        differentiable(name, SUM, [(IMAGES.to_vec(), [0.0, 1.0])], move |inputs| {
            let labels = Tensor::from_ints(vec![0, 3, 3, 1, 2], &[5], inputs[0].device())?;
            let options = LabelledMixOptions { classes: Some(4), ..Default::default() };
            let (images, targets) =
                mixes(&inputs[0], &labels, options, &Stream::new(0, "parity"), DrawKey { step: 1, call: 0 })?;
            Tensor::cat(&[images.reshape(&[images.len()])?, targets.reshape(&[targets.len()])?], 0)
        })
    };
    all.into_iter().map(case).collect()
}
