//! What is drawn beside 100,000 draws of torchvision's: tests/reference/draws.py. Moments and quantiles of each number.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::{Change, DrawPlace, Drawn, Interpolation, Size, Transform},
    Affine, Erasing, Operation, PadCrop, Perspective, RandAugment, RandomResizedCrop, Rotate, TrivialAugment,
};
use crate::{
    options::{Options, Spread},
    rng::{Draws, Stream},
};

const FIXTURE: &str = include_str!("../../../tests/fixtures/draws.json");

const COUNT: u64 = 40_000;

/// Numbers by their names.
type Numbers = BTreeMap<String, Vec<f64>>;

/// What is noted for each of many images.
fn drawn(mut one: impl FnMut(&mut Draws, &mut dyn FnMut(&str, f64))) -> Numbers {
    let (stream, mut numbers) = (Stream::new(11, "distributions"), Numbers::new());
    for sample in 0..COUNT {
        let mut draws = stream.at(0, sample, 0, 0);
        one(&mut draws, &mut |name, number| numbers.entry(name.to_owned()).or_default().push(number));
    }
    numbers
}

/// The change that a transform makes of each of many images.
fn changes(transform: &dyn Transform, size: Size, mut note: impl FnMut(Option<&Change>)) {
    let stream = Stream::new(12, "distributions");
    for sample in 0..COUNT {
        let mut changes = Vec::new();
        transform.draw(size, &mut DrawPlace::new(&stream, 0, sample, 0), &mut changes);
        note(changes.first());
    }
}

fn case(name: &str) -> Value {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    cases.iter().find(|case| case["name"].as_str().unwrap().starts_with(name)).unwrap().clone()
}

