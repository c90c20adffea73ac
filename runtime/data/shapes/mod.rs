//! The built-in set `shapes`: pictures whose class is the outline of what they show, and nothing else.
//! Colour, pattern, pose, background and clutter are drawn the same way for every class. It is made in
//! memory, the same on every machine, so that a first run needs no download.

mod outline;
mod paint;
mod scene;

use rayon::prelude::*;

use crate::{Error, Result, options::Options, rng::Stream};

use super::{
    ImageOptions, Images, OP, Split,
    found::Found,
    images::{Contents, reserve},
};
use outline::OUTLINES;
use scene::Scene;

/// The name that the set is asked for by.
pub const NAME: &str = "shapes";

/// The side of a picture in pixels, where no size is asked for.
const SIZE: usize = 32;
/// The least side at which the classes can still be told apart.
const MIN_SIZE: usize = 8;

/// Paints the set. Picture `i` is of class `i` modulo the number of classes.
pub fn make(options: &ImageOptions, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Images> {
    options.check(OP)?;
    let size = options.size.unwrap_or(SIZE);
    if size < MIN_SIZE {
        return Err(Error::argument(OP, "size", format!("at least {MIN_SIZE} pixels for '{NAME}'"), size));
    }
    let (default, stream) = match options.split {
        Split::Train => (5000, Stream::new(0, "shapes/train")),
        Split::Test => (1000, Stream::new(0, "shapes/test")),
    };
    let count = options.count.unwrap_or(default);
    progress(0, count);
    let bytes = size * size * 3;
    let mut pixels = reserve(NAME, count, bytes)?;
    pixels.resize(count * bytes, 0);
    pixels.par_chunks_exact_mut(bytes).enumerate().for_each(|(sample, pixels)| {
        let outline = &OUTLINES[sample % OUTLINES.len()];
        Scene::draw(outline, &stream, sample as u64).render(&stream, sample as u64, size, pixels);
    });
    progress(count, count);
    Ok(Images::new(Contents {
        name: NAME.into(),
        height: size,
        width: size,
        classes: OUTLINES.map(|outline| outline.name.to_owned()).into(),
        labels: (0..count).map(|sample| (sample % OUTLINES.len()) as u32).collect(),
        pixels,
        skipped: Vec::new(),
        found: Found::default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(options: ImageOptions) -> Result<Images> {
        make(&options, &|_, _| {})
    }

    #[test]
    fn the_set_has_five_thousand_and_one_thousand_pictures() {
        let train = shapes(ImageOptions::default()).unwrap();
        let test = shapes(ImageOptions { split: Split::Test, ..Default::default() }).unwrap();
        assert_eq!((train.len(), test.len()), (5000, 1000));
        assert_eq!((train.height(), train.width(), train.classes().len()), (32, 32, 10));
        for class in 0..10 {
            assert_eq!(train.labels().iter().filter(|&&label| label == class).count(), 500);
        }
    }

    #[test]
    fn a_picture_does_not_depend_on_how_many_are_painted() {
        let few = shapes(ImageOptions { count: Some(20), ..Default::default() }).unwrap();
        let many = shapes(ImageOptions { count: Some(300), ..Default::default() }).unwrap();
        assert_eq!(few.pixels(), &many.pixels()[..few.pixels().len()]);
    }

    #[test]
    fn no_two_pictures_are_alike_and_splits_share_none() {
        let train = shapes(ImageOptions { count: Some(500), ..Default::default() }).unwrap();
        let test = shapes(ImageOptions { split: Split::Test, count: Some(500), ..Default::default() }).unwrap();
        let mut seen: Vec<_> = (0..500).flat_map(|i| [train.image(i), test.image(i)]).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 1000);
    }

    #[test]
    fn colour_tells_nothing_about_the_class() {
        let images = shapes(ImageOptions { count: Some(10_000), ..Default::default() }).unwrap();
        for channel in 0..3 {
            let mut sums = [0.0; 10];
            for (index, &label) in images.labels().iter().enumerate() {
                let values = images.image(index).iter().skip(channel).step_by(3);
                sums[label as usize] += values.map(|&value| f64::from(value)).sum::<f64>();
            }
            let means = sums.map(|sum| sum / (1000.0 * 32.0 * 32.0));
            assert!(means.iter().all(|mean| (mean - 127.5).abs() < 6.0), "channel {channel}: {means:?}");
        }
    }

    #[test]
    fn a_picture_is_painted_at_any_size() {
        let images = shapes(ImageOptions { size: Some(84), count: Some(3), ..Default::default() }).unwrap();
        assert_eq!((images.height(), images.pixels().len()), (84, 3 * 84 * 84 * 3));
        let error = shapes(ImageOptions { size: Some(4), ..Default::default() }).unwrap_err();
        assert_eq!(error.to_string(), "images: size must be at least 8 pixels for 'shapes', got 4");
    }

    #[test]
    fn a_count_of_zero_or_beyond_memory_is_an_error() {
        let error = shapes(ImageOptions { count: Some(0), ..Default::default() }).unwrap_err();
        assert_eq!(error.to_string(), "images: count must be from 1 to 10000000, got 0");
        let error =
            shapes(ImageOptions { count: Some(ImageOptions::MAX_COUNT), size: Some(4096), ..Default::default() });
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("images: shapes: 10000000 images of 50331648 bytes do not fit"), "{text}");
    }
}
