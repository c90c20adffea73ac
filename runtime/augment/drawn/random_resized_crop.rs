//! A random part of the image, resized: the crop of Inception training (Szegedy et al., 2015).

use super::super::{Change, Crop, DrawPlace, Interpolation, Size, Transform};
use crate::{
    Result,
    options::{Options, Pair, Span, options, over, over_to},
    rng::Draws,
};

const OP: &str = "random_resized_crop";

/// Larger views than any network here takes; a mistyped size must not exhaust the memory.
const LARGEST: usize = 8192;

/// Random areas are tried this often before the centre is taken.
const TRIES: usize = 10;

options! {
    /// Cuts out a part of random area and aspect ratio and resizes it to a fixed size.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct RandomResizedCrop as "CropOptions", shown "random_resized_crop" {
        /// The side of the view, or its height and width.
        size: Pair, in 1..=LARGEST, unit "pixels";
        /// The least and the greatest part of the area that is cut out.
        scale: Span = Span([0.08, 1.0]), in over_to(0.0, 1.0);
        /// The least and the greatest width : height.
        ratio: Span = Span([3.0 / 4.0, 4.0 / 3.0]), in over(0.0);
        /// How pixels are interpolated.
        interpolation: Interpolation = Interpolation::Bicubic;
        /// Widens the kernel where the crop is larger than the view, as torchvision's `antialias`: edges are then
        /// normalised instead of repeated, and the cubic's parameter is -0.5 instead of -0.75.
        antialias: bool = false;
    }
}

impl RandomResizedCrop {
    /// A crop to `size` (height, width) of 8 to 100 % of the area, with width : height in 3:4 to 4:3, bicubic.
    pub fn new(size: Size) -> Result<Self> {
        Self::given((Pair([size.0, size.1]),)).checked(OP)
    }

    /// The least and the greatest fraction of the area, `0 < low <= high <= 1`.
    pub fn with_scale(self, scale: [f32; 2]) -> Result<Self> {
        Self { scale: Span(scale), ..self }.checked(OP)
    }

    /// The least and the greatest width : height, `0 < low <= high`.
    pub fn with_ratio(self, ratio: [f32; 2]) -> Result<Self> {
        Self { ratio: Span(ratio), ..self }.checked(OP)
    }

    /// The interpolation, bicubic otherwise.
    pub fn with_interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// torchvision's `antialias`, off otherwise.
    pub fn with_antialias(self, antialias: bool) -> Self {
        Self { antialias, ..self }
    }

    /// torchvision's way to choose the part: two draws for area and log ratio per try, two for the place.
    fn part(&self, (height, width): Size, draws: &mut Draws) -> Crop {
        let area = (height * width) as f32;
        let [low, high] = self.ratio.0.map(f32::ln);
        for _ in 0..TRIES {
            let target = area * draws.range(self.scale.0[0], self.scale.0[1]);
            let ratio = draws.range(low, high).exp();
            let crop_width = (target * ratio).sqrt().round_ties_even() as usize;
            let crop_height = (target / ratio).sqrt().round_ties_even() as usize;
            if (1..=width).contains(&crop_width) && (1..=height).contains(&crop_height) {
                let top = draws.below((height - crop_height + 1) as u32) as usize;
                let left = draws.below((width - crop_width + 1) as u32) as usize;
                return Crop { top, left, height: crop_height, width: crop_width };
            }
        }
        self.centre((height, width))
    }

    /// The largest part in the middle whose ratio is allowed.
    fn centre(&self, (height, width): Size) -> Crop {
        let ratio = width as f32 / height as f32;
        let fit = |x: f32, limit: usize| (x.round_ties_even() as usize).clamp(1, limit);
        let Span([low, high]) = self.ratio;
        let (crop_height, crop_width) = if ratio < low {
            (fit(width as f32 / low, height), width)
        } else if ratio > high {
            (height, fit(height as f32 * high, width))
        } else {
            (height, width)
        };
        let [top, left] = [(height - crop_height) / 2, (width - crop_width) / 2];
        Crop { top, left, height: crop_height, width: crop_width }
    }
}

