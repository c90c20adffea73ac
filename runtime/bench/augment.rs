//! Making views of a data set's images.

use super::{
    BenchOptions,
    clock::{Repeats, Times},
    simclr,
};
use crate::{
    Device, Result, Tensor,
    augment::{Chain, View},
    data::{ImageOptions, Images, images},
    rng::Stream,
    views::{self, Source},
};

/// How many images the data set has at most; fewer where they are large.
const IMAGES: usize = 4096;
/// Its size at most.
const BYTES: usize = 128 << 20;

/// A data set and its augmentation.
pub(super) struct Making {
    images: Images,
    chain: Chain,
    batch: usize,
}

impl Making {
    pub fn new(options: &BenchOptions) -> Result<Self> {
        let count = IMAGES.min(BYTES / (3 * options.size * options.size)).max(options.batch);
        let set = ImageOptions { count: Some(count), size: Some(options.size), ..ImageOptions::default() };
        let images = images("shapes", &set, &|_, _| {})?;
        Ok(Self { images, chain: simclr::augmentation(options.size)?, batch: options.batch })
    }

    /// Bytes of the data set, which lies on a GPU in buffers that are not Burn's.
    pub fn bytes(&self) -> usize {
        self.images.pixels().len()
    }

    /// Two views of the next images.
    pub fn views(&self, number: usize, device: &Device) -> Result<Tensor> {
        let count = self.images.len();
        let image = |i: usize| (number * self.batch + i) % count;
        let view = |i: usize, view: u16| View { image: image(i), turn: 0, number: view };
        let rows: Vec<_> = (0..2).flat_map(|number| (0..self.batch).map(move |i| (i, number))).collect();
        let rows: Vec<View> = rows.into_iter().map(|(i, number)| view(i, number)).collect();
        let stream = Stream::new(0, "bench");
        views::make(&self.chain, Source::Set(&self.images), &rows, &stream, number as u64, device)
    }
}

/// Several batches between two looks at the clock, as PyTorch's loader makes batch after batch.
pub(super) fn time(options: &BenchOptions, making: &Making, device: &Device) -> Result<Times> {
    let mut number = 0;
    let next = || {
        number += 1;
        Ok(number - 1)
    };
    let repeats = Repeats { warmup: options.warmup.max(1), count: options.steps, launches: 100 };
    Times::of_launches(device, repeats, next, |number| making.views(number, device))
}
