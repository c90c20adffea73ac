//! A transform applied: from pixels to the views of a batch, on the CPU, in parallel.

use rayon::prelude::*;

use super::{Change, DrawPlace, Image, Size, Transform, values::Values};
use crate::{
    Error, Result,
    position::number,
    rng::{Draws, Stream},
};

const OP: &str = "augment";

/// A thread takes at least this many views at a time; fewer would cost more to hand out than to make.
const VIEWS_PER_TASK: usize = 4;

/// The pixels of images of one size that lie one after another.
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'a> {
    values: Values<'a>,
    channels: usize,
    size: Size,
    count: usize,
    is_by_row: bool,
}

impl<'a> Pixels<'a> {
    /// Bytes `[count, height, width, channels]` in 0 to 255.
    ///
    /// # Errors
    /// They are not a whole number of images.
    pub fn bytes(bytes: &'a [u8], channels: usize, size: Size) -> Result<Self> {
        let count = count(bytes.len(), channels, size)?;
        Ok(Self { values: Values::Bytes(bytes), channels, size, count, is_by_row: false })
    }

    /// Floats `[count, channels, height, width]` in 0 to 1.
    ///
    /// # Errors
    /// They are not a whole number of images.
    pub fn floats(floats: &'a [f32], channels: usize, size: Size) -> Result<Self> {
        let count = count(floats.len(), channels, size)?;
        Ok(Self { values: Values::Floats(floats), channels, size, count, is_by_row: false })
    }

    /// The same, where image i is what an earlier augmentation has made for the view of row i, turned as it should be:
    /// the row's own image and turn only key the draws.
    pub fn by_row(self) -> Self {
        Self { is_by_row: true, ..self }
    }

    /// What the images are like.
    pub fn form(&self) -> Form {
        let Self { channels, size, count, is_by_row, .. } = *self;
        Form { channels, size, count, is_by_row }
    }

    fn values(&self, index: usize) -> Values<'a> {
        let volume = self.channels * self.size.0 * self.size.1;
        match self.values {
            Values::Bytes(bytes) => Values::Bytes(&bytes[index * volume..][..volume]),
            Values::Floats(floats) => Values::Floats(&floats[index * volume..][..volume]),
        }
    }
}

fn count(values: usize, channels: usize, (height, width): Size) -> Result<usize> {
    let volume = height.checked_mul(width).and_then(|area| area.checked_mul(channels)).filter(|&volume| volume > 0);
    match volume {
        Some(volume) if values.is_multiple_of(volume) => Ok(values / volume),
        _ => Err(Error::argument(
            OP,
            "images",
            format!("whole images of {channels} channels, {height}x{width}"),
            format!("{values} values"),
        )),
    }
}

/// One view to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The image's position in the source, from 0.
    pub image: usize,
    /// Quarter turns counter-clockwise before the transform: 0 to 3.
    pub turn: u8,
    /// The number that tells the image's views apart.
    pub number: u16,
}

impl View {
    /// Where the view's draws lie; a turned copy is an image of its own.
    pub(super) fn place<'a>(&self, stream: &'a Stream, step: u64) -> DrawPlace<'a> {
        DrawPlace::new(stream, step, self.sample(), self.number)
    }

    /// The draws of one operation on it.
    pub fn draws(&self, stream: &Stream, step: u64, operation: u16) -> Draws {
        stream.at(step, self.sample(), self.number, operation)
    }

    fn sample(&self) -> u64 {
        self.image as u64 | u64::from(self.turn) << 32
    }
}

/// What images are like: their channels, their size, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Channels of an image.
    pub channels: usize,
    /// Height and width of an image.
    pub size: Size,
    /// How many images there are.
    pub count: usize,
    /// Whether image i is made for row i already: see [`Pixels::by_row`].
    pub is_by_row: bool,
}

/// Checks the given views of images, and gives the size of the views.
///
/// # Errors
/// Quarter turns would change the size of the views; an image does not exist; images that the transform cannot do.
pub fn view_size(transform: &dyn Transform, form: Form, rows: &[View]) -> Result<Size> {
    let Form { channels, size, count, is_by_row } = form;
    transform.check(size, channels)?;
    let made = transform.output_size(size);
    if is_by_row {
        return match rows.len() == count {
            true => Ok(made),
            false => Err(Error::argument(OP, "images", format!("one for each of {} views", rows.len()), count)),
        };
    }
    if let Some(row) = rows.iter().find(|row| row.image >= count) {
        let range = format!("there are {count} images");
        return Err(Error::OutOfRange { op: OP, what: "image", got: number(row.image), range });
    }
    let (height, width) = size;
    if rows.iter().any(|row| row.turn % 2 == 1) {
        transform.check((width, height), channels)?;
        if transform.output_size((width, height)) != made {
            return Err(Error::argument(OP, "images", "square, or cropped, to be turned", format!("{height}x{width}")));
        }
    }
    Ok(made)
}

