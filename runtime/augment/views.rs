//! From images to the views of a batch, in parallel.

use rayon::prelude::*;

use super::{Image, Place, Size, Transform, image::Pixels};
use crate::{Error, Result, rng::Stream};

const OP: &str = "augment";

/// A thread takes at least this many views at a time; fewer would cost more to hand out than to make.
const VIEWS_PER_TASK: usize = 4;

/// Images of one size that lie one after another.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    pixels: Pixels<'a>,
    size: Size,
    count: usize,
}

impl<'a> Images<'a> {
    /// Bytes `[count, height, width, 3]`, RGB in 0 to 255.
    pub fn bytes(pixels: &'a [u8], size: Size) -> Result<Self> {
        Ok(Self { pixels: Pixels::Bytes(pixels), size, count: count(pixels.len(), size)? })
    }

    /// Floats `[count, 3, height, width]`, RGB in 0 to 1.
    pub fn floats(pixels: &'a [f32], size: Size) -> Result<Self> {
        Ok(Self { pixels: Pixels::Floats(pixels), size, count: count(pixels.len(), size)? })
    }

    /// The number of images.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Height and width of every image.
    pub fn size(&self) -> Size {
        self.size
    }

    fn pixels(&self, index: usize) -> Pixels<'a> {
        let volume = 3 * self.size.0 * self.size.1;
        match self.pixels {
            Pixels::Bytes(bytes) => Pixels::Bytes(&bytes[index * volume..][..volume]),
            Pixels::Floats(floats) => Pixels::Floats(&floats[index * volume..][..volume]),
        }
    }
}

fn count(values: usize, (height, width): Size) -> Result<usize> {
    let volume = height.checked_mul(width).and_then(|area| area.checked_mul(3)).filter(|&volume| volume > 0);
    match volume {
        Some(volume) if values.is_multiple_of(volume) => Ok(values / volume),
        _ => Err(Error::argument(
            OP,
            "images",
            format!("whole RGB images of {height}x{width}"),
            format!("{values} values"),
        )),
    }
}

/// Views of the images at `picks`, as float32 `[views * picks, 3, height, width]` of the transform's output size
/// and view-major: all images' first view, then all images' second view. The draws of a view are keyed by
/// `step`, by the image's index (not by its place in `picks`) and by the view's number.
pub fn views(
    transform: &dyn Transform,
    images: Images<'_>,
    picks: &[usize],
    stream: &Stream,
    step: u64,
    views: usize,
) -> Result<Vec<f32>> {
    if !(1..=usize::from(u16::MAX)).contains(&views) {
        return Err(Error::argument(OP, "views", format!("in 1..{}", u16::MAX), views));
    }
    if let Some(&pick) = picks.iter().find(|&&pick| pick >= images.count) {
        let range = format!("there are {} images", images.count);
        return Err(Error::OutOfRange { op: OP, what: "image", got: pick as i64 + 1, range });
    }
    let (height, width) = transform.output_size(images.size);
    let volume = 3 * height * width;
    let mut out = zeros(volume, picks.len(), views)?;
    let chunks = out.par_chunks_exact_mut(volume).enumerate().with_min_len(VIEWS_PER_TASK);
    chunks.for_each_init(Image::default, |image, (row, out)| {
        let (view, pick) = (row / picks.len(), picks[row % picks.len()]);
        image.open(images.pixels(pick), images.size);
        transform.apply(image, &mut Place::new(stream, step, pick as u64, view as u16));
        image.write(out);
    });
    Ok(out)
}

