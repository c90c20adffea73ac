//! Views that the kernel makes against the CPU's: within 2/255 for every pixel, 0.2/255 on average.

use std::{fmt, sync::Arc};

use libtest_mimic::{Failed, Trial};
use moonburn::{
    Device, Tensor,
    augment::{
        Affine, Autocontrast, CenterCrop, Chain, Change, ColorJitter, Crop, DrawPlace, Drawn, Edge, Equalize, Erasing,
        ErasingValue, Filling, Grayscale, HorizontalFlip, Interpolation, Invert, Noise, Normalize, PadCrop,
        Perspective, Posterize, RandAugment, RandomResizedCrop, Resize, Rotate, Sampling, Sharpness, Size, Transform,
        TrivialAugment, VerticalFlip, View,
    },
    data::{ImageOptions, ImageSet, Images, images},
    gpu::{checked, counts},
    options::PerChannel,
    rng::{Draws, Stream},
    tensor::DType,
    views::{Source, images_of, labels_of, make, of_batch},
};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("every chain of augmentations makes the CPU's views", chains),
        Trial::test("every augmentation makes the CPU's views, on one to seven channels", every),
        Trial::test("a batch of views is one launch, whatever the chain", launches),
        Trial::test("any sequence of changes makes the CPU's views", sequences),
        Trial::test("images that were made for their rows are changed with the rows' draws", between),
        Trial::test("no images give no views, and images of float16 are those of float32", odd),
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

