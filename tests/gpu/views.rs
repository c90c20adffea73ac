//! Views that the kernel makes against the CPU's: within 2/255 for every pixel, 0.2/255 on average.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use moonburn::{
    Device, Tensor,
    augment::{
        Chain, Change, ColorJitter, DrawPlace, Grayscale, HorizontalFlip, Interpolation, RandomResizedCrop, Size,
        Transform, View,
    },
    data::{ImageOptions, ImageSet, Images, images},
    rng::Stream,
    views::{Source, images_of, labels_of, make, of_batch},
};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("every chain of augmentations makes the CPU's views", chains),
        Trial::test("images of any size, whole or of a tensor, make the CPU's views", sizes),
        Trial::test("a data set that the device cannot bind at once makes the CPU's views", large),
        Trial::test("a data set that is too large to stay on the device makes the CPU's views", larger),
        Trial::test("a batch's views and images are the CPU's", batch),
        Trial::test("a wrong row is the same error on both", wrong),
    ]
}

fn simclr(size: usize) -> moonburn::Result<Chain> {
    Ok(Chain::new()
        .then(RandomResizedCrop::new((size, size))?)
        .then(HorizontalFlip::default())
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?)
        .then(Grayscale::new(0.2)?))
}

fn shapes(count: usize) -> moonburn::Result<Images> {
    images("shapes", &ImageOptions { count: Some(count), ..ImageOptions::default() }, &|_, _| {})
}

/// The same changes of every view.
#[derive(Debug)]
struct Always(Vec<Change>);

impl Transform for Always {
    fn draw(&self, _: Size, _: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        changes.extend(&self.0);
    }

    fn output_size(&self, input: Size) -> Size {
        self.0.iter().fold(input, |size, change| change.output_size(size))
    }
}

fn blur(taps: usize, sigma: f32) -> Always {
    Always(vec![Change::Blur { taps, sigma }])
}

/// Views of some of the images, each turned by another number of quarters where they are square.
fn rows(count: usize, images: usize, turned: bool) -> Vec<View> {
    let turn = |i: usize| if turned { (i % 4) as u8 } else { 0 };
    (0..count).map(|i| View { image: i * 7 % images, turn: turn(i), number: (i / images) as u16 }).collect()
}

fn compare(name: &str, transform: &dyn Transform, source: Source<'_>, rows: &[View]) -> Result<(), Failed> {
    on_both(name, |device| make(transform, source, rows, &Stream::new(5, "views"), 3, device))
}

/// What is made on the GPU is what is made on the CPU.
fn on_both(name: &str, made: impl Fn(&Device) -> moonburn::Result<Tensor>) -> Result<(), Failed> {
    let [want, got] = [Device::cpu(), Device::select(&super::name())?].map(|device| {
        let made = made(&device)?;
        Ok::<_, moonburn::Error>((made.shape().to_vec(), made.floats()?))
    });
    let ((want_shape, want), (got_shape, got)) = (want?, got?);
    assert_eq!(want_shape, got_shape);
    let (mut most, mut sum) = (0.0f32, 0.0);
    for (want, got) in want.iter().zip(&got) {
        let difference = (want - got).abs();
        if difference.is_nan() {
            return Err(format!("{name}: not a number").into());
        }
        most = most.max(difference);
        sum += f64::from(difference);
    }
    let mean = sum / want.len() as f64;
    println!("{name}: at most {:.4}/255, {:.6}/255 on average", most * 255.0, mean * 255.0);
    if most > 2.0 / 255.0 || mean > 0.2 / 255.0 {
        return Err(format!("{name}: {} of 255 at most, {} on average", most * 255.0, mean * 255.0).into());
    }
    Ok(())
}