/// Memory for a batch; too large a batch is an error, not an abort.
fn zeros(volume: usize, picks: usize, views: usize) -> Result<Vec<f32>> {
    let mut out = Vec::new();
    let len = volume.checked_mul(picks).and_then(|len| len.checked_mul(views));
    match len.filter(|&len| out.try_reserve_exact(len).is_ok()) {
        Some(len) => out.resize(len, 0.0),
        None => {
            return Err(Error::argument(
                OP,
                "views",
                format!("few enough to fit into memory with {picks} images"),
                views,
            ));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Chain, ColorJitter, Grayscale, HorizontalFlip, RandomResizedCrop},
        *,
    };

    fn simclr(size: usize) -> Chain {
        Chain::new()
            .then(RandomResizedCrop::new((size, size)).unwrap())
            .then(HorizontalFlip::default())
            .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1).unwrap().with_probability(0.8).unwrap())
            .then(Grayscale::new(0.2).unwrap())
    }

    fn noise(count: usize, (height, width): Size) -> Vec<u8> {
        let mut draws = Stream::new(9, "noise").at(0, 0, 0, 0);
        (0..count * height * width * 3).map(|_| draws.bits() as u8).collect()
    }

    fn made(
        transform: &dyn Transform,
        pixels: &[u8],
        size: Size,
        picks: &[usize],
        step: u64,
        count: usize,
    ) -> Vec<f32> {
        views(transform, Images::bytes(pixels, size).unwrap(), picks, &Stream::new(5, "views"), step, count).unwrap()
    }

    #[test]
    fn a_view_does_not_depend_on_the_batch_it_is_made_in() {
        let (size, volume) = ((33, 17), 3 * 24 * 24);
        let pixels = noise(64, size);
        let picks: Vec<usize> = (0..64).map(|i| i * 37 % 64).collect();
        let whole = made(&simclr(24), &pixels, size, &picks, 7, 2);
        for batch in [1, 7, 64] {
            for (part, picks) in picks.chunks(batch).enumerate() {
                let views = made(&simclr(24), &pixels, size, picks, 7, 2);
                for (row, view) in views.chunks(volume).enumerate() {
                    let in_whole = row / picks.len() * 64 + part * batch + row % picks.len();
                    assert_eq!(view, &whole[in_whole * volume..][..volume]);
                }
            }
        }
    }

    #[test]
    fn a_view_does_not_depend_on_the_number_of_threads() {
        let pixels = noise(20, (32, 32));
        let picks: Vec<usize> = (0..20).collect();
        let [one, two, five] = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| made(&simclr(32), &pixels, (32, 32), &picks, 3, 3))
        });
        assert!(one == two && two == five);
    }

    #[test]
    fn steps_samples_and_views_differ_and_the_same_key_repeats() {
        let pixels = noise(1, (32, 32)).repeat(2);
        let chain = simclr(32);
        let first = made(&chain, &pixels, (32, 32), &[0, 1], 0, 2);
        let rows: Vec<_> = first.chunks(3 * 32 * 32).collect();
        assert!((0..4).all(|i| (0..i).all(|j| rows[i] != rows[j])));
        assert_ne!(first, made(&chain, &pixels, (32, 32), &[0, 1], 1, 2));
        assert_eq!(first, made(&chain, &pixels, (32, 32), &[0, 1], 0, 2));
    }

    #[test]
    fn views_lie_view_major() {
        let pixels = [0, 0, 0, 255, 255, 255];
        assert_eq!(made(&Chain::new(), &pixels, (1, 1), &[0, 1], 0, 2), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0].repeat(2));
    }

    #[test]
    fn all_sizes_work_and_values_stay_in_the_unit_interval() {
        for size in [(1, 1), (1, 9), (9, 1), (2, 2), (33, 17), (40, 64)] {
            for target in [1, 5, 24] {
                let views = made(&simclr(target), &noise(8, size), size, &[0, 3, 7], 1, 4);
                assert_eq!(views.len(), 3 * 4 * 3 * target * target);
                assert!(views.iter().all(|x| (0.0..=1.0).contains(x)), "{size:?} to {target}");
            }
        }
    }

    #[test]
    fn no_picks_give_no_views() {
        assert!(made(&simclr(8), &noise(1, (4, 4)), (4, 4), &[], 0, 2).is_empty());
    }

    #[test]
    fn images_and_picks_that_do_not_fit_are_errors() {
        let message = |pixels: &[u8], size, picks: &[usize], count| {
            let images = Images::bytes(pixels, size);
            let made = images.and_then(|images| views(&Chain::new(), images, picks, &Stream::new(0, ""), 0, count));
            made.unwrap_err().to_string()
        };
        assert_eq!(message(&[0; 5], (1, 1), &[], 1), "augment: images must be whole RGB images of 1x1, got 5 values");
        assert_eq!(message(&[0; 5], (0, 1), &[], 1), "augment: images must be whole RGB images of 0x1, got 5 values");
        assert_eq!(message(&[0; 6], (1, 1), &[1, 2], 1), "augment: image 3 is out of range: there are 2 images");
        assert_eq!(message(&[0; 6], (1, 1), &[0], 0), "augment: views must be in 1..65535, got 0");
    }
}
