//! The SimCLR augmentation of CIFAR-10 alone, for comparison with torchvision's: views per second, one JSON line.
//!
//!     cargo bench --bench augment -- [--batch 64] [--steps 200] [--threads 2]

use std::{env, time::Instant};

use moonburn::{
    Result,
    augment::{Chain, ColorJitter, Grayscale, HorizontalFlip, Images, RandomResizedCrop, views},
    rng::Stream,
};

const IMAGES: usize = 4096;
const SIZE: (usize, usize) = (32, 32);
const WARMUP: usize = 10;

fn main() -> Result<()> {
    let [batch, steps, threads] = [("--batch", 64), ("--steps", 200), ("--threads", 2)].map(option);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    let simclr = Chain::new()
        .then(RandomResizedCrop::new(SIZE)?)
        .then(HorizontalFlip::default())
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?)
        .then(Grayscale::new(0.2)?);
    let mut noise = Stream::new(0, "images").at(0, 0, 0, 0);
    let pixels: Vec<u8> = (0..IMAGES * SIZE.0 * SIZE.1 * 3).map(|_| noise.bits() as u8).collect();
    let images = Images::bytes(&pixels, SIZE)?;
    let stream = Stream::new(0, "views");

    let mut rates = Vec::new();
    for step in 0..WARMUP + steps {
        let picks: Vec<usize> = (0..batch).map(|i| (step * batch + i) % IMAGES).collect();
        let start = Instant::now();
        let made =
            pool.install(|| views(&simclr, images, &picks, &stream, step as u64, 2).expect("every pick is an image"));
        let seconds = start.elapsed().as_secs_f64();
        std::hint::black_box(made);
        if step >= WARMUP {
            rates.push(2.0 * batch as f64 / seconds);
        }
    }
    rates.sort_by(f64::total_cmp);
    let [min, median, max] = [0, rates.len() / 2, rates.len() - 1].map(|i| rates[i]);
    println!(
        r#"{{"part": "augment", "device": "cpu", "batch": {batch}, "threads": {threads}, "views_per_s": {median:.1}, "min": {min:.1}, "max": {max:.1}}}"#
    );
    Ok(())
}

/// The number after a flag on the command line, or its default.
fn option((flag, default): (&str, usize)) -> usize {
    let value = env::args().skip_while(|argument| argument != flag).nth(1);
    value.and_then(|value| value.parse().ok()).unwrap_or(default).max(1)
}
