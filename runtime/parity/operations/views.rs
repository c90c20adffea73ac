//! Augmented views: what a workgroup's program makes of an image beside what the CPU does to it.

use std::sync::Arc;

use crate::{
    Device, Result, Tensor,
    augment::{
        Affine, ApplyOptions, Autocontrast, CenterCrop, Chain, ChoiceOptions, ColorJitter, Edge, Equalize, Erasing,
        ErasingValue, GaussianBlur, Grayscale, HorizontalFlip, Interpolation, Invert, Noise, Normalize, PadCrop,
        Perspective, Posterize, QuarterTurn, RandAugment, RandomApply, RandomChoice, RandomResizedCrop, Resize, Rotate,
        Sampling, Sharpness, Solarize, Transform, TrivialAugment, VerticalFlip, View,
    },
    data::{ImageOptions, images},
    options::PerChannel,
    parity::{Case, Group, Measure, Output, noise::uniform},
    rng::Stream,
    views::{Source, make},
};

/// 2/255 of the largest value: what two devices may differ in one pixel.
const PIXEL: f64 = 2.0 / 255.0;

/// What they may differ on average.
const AVERAGE: f64 = 0.2 / 255.0;

/// How a chain is made.
type Made = fn() -> Result<Chain>;

/// What two devices may differ in.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    /// Every pixel, and the average.
    Pixels,
    /// The average alone: a value at a step of the change may fall on either side of it.
    Average,
}

pub(super) fn cases() -> Vec<Case> {
    use Bound::{Average, Pixels};
    let chains: [(&str, Made, Bound); 10] = [
        ("views of SimCLR", simclr, Pixels),
        ("views with blur, solarization and turns", blurred, Pixels),
        ("views, antialiased", antialiased, Pixels),
        ("views, resized and cropped", resized, Pixels),
        ("views, padded and normalised", padded, Pixels),
        ("views by smooth maps", mapped, Pixels),
        ("views of other levels", levelled, Average),
        ("views with noise and erased parts", noisy, Pixels),
        ("views of RandAugment and TrivialAugment", automatic, Average),
        ("views of applied and chosen changes", chosen, Pixels),
    ];
    let of_floats = |(name, chain, bound): (&'static str, Made, Bound)| {
        case(name.to_owned(), bound, move |device| {
            let images = uniform("images for views", &[7, 3, 33, 29], [0.0, 1.0], device)?;
            views(&chain()?, Source::Tensor(&images), 7, device)
        })
    };
    // As trainings make them: from the bytes of a data set, which a GPU keeps.
    let of_bytes = |(name, chain, bound): (&'static str, Made, Bound)| {
        case(format!("{name}, from a data set"), bound, move |device| {
            let options = ImageOptions { count: Some(12), ..Default::default() };
            let set = images("shapes", &options, &|_, _| {})?;
            views(&chain()?, Source::Set(&set), set.len(), device)
        })
    };
    let of_channels = |channels: usize| {
        case(format!("views of {channels} channels"), Pixels, move |device| {
            let images = uniform("images for views", &[5, channels, 19, 23], [0.0, 1.0], device)?;
            views(&any_channels()?, Source::Tensor(&images), 5, device)
        })
    };
    let floats = chains.into_iter().map(of_floats);
    floats.chain(chains.into_iter().map(of_bytes)).chain([1, 2, 4, 7].into_iter().map(of_channels)).collect()
}

fn case(name: String, bound: Bound, make: impl Fn(&Device) -> Result<Tensor> + 'static) -> Case {
    Case::new(Group::Operation, name, PIXEL, move |device| {
        let values = make(device)?.floats()?;
        let average = Output::forward("views on average", values.clone()).measured_by(Measure::Mean);
        let average = average.in_row("on average", AVERAGE);
        Ok(if bound == Bound::Pixels { vec![Output::forward("views", values), average] } else { vec![average] })
    })
}

fn blurred() -> Result<Chain> {
    let blur = GaussianBlur::new([0.1, 2.0])?.with_kernel(5)?;
    Ok(simclr()?.then(blur).then(Solarize::new(0.5)?.with_probability(0.5)?).then(QuarterTurn::new(0.5)?))
}

fn antialiased() -> Result<Chain> {
    Ok(Chain::new().then(RandomResizedCrop::new((11, 11))?.with_antialias(true)))
}

fn resized() -> Result<Chain> {
    Ok(Chain::new()
        .then(Resize::new((26, 21))?)
        .then(CenterCrop::new((24, 24))?)
        .then(RandomResizedCrop::new((17, 31))?.with_interpolation(Interpolation::Nearest)))
}

