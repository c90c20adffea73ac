//! Features of stored images.

use crate::{
    Device, Error, Result, Tensor,
    nn::Module,
    tensor::{Precision, autocast, no_grad},
};

const CHANNELS: usize = 3;

/// What a module makes of RGB images, `[images, d]`: in evaluation mode, in float32, without gradients, `batch` images at a time.
/// The images lie one after another as rows of height × width × 3 bytes, and enter as `[N, 3, height, width]`
/// floats in 0 … 1. The module's modes are as before afterwards, also after an error.
///
/// # Errors
/// No image, or bytes left over; a batch of 0; what the module reports; an output that is not a matrix.
pub fn features(
    module: &Module,
    images: &[u8],
    height: usize,
    width: usize,
    batch: usize,
    device: &Device,
) -> Result<Tensor> {
    let size = height * width * CHANNELS;
    if size == 0 || images.is_empty() || !images.len().is_multiple_of(size) {
        let want = format!("a multiple of {height} × {width} × {CHANNELS} bytes");
        return Err(Error::argument("features", "images", want, format!("{} bytes", images.len())));
    }
    if batch == 0 {
        return Err(Error::argument("features", "batch", "at least 1", batch));
    }
    let parts = module.evaluating(|| {
        no_grad(|| {
            let parts = images.chunks(size * batch).map(|chunk| {
                let images = planes(chunk, height, width, device)?;
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

/// Interleaved bytes as `[N, 3, height, width]` in 0 … 1.
fn planes(images: &[u8], height: usize, width: usize, device: &Device) -> Result<Tensor> {
    let pixels = height * width;
    let mut values = Vec::with_capacity(images.len());
    for image in images.chunks_exact(pixels * CHANNELS) {
        for channel in 0..CHANNELS {
            values.extend(image[channel..].iter().step_by(CHANNELS).map(|byte| f32::from(*byte) / 255.0));
        }
    }
    Tensor::from_floats(values, &[images.len() / (pixels * CHANNELS), CHANNELS, height, width], device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{BatchNormOptions, batch_norm, flatten, sequential};

    #[test]
    fn pixels_are_scaled_and_split_into_planes_whatever_the_batch() {
        let images: Vec<u8> = (0..3 * 2 * 3).map(|byte| byte * 10).collect();
        let module = flatten();
        let whole = features(&module, &images, 2, 1, 3, &Device::cpu()).unwrap();
        assert_eq!(whole.shape(), [3, 6]);
        let want: Vec<f32> = [0, 30, 10, 40, 20, 50].map(|byte| byte as f32 / 255.0).to_vec();
        assert_eq!(whole.floats().unwrap()[..6], want);
        let split = features(&module, &images, 2, 1, 2, &Device::cpu()).unwrap();
        assert_eq!(whole.floats().unwrap(), split.floats().unwrap());
    }

    #[test]
    fn the_mode_and_the_statistics_are_as_before_also_after_an_error() {
        let device = Device::cpu();
        let module = sequential(vec![batch_norm(3, BatchNormOptions::default())]);
        module.realise("norm", 0, &device).unwrap();
        let error = features(&module, &[0; 12], 2, 2, 1, &device).unwrap_err().to_string();
        assert_eq!(error, "features: the module must return [N, d], got shape [1, 3, 2, 2]");
        assert!(module.is_training() && module.child("0").unwrap().is_training());
        assert_eq!(module.buffers()[0].1.value().unwrap().floats().unwrap(), [0.0; 3]);
        assert!(features(&module, &[0; 13], 2, 2, 1, &device).is_err());
    }
}