/// Writes the given views, one after another, as float32 `[rows, channels, height, width]`. The draws of a view are
/// keyed by `step`, image, turn and number, not by its place among the others.
///
/// # Errors
/// As [`view_size`]; room for another number of values.
pub fn apply(
    transform: &dyn Transform,
    pixels: Pixels<'_>,
    rows: &[View],
    stream: &Stream,
    step: u64,
    out: &mut [f32],
) -> Result<()> {
    let Pixels { channels, size, is_by_row, .. } = pixels;
    let made = view_size(transform, pixels.form(), rows)?;
    let volume = channels * made.0 * made.1;
    if volume.checked_mul(rows.len()) != Some(out.len()) {
        return Err(Error::argument(OP, "room", format!("{} views of {volume} values", rows.len()), out.len()));
    }
    let chunks = out.par_chunks_exact_mut(volume).zip(rows.par_iter().enumerate()).with_min_len(VIEWS_PER_TASK);
    chunks.for_each_init(<(Image<'_>, Vec<Change>)>::default, |(image, changes), (out, (number, row))| {
        let source = if is_by_row { number } else { row.image };
        image.open(pixels.values(source), channels, size, transform.starts_in_unit());
        image.place(out);
        if !is_by_row {
            image.turn(row.turn);
        }
        changes.clear();
        transform.draw(image.size(), &mut row.place(stream, step), changes);
        changes.iter().for_each(|change| image.perform(change));
        image.finish();
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Chain, ColorJitter, Grayscale, HorizontalFlip, RandomResizedCrop,
            fixture::{applied, views},
        },
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

    fn made(transform: &dyn Transform, pixels: &[u8], size: Size, picks: &[usize], step: u64, count: u16) -> Vec<f32> {
        views(transform, Pixels::bytes(pixels, 3, size).unwrap(), picks, &Stream::new(5, "views"), step, count).unwrap()
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
    fn a_turned_image_is_pytorchs_rot90_and_draws_its_own_crop() {
        // torch.rot90(torch.arange(12.).view(1, 3, 2, 2), k, [2, 3]) of the first channel, in 255ths.
        let pixels: Vec<u8> = (0..4).flat_map(|i| [i, i + 4, i + 8]).collect();
        let turned = |turn, transform: &dyn Transform| {
            let pixels = Pixels::bytes(&pixels, 3, (2, 2)).unwrap();
            applied(transform, pixels, &[View { image: 0, turn, number: 0 }], &Stream::new(0, "turn"), 0).unwrap()
        };
        let wanted = [[0, 1, 2, 3], [1, 3, 0, 2], [3, 2, 1, 0], [2, 0, 3, 1]];
        for (turn, want) in wanted.into_iter().enumerate() {
            let red: Vec<u8> =
                turned(turn as u8, &Chain::new())[..4].iter().map(|x| (x * 255.0).round() as u8).collect();
            assert_eq!(red, want);
        }
        let tall = Pixels::bytes(&[0; 18], 3, (3, 2)).unwrap();
        let row = View { image: 0, turn: 1, number: 0 };
        let error = applied(&Chain::new(), tall, &[row], &Stream::new(0, "turn"), 0).unwrap_err().to_string();
        assert_eq!(error, "augment: images must be square, or cropped, to be turned, got 3x2");
        assert_eq!(applied(&simclr(8), tall, &[row], &Stream::new(0, "turn"), 0).unwrap().len(), 192);
    }

    #[test]
    fn no_picks_give_no_views() {
        assert!(made(&simclr(8), &noise(1, (4, 4)), (4, 4), &[], 0, 2).is_empty());
    }

    #[test]
    fn images_and_picks_that_do_not_fit_are_errors() {
        let message = |bytes: &[u8], size, picks: &[usize]| {
            let pixels = Pixels::bytes(bytes, 3, size);
            let made = pixels.and_then(|pixels| views(&Chain::new(), pixels, picks, &Stream::new(0, ""), 0, 1));
            made.unwrap_err().to_string()
        };
        assert_eq!(
            message(&[0; 5], (1, 1), &[]),
            "augment: images must be whole images of 3 channels, 1x1, got 5 values"
        );
        assert_eq!(
            message(&[0; 5], (0, 1), &[]),
            "augment: images must be whole images of 3 channels, 0x1, got 5 values"
        );
        assert_eq!(message(&[0; 6], (1, 1), &[1, 2]), "augment: image 3 is out of range: there are 2 images");
    }
}