fn padded() -> Result<Chain> {
    let statistics = |numbers: [f32; 3]| PerChannel::Each(numbers.into());
    Ok(Chain::new()
        .then(PadCrop::new((30, 30), 5)?)
        .then(PadCrop::new((31, 27), 9)?.with_mode(Edge::Reflect))
        .then(VerticalFlip::new(0.5)?)
        .then(HorizontalFlip::default())
        .then(PadCrop::new((40, 40), 20)?.with_mode(Edge::Symmetric))
        .then(PadCrop::new((33, 33), 20)?.with_mode(Edge::Replicate))
        .then(Normalize::new(statistics([0.485, 0.456, 0.406]), statistics([0.229, 0.224, 0.225]))?)
        .then(RandomResizedCrop::new((16, 16))?))
}

fn mapped() -> Result<Chain> {
    let affine = Affine::new(20.0)?.with_translate([0.1, 0.2])?.with_scale([0.7, 1.4])?;
    Ok(Chain::new()
        .then(Rotate::new(180.0)?.with_interpolation(Sampling::Bilinear))
        .then(affine.with_shear([-10.0, 10.0], [-5.0, 5.0])?.with_interpolation(Sampling::Bilinear))
        .then(Perspective::new(0.5)?))
}

fn levelled() -> Result<Chain> {
    Ok(Chain::new()
        .then(Equalize::new(0.5)?)
        .then(Sharpness::new(1.8, 0.5)?)
        .then(HorizontalFlip::default())
        .then(Autocontrast::new(0.5)?)
        .then(Invert::new(0.5)?)
        .then(Sharpness::new(0.2, 0.5)?)
        .then(Posterize::new(3, 0.5)?)
        .then(Rotate::new(30.0)?))
}

fn noisy() -> Result<Chain> {
    let values = ErasingValue::Values(PerChannel::Each([0.1, 0.5, 0.9].into()));
    Ok(Chain::new()
        .then(Noise::new(0.1)?)
        .then(HorizontalFlip::default())
        .then(Erasing::new(0.7)?.with_value(values)?)
        .then(VerticalFlip::new(0.5)?)
        .then(Erasing::new(0.7)?.with_value(ErasingValue::Random)?)
        .then(Noise::new(0.2)?.with_mean(-0.1)?.with_clip(false)))
}

fn automatic() -> Result<Chain> {
    Ok(Chain::new().then(RandAugment::new(3, 12)?).then(TrivialAugment::default()))
}

fn chosen() -> Result<Chain> {
    let blur: Arc<dyn Transform> = Arc::new(GaussianBlur::new([0.1, 2.0])?);
    let jitter: Arc<dyn Transform> = Arc::new(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?);
    let invert: Arc<dyn Transform> = Arc::new(Invert::new(1.0)?);
    let choice = RandomChoice::new(vec![Arc::clone(&blur), invert], ChoiceOptions::weighted(vec![1.0, 3.0]))?;
    Ok(Chain::new().then(RandomApply::new(Arc::new(Chain::of([blur, jitter])?), ApplyOptions::default())?).then(choice))
}

fn any_channels() -> Result<Chain> {
    Ok(Chain::new()
        .then(PadCrop::new((20, 20), 3)?)
        .then(RandomResizedCrop::new((18, 17))?)
        .then(HorizontalFlip::default())
        .then(GaussianBlur::new([0.1, 2.0])?)
        .then(Rotate::new(25.0)?.with_interpolation(Sampling::Bilinear))
        .then(Autocontrast::new(0.5)?)
        .then(Noise::new(0.05)?)
        .then(Erasing::new(0.5)?)
        .then(Normalize::new(PerChannel::All(0.5), PerChannel::All(0.25))?))
}

fn simclr() -> Result<Chain> {
    Ok(Chain::new()
        .then(RandomResizedCrop::new((24, 24))?)
        .then(HorizontalFlip::default())
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?)
        .then(Grayscale::new(0.2)?))
}

/// Six views of each image, turned where that leaves their size.
fn views(chain: &dyn Transform, source: Source<'_>, images: usize, device: &Device) -> Result<Tensor> {
    let ((height, width), _) = source.size()?;
    let is_turned = chain.output_size((height, width)) == chain.output_size((width, height));
    let turn = |i: usize| if is_turned { (i % 4) as u8 } else { 0 };
    let view = |i: usize| View { image: i % images, turn: turn(i), number: (i / images) as u16 };
    let rows: Vec<View> = (0..6 * images).map(view).collect();
    make(chain, source, &rows, &Stream::new(0, "parity"), 1, device)
}
