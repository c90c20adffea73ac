//! Features of stored images.

use crate::{
    Device, Error, Result, Tensor,
    augment::{Chain, View},
    data::Images,
    nn::Module,
    rng::Stream,
    tensor::{Precision, autocast, no_grad},
    views::{self, Source},
};

/// What a module makes of images, `[images, d]`: in evaluation mode, in float32, without gradients, `batch` images at a
/// time, which enter as `[N, 3, height, width]` floats in 0 … 1. The module's modes are as before afterwards, also
/// after an error.
///
/// # Errors
/// A batch of 0; what the module reports; an output that is not a matrix.
pub fn features(module: &Module, images: Source<'_>, batch: usize, device: &Device) -> Result<Tensor> {
    let (_, count) = images.size()?;
    of_rows(module, images, 0..count, batch, device)
}

/// The features of some images of a set, in the order given; as [`features`].
pub(super) fn rows_of(
    module: &Module,
    images: &Images,
    rows: &[usize],
    batch: usize,
    device: &Device,
) -> Result<Tensor> {
    of_rows(module, Source::Set(images), rows.iter().copied(), batch, device)
}

fn of_rows(
    module: &Module,
    images: Source<'_>,
    rows: impl Iterator<Item = usize>,
    batch: usize,
    device: &Device,
) -> Result<Tensor> {
    if batch == 0 {
        return Err(Error::argument("features", "batch", "at least 1", batch));
    }
    let rows: Vec<View> = rows.map(|image| View { image, turn: 0, number: 0 }).collect();
    // Nothing is drawn.
    let (unchanged, stream) = (Chain::new(), Stream::new(0, "features"));
    let parts = module.evaluating(|| {
        no_grad(|| {
            let parts = rows.chunks(batch).map(|rows| {
                let images = views::make(&unchanged, images, rows, &stream, 0, device)?;
                let features = autocast(Precision::Float32, || module.forward(&images))?;
                if features.rank() == 2 {
                    return Ok(features);
                }
                Err(Error::Shape {
                    op: "features".into(),
                    want: "the module must return [N, d]".into(),
                    got: features.shape().to_vec(),
                })
            });
            parts.collect::<Result<Vec<_>>>()
        })
    })?;
    Tensor::cat(&parts, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{BatchNormOptions, batch_norm, flatten, sequential};

    fn images(count: usize, height: usize, width: usize) -> Tensor {
        let values = (0..count * 3 * height * width).map(|i| i as f32 / 100.0).collect();
        Tensor::from_floats(values, &[count, 3, height, width], &Device::cpu()).unwrap()
    }

    #[test]
    fn images_enter_as_they_are_whatever_the_batch() {
        let (images, module) = (images(3, 2, 1), flatten());
        for batch in [1, 2, 3, 7] {
            let found = features(&module, Source::Tensor(&images), batch, &Device::cpu()).unwrap();
            assert_eq!(found.shape(), [3, 6]);
            assert_eq!(found.floats().unwrap(), images.floats().unwrap());
        }
    }

    #[test]
    fn the_mode_and_the_statistics_are_as_before_also_after_an_error() {
        let device = Device::cpu();
        let module = sequential(vec![batch_norm(3, BatchNormOptions::default())]);
        module.realise("norm", 0, &device).unwrap();
        let error = features(&module, Source::Tensor(&images(1, 2, 2)), 1, &device).unwrap_err().to_string();
        assert_eq!(error, "features: the module must return [N, d], got shape [1, 3, 2, 2]");
        assert!(module.is_training() && module.child("0").unwrap().is_training());
        assert_eq!(module.buffers()[0].1.value().unwrap().floats().unwrap(), [0.0; 3]);
        assert!(features(&module, Source::Tensor(&images(1, 2, 2)), 0, &device).is_err());
    }
}
