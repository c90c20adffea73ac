//! Augmented views: what a workgroup's program makes of an image beside what the CPU does to it.

use crate::{
    Device, Result, Tensor,
    augment::{
        Chain, ColorJitter, GaussianBlur, Grayscale, HorizontalFlip, QuarterTurn, RandomResizedCrop, Solarize,
        Transform, View,
    },
    parity::{Case, Group, Output, noise::uniform},
    rng::Stream,
    views::{Source, make},
};

/// 2/255 of the largest value: what two devices may differ in one pixel.
const PIXEL: f64 = 2.0 / 255.0;

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
    let case = |(name, chain): (&str, Made)| {
        Case::new(Group::Operation, name, PIXEL, move |device| {
            Ok(vec![Output::forward("views", views(&chain()?, device)?.floats()?)])
        })
    };
    chains.into_iter().map(case).collect()
}

fn simclr() -> Result<Chain> {
    Ok(Chain::new()
        .then(RandomResizedCrop::new((24, 24))?)
        .then(HorizontalFlip::default())
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?)
        .then(Grayscale::new(0.2)?))
}

fn views(chain: &dyn Transform, device: &Device) -> Result<Tensor> {
    let images = uniform("images for views", &[7, 3, 33, 29], [0.0, 1.0], device)?;
    let rows: Vec<View> = (0..42).map(|i| View { image: i % 7, turn: (i % 4) as u8, number: (i / 7) as u16 }).collect();
    make(chain, Source::Tensor(&images), &rows, &Stream::new(0, "parity"), 1, device)
}
