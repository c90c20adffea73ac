//! Blurring by a random amount (SimCLR, appendix A).

use super::super::{Change, DrawPlace, Size, Transform};
use crate::{
    Error, Result,
    options::{Options, Span, options, over},
};

const OP: &str = "gaussian_blur";

/// More than a tenth of the largest view; a mistyped kernel must not take for ever.
const LARGEST: usize = 1023;

options! {
    /// With a probability, blurs with a Gaussian of a uniform random standard deviation: torchvision's GaussianBlur.
    /// Where the kernel reaches further than the reflected image, it is reflected again.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct GaussianBlur as "BlurOptions", shown "gaussian_blur" {
        /// The side of the kernel, an odd number; the odd number nearest to a tenth of the view's shorter side, at
        /// least 3, where it is not given.
        kernel: Option<usize> = None, in 1..=LARGEST, unit "pixels";
        /// The least and the greatest standard deviation.
        sigma: Span = Span([0.1, 2.0]), in over(0.0), unit "pixels";
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl GaussianBlur {
    /// A blur of a standard deviation from the least to the greatest, `0 < low <= high`, in pixels. The kernel's side
    /// is the odd number nearest to a tenth of the view's shorter side, at least 3. Always applied.
    pub fn new(sigma: [f32; 2]) -> Result<Self> {
        Self { kernel: None, sigma: Span(sigma), p: 1.0 }.checked(OP)
    }

    /// The same blur with a kernel of this side, an odd number of pixels.
    pub fn with_kernel(self, kernel: usize) -> Result<Self> {
        Self { kernel: Some(kernel), ..self }.sound()
    }

    /// The same blur, if its options make sense.
    ///
    /// # Errors
    /// An option outside of its range; an even kernel, which has no middle.
    pub fn sound(self) -> Result<Self> {
        match self.kernel {
            Some(kernel) if kernel.is_multiple_of(2) => Err(Error::argument(OP, "kernel", "an odd number", kernel)),
            _ => self.checked(OP),
        }
    }

    /// The same blur, applied with probability `p`.
    pub fn with_probability(self, p: f32) -> Result<Self> {
        Self { p, ..self }.checked(OP)
    }

    /// Twice the twentieth of the side, and one, is the odd number nearest to a tenth.
    fn taps(&self, (height, width): Size) -> usize {
        self.kernel.unwrap_or((height.min(width) / 20 * 2 + 1).clamp(3, LARGEST))
    }
}

impl Transform for GaussianBlur {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let happens = draws.chance(self.p);
        let sigma = draws.range(self.sigma.0[0], self.sigma.0[1]);
        if happens {
            changes.push(Change::Blur { taps: self.taps(size), sigma });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{
            Pixels, View,
            fixture::{form, views},
            recipes,
        },
        *,
    };
    use crate::rng::Stream;

    fn drawn(blur: GaussianBlur, size: Size) -> Vec<Change> {
        let rows: Vec<View> = (0..4000).map(|image| View { image, turn: 0, number: 0 }).collect();
        recipes(&blur, form(size), &rows, &Stream::new(0, "blur"), 0).views().flatten().cloned().collect()
    }

    #[test]
    fn sigmas_fill_their_range_and_stay_inside() {
        let changes = drawn(GaussianBlur::new([0.1, 2.0]).unwrap(), (32, 32));
        let sigmas: Vec<f32> = changes
            .iter()
            .filter_map(|change| if let Change::Blur { sigma, .. } = change { Some(*sigma) } else { None })
            .collect();
        assert_eq!(sigmas.len(), 4000);
        assert!(sigmas.iter().all(|sigma| (0.1..=2.0).contains(sigma)));
        assert!(sigmas.iter().any(|&sigma| sigma < 0.12) && sigmas.iter().any(|&sigma| sigma > 1.98));
        assert!((sigmas.iter().sum::<f32>() / 4000.0 - 1.05).abs() < 0.03);
    }

    #[test]
    fn the_blur_is_applied_about_as_often_as_asked() {
        let count = drawn(GaussianBlur::new([0.1, 2.0]).unwrap().with_probability(0.2).unwrap(), (32, 32)).len();
        assert!((700..900).contains(&count), "{count} of 4000");
    }

    #[test]
    fn the_kernel_is_a_tenth_of_the_view_unless_it_is_given() {
        let blur = GaussianBlur::new([0.1, 2.0]).unwrap();
        let sides = [1, 32, 39, 40, 96, 224].map(|side| blur.taps((side, side + 100)));
        assert_eq!(sides, [3, 3, 3, 5, 9, 23]);
        assert_eq!(blur.with_kernel(7).unwrap().taps((224, 224)), 7);
    }

    #[test]
    fn views_smaller_than_the_kernel_are_blurred_too() {
        let blur = GaussianBlur::new([2.0, 2.0]).unwrap().with_kernel(31).unwrap();
        for size in [(1, 1), (1, 7), (7, 1), (2, 3)] {
            let pixels: Vec<u8> = (0..size.0 * size.1 * 3).map(|i| (i * 91 % 256) as u8).collect();
            let pixels = Pixels::bytes(&pixels, 3, size).unwrap();
            let made = views(&blur, pixels, &[0], &Stream::new(0, "blur"), 0, 1).unwrap();
            assert!(made.iter().all(|x| (0.0..=1.0).contains(x)), "{size:?}");
        }
    }

    #[test]
    fn options_that_make_no_sense_are_errors() {
        let message = |blur: Result<GaussianBlur>| blur.unwrap_err().to_string();
        let blur = GaussianBlur::new([0.1, 2.0]).unwrap();
        assert_eq!(message(blur.with_kernel(4)), "gaussian_blur: kernel must be an odd number, got 4");
        assert_eq!(message(blur.with_kernel(1025)), "gaussian_blur: kernel must be from 1 to 1023 pixels, got 1025");
        assert_eq!(message(blur.with_probability(2.0)), "gaussian_blur: p must be from 0 to 1, got 2");
        let sigma =
            "gaussian_blur: sigma must be two numbers { low, high } with low at most high, each over 0 pixels, got ";
        assert_eq!(message(GaussianBlur::new([0.0, 1.0])), format!("{sigma}{{0, 1}}"));
        assert_eq!(message(GaussianBlur::new([2.0, 1.0])), format!("{sigma}{{2, 1}}"));
    }
}
