//! Transforms one after another.

use std::{fmt, sync::Arc};

use super::{Change, DrawPlace, Extent, Range, Size, Transform};
use crate::{Error, Result};

/// Applies transforms in order, each to what the one before it made.
#[derive(Clone, Debug)]
pub struct Chain {
    transforms: Vec<Arc<dyn Transform>>,
    starts_in_unit: bool,
}

impl Default for Chain {
    fn default() -> Self {
        Self { transforms: Vec::new(), starts_in_unit: true }
    }
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
    /// More transforms than a view may have; one that needs values in `0..1` behind one that leaves them.
    pub fn of(transforms: impl IntoIterator<Item = Arc<dyn Transform>>) -> Result<Self> {
        Self::behind(true, transforms)
    }

    /// The same, where what the images come from may have left `0..1`.
    ///
    /// # Errors
    /// As [`Chain::of`].
    pub fn behind(starts_in_unit: bool, transforms: impl IntoIterator<Item = Arc<dyn Transform>>) -> Result<Self> {
        let mut all = Vec::new();
        for transform in transforms {
            match transform.parts() {
                Some(parts) => all.extend_from_slice(parts),
                None => all.push(transform),
            }
            // Before a list that doubles itself takes all memory.
            Extent { count: all.len(), depth: 1 }.checked("chain")?;
        }
        Extent::around(all.iter().map(|transform| transform.extent())).checked("chain")?;
        ends_in_unit(&all, starts_in_unit)?;
        Ok(Self { transforms: all, starts_in_unit })
    }

    /// This chain, then one more transform.
    pub fn then(mut self, transform: impl Transform + 'static) -> Self {
        self.transforms.push(Arc::new(transform));
        self
    }

    /// Whether the values of what it makes lie in `0..1` for certain.
    pub fn ends_in_unit(&self) -> bool {
        ends_in_unit(&self.transforms, self.starts_in_unit).unwrap_or(false)
    }
}

/// Whether values lie in `0..1` after some transforms; an error where one needs that and does not get it.
fn ends_in_unit(transforms: &[Arc<dyn Transform>], mut is_unit: bool) -> Result<bool> {
    for transform in transforms {
        let range = transform.range();
        if range.wants_unit && !is_unit {
            let reason = format!("{transform} needs values in 0 to 1: it must come before what leaves them");
            return Err(Error::State { op: "chain", reason });
        }
        is_unit &= !range.leaves_unit;
    }
    Ok(is_unit)
}

impl fmt::Display for Chain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "chain {{")?;
        for transform in &self.transforms {
            writeln!(formatter, "  {},", transform.to_string().replace('\n', "\n  "))?;
        }
        formatter.write_str("}")
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

    fn check(&self, mut size: Size, channels: usize) -> Result<()> {
        for transform in &self.transforms {
            transform.check(size, channels)?;
            size = transform.output_size(size);
        }
        Ok(())
    }

    fn range(&self) -> Range {
        Range::of(&self.transforms)
    }

    fn extent(&self) -> Extent {
        Extent::around(self.transforms.iter().map(|transform| transform.extent()))
    }

    fn starts_in_unit(&self) -> bool {
        self.starts_in_unit
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
        let pixels = Pixels::bytes(&[0, 51, 255], 3, (1, 1)).unwrap();
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
        let pixels = Pixels::bytes(&pixels, 3, (12, 10)).unwrap();
        let stream = Stream::new(1, "views");
        let gray = Grayscale::new(0.5).unwrap();
        let flat = Chain::new().then(crop(8)).then(HorizontalFlip::default()).then(gray);
        let nested = Chain::new().then(Chain::new().then(crop(8)).then(HorizontalFlip::default())).then(gray);
        let [flat, nested] = [flat, nested].map(|chain| views(&chain, pixels, &[0], &stream, 3, 8).unwrap());
        assert_eq!(flat, nested);
    }
}
