//! Transforms one after another.

use std::sync::Arc;

use super::{Change, DrawPlace, Size, Transform};
use crate::{Error, Result};

/// The most transforms of a chain. Each takes a number of 16 bits.
const MOST: usize = 10_000;

/// Applies transforms in order, each to what the one before it made.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    transforms: Vec<Arc<dyn Transform>>,
}

impl Chain {
    /// An empty chain, which leaves every image as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// A chain of transforms that are shared with others. The parts of a chain among them are its own: however chains
    /// are put into one another, none is deeper than one.
    ///
    /// # Errors
    /// More transforms than a view may have.
    pub fn of(transforms: impl IntoIterator<Item = Arc<dyn Transform>>) -> Result<Self> {
        let mut all = Vec::new();
        for transform in transforms {
            match transform.parts() {
                Some(parts) => all.extend_from_slice(parts),
                None => all.push(transform),
            }
            if all.len() > MOST {
                return Err(Error::argument("chain", "the number of augmentations", format!("at most {MOST}"), "more"));
            }
        }
        Ok(Self { transforms: all })
    }

    /// This chain, then one more transform.
    pub fn then(mut self, transform: impl Transform + 'static) -> Self {
        self.transforms.push(Arc::new(transform));
        self
    }
}

impl Transform for Chain {
    fn parts(&self) -> Option<&[Arc<dyn Transform>]> {
        Some(&self.transforms)
    }

    fn draw(&self, mut size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        for transform in &self.transforms {
            transform.draw(size, place, changes);
            size = transform.output_size(size);
        }
    }

    fn output_size(&self, input: Size) -> Size {
        self.transforms.iter().fold(input, |size, transform| transform.output_size(size))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Grayscale, HorizontalFlip, Pixels, RandomResizedCrop, fixture::views},
        *,
    };
    use crate::rng::Stream;

    fn crop(size: usize) -> RandomResizedCrop {
        RandomResizedCrop::new((size, size)).unwrap()
    }

    #[test]
    fn an_empty_chain_leaves_an_image_as_it_is() {
        let pixels = Pixels::bytes(&[0, 51, 255], (1, 1)).unwrap();
        assert_eq!(views(&Chain::new(), pixels, &[0], &Stream::new(0, "views"), 0, 1).unwrap(), [0.0, 0.2, 1.0]);
    }

    #[test]
    fn the_last_crop_gives_the_output_size() {
        let chain = Chain::new().then(crop(20)).then(HorizontalFlip::default()).then(crop(9));
        assert_eq!(chain.output_size((32, 48)), (9, 9));
        assert_eq!(Chain::new().output_size((32, 48)), (32, 48));
    }

    #[test]
    fn chains_of_chains_are_flat_and_have_an_end() {
        let mut chain = Chain::new().then(HorizontalFlip::default());
        for _ in 0..10_000 {
            chain = Chain::of([Arc::new(chain) as Arc<dyn Transform>]).unwrap();
        }
        assert_eq!(chain.parts().unwrap().len(), 1);
        let doubled = |chain: Arc<dyn Transform>| Chain::of([chain.clone(), chain]).map(|chain| Arc::new(chain) as _);
        let many = (0..40).try_fold(Arc::new(chain) as Arc<dyn Transform>, |chain, _| doubled(chain));
        let want = "chain: the number of augmentations must be at most 10000, got more";
        assert_eq!(many.unwrap_err().to_string(), want);
    }

    #[test]
    fn a_chain_in_a_chain_draws_as_if_it_were_flat() {
        let pixels: Vec<u8> = (0..12 * 10 * 3).map(|i| (i * 37 % 256) as u8).collect();
        let pixels = Pixels::bytes(&pixels, (12, 10)).unwrap();
        let stream = Stream::new(1, "views");
        let gray = Grayscale::new(0.5).unwrap();
        let flat = Chain::new().then(crop(8)).then(HorizontalFlip::default()).then(gray);
        let nested = Chain::new().then(Chain::new().then(crop(8)).then(HorizontalFlip::default())).then(gray);
        let [flat, nested] = [flat, nested].map(|chain| views(&chain, pixels, &[0], &stream, 3, 8).unwrap());
        assert_eq!(flat, nested);
    }
}
