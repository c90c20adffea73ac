//! Augmented views: what a workgroup's program makes of an image beside what the CPU does to it.

use crate::{
    Device, Result, Tensor,
    augment::{
        Chain, ColorJitter, GaussianBlur, Grayscale, HorizontalFlip, QuarterTurn, RandomResizedCrop, Solarize,
        Transform, View,
    },
    data::{ImageOptions, images},
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

pub(super) fn cases() -> Vec<Case> {
    let chains: [(&str, Made); 3] = [
        ("views of SimCLR", simclr),
        ("views with blur, solarization and turns", || {
            let blur = GaussianBlur::new([0.1, 2.0])?.with_kernel(5)?;
            Ok(simclr()?.then(blur).then(Solarize::new(0.5)?.with_probability(0.5)?).then(QuarterTurn::new(0.5)?))
        }),
        ("views, antialiased", || Ok(Chain::new().then(RandomResizedCrop::new((11, 11))?.with_antialias(true)))),
    ];
    let of_floats = |(name, chain): (&'static str, Made)| {
        case(name.to_owned(), move |device| {
            let images = uniform("images for views", &[7, 3, 33, 29], [0.0, 1.0], device)?;
            views(&chain()?, Source::Tensor(&images), 7, device)
        })
    };
    // As trainings make them: from the bytes of a data set, which a GPU keeps.
    let of_bytes = |(name, chain): (&'static str, Made)| {
        case(format!("{name}, from a data set"), move |device| {
            let options = ImageOptions { count: Some(12), ..Default::default() };
            let set = images("shapes", &options, &|_, _| {})?;
            views(&chain()?, Source::Set(&set), set.len(), device)
        })
    };
    chains.into_iter().map(of_floats).chain(chains.into_iter().map(of_bytes)).collect()
}

fn case(name: String, make: impl Fn(&Device) -> Result<Tensor> + 'static) -> Case {
    Case::new(Group::Operation, name, PIXEL, move |device| {
        let values = make(device)?.floats()?;
        let average = Output::forward("views on average", values.clone()).measured_by(Measure::Mean);
        Ok(vec![Output::forward("views", values), average.in_row("on average", AVERAGE)])
    })
}

fn simclr() -> Result<Chain> {
    Ok(Chain::new()
        .then(RandomResizedCrop::new((24, 24))?)
        .then(HorizontalFlip::default())
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?)
        .then(Grayscale::new(0.2)?))
}

/// Six views of each image.
fn views(chain: &dyn Transform, source: Source<'_>, images: usize, device: &Device) -> Result<Tensor> {
    let view = |i: usize| View { image: i % images, turn: (i % 4) as u8, number: (i / images) as u16 };
    let rows: Vec<View> = (0..6 * images).map(view).collect();
    make(chain, source, &rows, &Stream::new(0, "parity"), 1, device)
}