impl Transform for RandomResizedCrop {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let crop = self.part(size, &mut place.draws());
        let Self { interpolation, antialias, .. } = *self;
        changes.push(Change::Crop { crop, size: self.output_size(size), interpolation, antialias });
    }

    fn output_size(&self, _input: Size) -> Size {
        let Pair([height, width]) = self.size;
        (height, width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn crops(crop: RandomResizedCrop, size: Size) -> Vec<Crop> {
        let stream = Stream::new(0, "crop");
        (0..4000).map(|sample| crop.part(size, &mut stream.at(0, sample, 0, 0))).collect()
    }

    fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
        let count = values.len() as f64;
        values.sum::<f64>() / count
    }

    #[test]
    fn every_crop_lies_inside_the_image() {
        for size in [(1, 1), (1, 50), (50, 1), (33, 17), (32, 32), (300, 200)] {
            for crop in crops(RandomResizedCrop::new((24, 24)).unwrap(), size) {
                assert!(crop.height >= 1 && crop.width >= 1, "{crop:?}");
                assert!(crop.top + crop.height <= size.0 && crop.left + crop.width <= size.1, "{crop:?} in {size:?}");
            }
        }
    }

    #[test]
    fn areas_and_ratios_are_distributed_as_torchvisions() {
        let crops = crops(RandomResizedCrop::new((32, 32)).unwrap(), (32, 32));
        let area = mean(crops.iter().map(|crop| (crop.height * crop.width) as f64 / 1024.0));
        let log_ratio = mean(crops.iter().map(|crop| (crop.width as f64 / crop.height as f64).ln()));
        let top = mean(crops.iter().map(|crop| crop.top as f64));
        assert!(
            (area - 0.4896).abs() < 0.015 && log_ratio.abs() < 0.015 && (top - 5.18).abs() < 0.3,
            "{area} {log_ratio} {top}"
        );
    }

    #[test]
    fn a_scale_of_one_and_a_ratio_of_one_take_the_whole_square() {
        let crop = RandomResizedCrop::new((8, 8)).unwrap().with_scale([1.0, 1.0]).unwrap();
        let crops = crops(crop.with_ratio([1.0, 1.0]).unwrap(), (32, 32));
        assert!(crops.iter().all(|&crop| crop == Crop::whole((32, 32))));
    }

    #[test]
    fn an_image_too_long_for_any_ratio_gives_its_centre() {
        let crop = RandomResizedCrop::new((8, 8)).unwrap().with_scale([1.0, 1.0]).unwrap();
        assert_eq!(crop.part((10, 100), &mut Stream::new(0, "").at(0, 0, 0, 0)), crop.centre((10, 100)));
        assert_eq!(crop.centre((10, 100)), Crop { top: 0, left: 43, height: 10, width: 13 });
        assert_eq!(crop.centre((100, 10)), Crop { top: 43, left: 0, height: 13, width: 10 });
    }

    #[test]
    fn options_that_make_no_sense_are_errors() {
        let message = |crop: Result<RandomResizedCrop>| crop.unwrap_err().to_string();
        let crop = RandomResizedCrop::new((8, 8)).unwrap();
        assert_eq!(
            message(RandomResizedCrop::new((0, 8))),
            "random_resized_crop: size must be from 1 to 8192 pixels, got {0, 8}"
        );
        let scale = "random_resized_crop: scale must be two numbers { low, high } with low at most high, each over 0 \
             and at most 1, got ";
        assert_eq!(message(crop.with_scale([0.5, 0.2])), format!("{scale}{{0.5, 0.2}}"));
        assert_eq!(message(crop.with_scale([0.0, 1.0])), format!("{scale}{{0, 1}}"));
        assert_eq!(message(crop.with_scale([0.1, f32::NAN])), format!("{scale}{{0.1, NaN}}"));
        let ratio =
            "random_resized_crop: ratio must be two numbers { low, high } with low at most high, each over 0, got ";
        assert_eq!(message(crop.with_ratio([1.0, f32::INFINITY])), format!("{ratio}{{1, inf}}"));
    }
}