impl fmt::Display for Always {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

impl Transform for Always {
    fn draw(&self, _: Size, _: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        changes.extend(self.0.iter().cloned());
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
    let checked = checked(|| made(&Device::select(&super::name())?)?.floats())?;
    let apart = checked.iter().zip(&got).filter(|(checked, got)| (**checked - **got).abs() > 1e-5).count();
    if apart > 0 {
        return Err(format!("{name}: {apart} values of the trusted kernel are not the checked one's").into());
    }
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

/// One change of each kind that does not stand at a step of values, with numbers of its own.
fn random_change(draws: &mut Draws, (height, width): Size) -> Change {
    let factor = 0.5 + draws.uniform();
    let seed = [draws.bits(), draws.bits()];
    let part = |draws: &mut Draws| {
        let (rows, columns) = (1 + draws.below(height as u32) as usize, 1 + draws.below(width as u32) as usize);
        let top = draws.below((height - rows + 1) as u32) as usize;
        let left = draws.below((width - columns + 1) as u32) as usize;
        Crop { top, left, height: rows, width: columns }
    };
    let size = |draws: &mut Draws| (3 + draws.below(20) as usize, 3 + draws.below(20) as usize);
    match draws.below(18) {
        0 => Change::Crop {
            crop: part(draws),
            size: size(draws),
            interpolation: Interpolation::Bicubic,
            antialias: true,
        },
        1 => Change::Crop {
            crop: part(draws),
            size: size(draws),
            interpolation: Interpolation::Bilinear,
            antialias: false,
        },
        2 => {
            let place = (draws.below(9) as isize - 4, draws.below(9) as isize - 4);
            let edge = [Edge::Constant, Edge::Replicate, Edge::Reflect, Edge::Symmetric][draws.below(4) as usize];
            Change::Window { place, size: size(draws), edge, fill: PerChannel::All(0.3) }
        }
        3 => Change::Flip,
        4 => Change::FlipRows,
        5 => Change::Turn(1 + draws.below(3) as u8),
        6 => {
            let (angle, fill) = (draws.range(-180.0, 180.0), Some(PerChannel::All(0.6)));
            let map = Drawn::Rotation(angle).map((height, width), [0.0; 2], Sampling::Bilinear, fill);
            Change::Warp(Box::new(map.expect("a rotation has a matrix")))
        }
        7 => Change::Brightness(factor),
        8 => Change::Contrast(factor),
        9 => Change::Saturation(factor),
        10 => Change::Grayscale,
        11 => Change::Blur { taps: 5, sigma: factor },
        12 => Change::Sharpness(factor),
        13 => Change::Invert,
        14 => Change::Solarize { threshold: 0.5 },
        15 => Change::Noise { mean: 0.0, sigma: 0.1, seed, clip: true },
        16 => Change::Erase { part: part(draws), with: Filling::Values(PerChannel::All(factor / 2.0)) },
        _ => Change::Erase { part: part(draws), with: Filling::Values(PerChannel::All(0.0)) },
    }
}

/// The order of changes, what mirrors, what knows places and what is told of the whole image, in every combination.
fn sequences() -> Result<(), Failed> {
    let mut draws = Stream::new(9, "sequences").at(0, 0, 0, 0);
    for round in 0..60 {
        let channels = [1, 3, 3][round % 3];
        let (count, height, width) = (3, 4 + draws.below(24) as usize, 4 + draws.below(24) as usize);
        let pixels = (0..count * channels * height * width).map(|_| draws.uniform()).collect();
        let images = Tensor::from_floats(pixels, &[count, channels, height, width], &Device::cpu())?;
        let (mut changes, mut size) = (Vec::new(), (height, width));
        for _ in 0..1 + draws.below(8) {
            let change = random_change(&mut draws, size);
            size = change.output_size(size);
            changes.push(change);
        }
        let name = format!("{channels} channels of {height}x{width}: {changes:?}");
        compare(&name, &Always(changes), Source::Tensor(&images), &rows(6, count, false))?;
    }
    // More stages than the kernel has bits for.
    let contrasts = (0..40).map(|i| if i % 2 == 0 { Change::Contrast(0.9) } else { Change::Autocontrast }).collect();
    let set = shapes(8)?;
    compare("40 stages", &Always(contrasts), Source::Set(&set), &rows(16, 8, true))
}

/// Every transform that there is.
fn every() -> Result<(), Failed> {
    let statistics = |numbers: &[f32]| PerChannel::Each(numbers.into());
    let colours: Vec<Arc<dyn Transform>> = vec![
        Arc::new(ColorJitter::new(0.8, 0.8, 0.8, 0.4)?),
        Arc::new(Grayscale::new(0.5)?),
        Arc::new(Normalize::new(statistics(&[0.5, 0.4, 0.3]), statistics(&[0.2, 0.3, 0.4]))?),
        Arc::new(Erasing::new(1.0)?.with_value(ErasingValue::Values(statistics(&[0.1, 0.2, 0.3])))?),
    ];
    let bilinear = Sampling::Bilinear;
    let affine = Affine::new(30.0)?.with_translate([0.2, 0.1])?.with_scale([0.5, 2.0])?;
    let any: Vec<Arc<dyn Transform>> = vec![
        Arc::new(PadCrop::new((20, 24), 4)?),
        Arc::new(PadCrop::new((60, 60), 30)?.with_mode(Edge::Reflect)),
        Arc::new(PadCrop::new((60, 60), 30)?.with_mode(Edge::Symmetric)),
        Arc::new(PadCrop::new((60, 60), 30)?.with_mode(Edge::Replicate)),
        Arc::new(Resize::new((40, 11))?),
        Arc::new(CenterCrop::new((40, 11))?),
        Arc::new(RandomResizedCrop::new((9, 40))?.with_interpolation(Interpolation::Nearest)),
        Arc::new(VerticalFlip::new(0.5)?),
        Arc::new(Rotate::new(180.0)?.with_interpolation(bilinear)),
        Arc::new(affine.with_shear([-20.0, 20.0], [-9.0, 9.0])?.with_interpolation(bilinear)),
        Arc::new(Perspective::new(0.9)?),
        Arc::new(Erasing::new(1.0)?),
        Arc::new(Erasing::new(1.0)?.with_value(ErasingValue::Random)?),
        Arc::new(Invert::new(0.5)?),
        Arc::new(Autocontrast::new(1.0)?),
        Arc::new(Sharpness::new(1.9, 1.0)?),
        Arc::new(Noise::new(0.2)?),
        Arc::new(Noise::new(0.2)?.with_mean(0.1)?.with_clip(false)),
        Arc::new(Normalize::new(PerChannel::All(0.5), PerChannel::All(0.25))?),
        Arc::new(blur(7, 1.7)),
    ];
    // Steps of levels, and lines between pixels, are met by few values that round to another side: first in a chain, where
    // both devices have the same values.
    let stepped: Vec<Arc<dyn Transform>> = vec![
        Arc::new(Equalize::new(1.0)?),
        Arc::new(Posterize::new(3, 1.0)?),
        Arc::new(Rotate::new(40.0)?),
        Arc::new(TrivialAugment::default()),
        Arc::new(RandAugment::new(1, 20)?),
    ];
    let set = shapes(40)?;
    for transform in any.iter().chain(&colours).chain(&stepped) {
        compare(&format!("{transform}, bytes"), transform.as_ref(), Source::Set(&set), &rows(96, 40, true))?;
    }
    let mut draws = Stream::new(4, "channels").at(0, 0, 0, 0);
    for channels in [1, 2, 3, 4, 7] {
        let (count, height, width) = (5, 21, 18);
        let pixels = (0..count * channels * height * width).map(|_| (draws.bits() >> 24) as f32 / 255.0).collect();
        let images = Tensor::from_floats(pixels, &[count, channels, height, width], &Device::cpu())?;
        let fitting = any.iter().chain(colours.iter().filter(|_| channels == 3));
        for transform in fitting.chain(stepped.iter().filter(|_| matches!(channels, 1 | 3))) {
            let name = format!("{transform}, {channels} channels");
            compare(&name, transform.as_ref(), Source::Tensor(&images), &rows(20, count, false))?;
        }
    }
    Ok(())
}

fn launches() -> Result<(), Failed> {
    let device = Device::select(&super::name())?;
    let set = shapes(64)?;
    let everything = Chain::new()
        .then(PadCrop::new((36, 36), 6)?)
        .then(RandAugment::new(4, 15)?)
        .then(Equalize::new(0.5)?)
        .then(blur(9, 2.0))
        .then(Rotate::new(20.0)?)
        .then(simclr(24)?)
        .then(Normalize::new(PerChannel::All(0.5), PerChannel::All(0.2))?)
        .then(Erasing::new(0.5)?);
    for (name, chain) in [("SimCLR", simclr(32)?), ("eight transforms", everything)] {
        let make = || make(&chain, Source::Set(&set), &rows(128, 64, true), &Stream::new(5, "views"), 3, &device);
        make()?;
        let before = counts().launches;
        make()?;
        println!("{name}: {} launch for 128 views", counts().launches - before);
        assert_eq!(counts().launches - before, 1, "{name}");
    }
    Ok(())
}

fn odd() -> Result<(), Failed> {
    let device = Device::select(&super::name())?;
    let none = Tensor::zeros(&[0, 3, 5, 5], &device)?;
    let stream = Stream::new(0, "odd");
    assert_eq!(make(&Chain::new(), Source::Tensor(&none), &[], &stream, 0, &device)?.shape(), [0, 3, 5, 5]);
    let images = Tensor::full(0.25, &[2, 3, 5, 5], DType::Float32, &device)?;
    let rows = rows(2, 2, false);
    let half = images.to_device(&Device::cpu())?.to_dtype(DType::Float16)?;
    let made = make(&Invert::new(1.0)?, Source::Tensor(&half), &rows, &stream, 0, &device)?.floats()?;
    assert!(made.iter().all(|x| (x - 0.75).abs() < 1e-3), "{made:?}");
    Ok(())
}

fn between() -> Result<(), Failed> {
    let set = shapes(10)?;
    let (first, second) = (simclr(24)?, Chain::new().then(Rotate::new(90.0)?.with_interpolation(Sampling::Bilinear)));
    let rows = rows(30, 10, true);
    on_both("two launches", |device| {
        let stream = Stream::new(5, "views");
        let made = make(&first, Source::Set(&set), &rows, &stream, 3, device)?;
        make(&second, Source::Made(&made), &rows, &stream.part(1), 3, device)
    })
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