fn chains() -> Result<(), Failed> {
    let set = shapes(40)?;
    let crop = |size| RandomResizedCrop::new((size, size));
    let jitter = || ColorJitter::new(0.8, 0.8, 0.8, 0.4);
    let chains: Vec<(&str, Arc<dyn Transform>)> = vec![
        ("nothing", Arc::new(Chain::new())),
        ("simclr", Arc::new(simclr(32)?)),
        ("bilinear", Arc::new(crop(24)?.with_interpolation(Interpolation::Bilinear))),
        ("antialiased", Arc::new(crop(9)?.with_antialias(true))),
        ("antialiased bilinear", Arc::new(crop(40)?.with_antialias(true).with_interpolation(Interpolation::Bilinear))),
        ("jitter alone", Arc::new(jitter()?)),
        (
            "blur",
            Arc::new(Chain::new().then(crop(17)?).then(blur(5, 1.2)).then(HorizontalFlip::default()).then(jitter()?)),
        ),
        ("solarize", Arc::new(simclr(21)?.then(blur(5, 1.2)).then(Always(vec![Change::Solarize { threshold: 0.5 }])))),
        (
            "quarter turns",
            Arc::new(Always(vec![Change::Turn(1), Change::Hue(0.2), Change::Turn(2), Change::Flip, Change::Turn(3)])),
        ),
        (
            "two crops",
            Arc::new(Chain::new().then(jitter()?).then(crop(48)?).then(jitter()?).then(crop(13)?).then(blur(5, 1.2))),
        ),
    ];
    for (name, chain) in chains {
        compare(name, chain.as_ref(), Source::Set(&set), &rows(96, 40, true))?;
    }
    Ok(())
}

fn sizes() -> Result<(), Failed> {
    let mut draws = Stream::new(4, "sizes").at(0, 0, 0, 0);
    for (count, height, width, size) in [(5, 1, 1, 3), (3, 7, 50, 16), (4, 33, 17, 24), (2, 100, 300, 65)] {
        let pixels = (0..count * 3 * height * width).map(|_| draws.uniform()).collect();
        let images = Tensor::from_floats(pixels, &[count, 3, height, width], &Device::cpu())?;
        let chain = simclr(size)?.then(blur(23, 2.0));
        compare(&format!("{height} x {width} to {size}"), &chain, Source::Tensor(&images), &rows(12, count, true))?;
        compare(
            &format!("{height} x {width}"),
            &HorizontalFlip::default(),
            Source::Tensor(&images),
            &rows(6, count, false),
        )?;
    }
    Ok(())
}

fn large() -> Result<(), Failed> {
    // 138 MB: software Vulkan binds 134 MB at most.
    let set = shapes(45_000)?;
    let rows: Vec<View> = (0..32).map(|i| View { image: 44_999 - i * 1_400, turn: 0, number: 0 }).collect();
    compare("45,000 images", &simclr(32)?, Source::Set(&set), &rows)
}

fn larger() -> Result<(), Failed> {
    // 629 MB: over a quarter of what software Vulkan says it has. A large card keeps it.
    let options = ImageOptions { count: Some(50), size: Some(2048), ..ImageOptions::default() };
    let set = images("shapes", &options, &|_, _| {})?;
    let rows: Vec<View> =
        (0..24).map(|i| View { image: 49 - i % 12 * 4, turn: (i % 4) as u8, number: i as u16 }).collect();
    compare("50 images of 2048 pixels", &simclr(32)?, Source::Set(&set), &rows)
}

fn batch() -> Result<(), Failed> {
    let set = ImageSet::new("shapes", ImageOptions { count: Some(40), ..ImageOptions::default() });
    set.open("images", 3, &|_, _| {})?;
    let (batch, chain) = (set.next(24)?, simclr(24)?);
    on_both("a batch's views", |device| of_batch(&batch, &chain, 2, 3, device))?;
    on_both("a batch's images", |device| images_of(&batch, device))?;
    let labels = labels_of(&batch, &Device::select(&super::name())?)?;
    assert_eq!(labels.ints("labels")?, labels_of(&batch, &Device::cpu())?.ints("labels")?);
    Ok(())
}

fn wrong() -> Result<(), Failed> {
    let set = shapes(4)?;
    let rows = [View { image: 4, turn: 0, number: 0 }];
    let [cpu, gpu] = [Device::cpu(), Device::select(&super::name())?].map(|device| {
        let made = make(&Chain::new(), Source::Set(&set), &rows, &Stream::new(0, "views"), 0, &device);
        made.map(|_| ()).unwrap_err().to_string()
    });
    assert_eq!(cpu, gpu);
    assert_eq!(cpu, "augment: image 5 is out of range: there are 4 images");
    Ok(())
}