/// Every number of a case follows torchvision's distribution.
fn assert_follows(name: &str, mut numbers: Numbers) {
    let case = case(name);
    for (parameter, want) in case["parameters"].as_object().unwrap() {
        let got = numbers.get_mut(parameter).unwrap_or_else(|| panic!("{name}: no {parameter}"));
        got.sort_by(f64::total_cmp);
        let count = got.len() as f64;
        let number = |name: &str| want[name].as_f64().unwrap();
        let mean = got.iter().sum::<f64>() / count;
        let deviation = (got.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        // Both sides have drawn.
        let error = number("std") * (1.0 / count + 1.0 / 1e5).sqrt();
        assert!((mean - number("mean")).abs() <= 4.5 * error + 1e-6, "{name}, {parameter}: mean {mean}, {want}");
        assert!(
            (deviation - number("std")).abs() <= 0.03 * number("std") + 1e-6,
            "{name}, {parameter}: deviation {deviation}, {want}"
        );
        for (share, quantile) in [0.05, 0.25, 0.5, 0.75, 0.95].iter().zip(want["quantiles"].as_array().unwrap()) {
            let quantile = quantile.as_f64().unwrap();
            // What has steps jumps over the share at one of them.
            let slack = 1e-6 * quantile.abs().max(1.0);
            let below = got.partition_point(|x| *x < quantile - slack) as f64 / count;
            let up_to = got.partition_point(|x| *x <= quantile + slack) as f64 / count;
            let tolerance = 5.0 * (share * (1.0 - share) * (1.0 / count + 1.0 / 1e5)).sqrt();
            assert!(
                below <= share + tolerance && up_to >= share - tolerance,
                "{name}, {parameter}: {share} at {quantile}, here from {below} to {up_to}"
            );
        }
    }
}

/// Every share of a case is about torchvision's.
fn assert_shares(name: &str, shares: &BTreeMap<String, f64>) {
    for (what, want) in case(name)["shares"].as_object().unwrap() {
        let (got, want) = (shares.get(what).copied().unwrap_or(0.0), want.as_f64().unwrap());
        // Those of one operation's signs have a fourteenth of the draws, on both sides.
        let most = if what.ends_with("below zero") { 0.05 } else { 0.008 };
        assert!((got - want).abs() < most, "{name}, {what}: {got}, torchvision's {want}");
    }
}

#[test]
fn padded_crops_lie_where_torchvisions_do() {
    for (name, size, padding, of) in
        [("RandomCrop(32, padding=4)", 32, 4, (32, 32)), ("RandomCrop(24, padding=3)", 24, 3, (33, 29))]
    {
        let mut numbers = Numbers::new();
        changes(&PadCrop::new((size, size), padding).unwrap(), of, |change| {
            let Some(Change::Window { place: (top, left), .. }) = change else { panic!("{change:?}") };
            for (name, place) in [("top", top), ("left", left)] {
                numbers.entry(name.into()).or_default().push((place + padding as isize) as f64);
            }
        });
        assert_follows(name, numbers);
    }
}

#[test]
fn resized_crops_lie_where_torchvisions_do() {
    let mut numbers = Numbers::new();
    let crop = RandomResizedCrop::new((24, 24)).unwrap().with_interpolation(Interpolation::Bilinear);
    changes(&crop, (32, 48), |change| {
        let Some(Change::Crop { crop, .. }) = change else { panic!("{change:?}") };
        let (height, width) = (crop.height as f64, crop.width as f64);
        for (name, number) in [
            ("area", height * width / (32.0 * 48.0)),
            ("log_ratio", (width / height).ln()),
            ("top", crop.top as f64),
            ("left", crop.left as f64),
        ] {
            numbers.entry(name.into()).or_default().push(number);
        }
    });
    assert_follows("RandomResizedCrop(24)", numbers);
}

#[test]
fn turns_are_torchvisions() {
    let between = Rotate::given((Spread([10.0, 50.0]),));
    for (name, rotate) in [("RandomRotation(15)", Rotate::new(15.0).unwrap()), ("RandomRotation([10, 50])", between)] {
        let mut angles = Vec::new();
        changes(&rotate, (32, 32), |change| {
            let Some(Change::Warp(map)) = change else { panic!("{change:?}") };
            angles.push(f64::from(-map.matrix[1].atan2(map.matrix[0])).to_degrees());
        });
        assert_follows(name, Numbers::from([("angle".into(), angles)]));
    }
}

#[test]
fn affine_maps_are_torchvisions() {
    let affine = Affine::new(20.0).unwrap().with_translate([0.1, 0.2]).unwrap().with_scale([0.8, 1.2]).unwrap();
    let affine = affine.with_shear([-10.0, 10.0], [-5.0, 5.0]).unwrap();
    let numbers = drawn(|draws, note| {
        let Drawn::Affine { angle, translate, scale, shear } = affine.drawn((40, 60), draws) else { unreachable!() };
        note("angle", angle.into());
        note("translate_x", translate[0].into());
        note("translate_y", translate[1].into());
        note("scale", scale.into());
        note("shear_x", shear[0].into());
        note("shear_y", shear[1].into());
    });
    assert_follows("RandomAffine", numbers);
}

#[test]
fn perspectives_have_torchvisions_corners() {
    let perspective = Perspective::new(0.5).unwrap();
    let numbers = drawn(|draws, note| {
        let names = ["top_left", "top_right", "bottom_right", "bottom_left"];
        for (name, [x, y]) in names.iter().zip(perspective.corners((32, 48), draws)) {
            note(&format!("{name}_x"), x.into());
            note(&format!("{name}_y"), y.into());
        }
    });
    assert_follows("RandomPerspective", numbers);
}

#[test]
fn erased_rectangles_are_torchvisions() {
    let erasing = Erasing::new(1.0).unwrap();
    let numbers = drawn(|draws, note| {
        let part = erasing.part((32, 48), draws).unwrap();
        let (height, width) = (part.height as f64, part.width as f64);
        note("area", height * width / (32.0 * 48.0));
        note("log_ratio", (height / width).ln());
        note("top", part.top as f64);
        note("left", part.left as f64);
    });
    assert_follows("RandomErasing", numbers);
    let mut erased = 0;
    changes(&Erasing::default(), (32, 48), |change| erased += u32::from(change.is_some()));
    let share = f64::from(erased) / COUNT as f64;
    assert_shares("RandomErasing", &BTreeMap::from([("erased with p=0.5".into(), share)]));
}

/// Magnitudes of the operations, and how often each comes up and is negative.
fn of_operations(mut one: impl FnMut(&mut Draws) -> Vec<(Operation, f32)>) -> (Numbers, BTreeMap<String, f64>) {
    let mut counts: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let numbers = drawn(|draws, note| {
        for (operation, magnitude) in one(draws) {
            let name = format!("{operation:?}");
            note(&name, magnitude.into());
            let count = counts.entry(name).or_default();
            *count = (count.0 + 1.0, count.1 + f64::from(u8::from(magnitude.is_sign_negative())));
        }
    });
    let all: f64 = counts.values().map(|count| count.0).sum();
    let shares = counts.into_iter().flat_map(|(name, (count, negative))| {
        [(name.clone(), count / all), (format!("{name} below zero"), negative / count)]
    });
    (numbers, shares.collect())
}

#[test]
fn automatic_operations_come_up_as_torchvisions() {
    let augment = RandAugment::new(2, 9).unwrap();
    let (mut numbers, shares) = of_operations(|draws| [0; 2].map(|_| augment.drawn((32, 48), draws)).to_vec());
    assert_shares("RandAugment", &shares);
    for (name, want) in case("RandAugment")["parameters"].as_object().unwrap() {
        // Two values, or one: only their size is to be compared.
        let got = numbers.remove(name).unwrap()[0].abs();
        let want = want["quantiles"][4].as_f64().unwrap().abs();
        assert!((got - want).abs() < 1e-5 * want.max(1.0), "{name}: {got}, torchvision's {want}");
    }
    let augment = TrivialAugment::default();
    let (numbers, shares) = of_operations(|draws| vec![augment.drawn(draws)]);
    assert_shares("TrivialAugmentWide", &shares);
    assert_follows("TrivialAugmentWide", numbers);
}
