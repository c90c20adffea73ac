//! Every change on images of several sizes and numbers of channels: tests/reference/transforms.py.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use super::super::{
    Automatic, Change, Crop, Drawn, Edge, Filling, Image, Interpolation, Operation, Sampling, Size, Warp,
    values::Values,
};
use crate::options::PerChannel;

const FIXTURE: &str = include_str!("../../../tests/fixtures/transforms.json");

/// Rounding of the fixture to six digits and of float32 on the way.
const TOLERANCE: f32 = 4e-6;

/// Coordinates of a map are rounded, too, and steep edges make much of it.
const TOLERANCE_OF_MAPS: f32 = 3e-5;

/// A level of a byte, and the rounding of the fixture.
const LEVEL: f32 = 1.0 / 255.0 + 1e-5;

/// Where torchvision rounds what a pixel of bytes is blended with, and then the result, its bytes are up to so many levels
/// from its own floats.
const BLENDED_LEVELS: f32 = 1.9;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| number(x) as f32).collect()
}

fn per_channel(value: &Value) -> Option<PerChannel> {
    match value {
        Value::Null => None,
        Value::Array(numbers) if numbers.len() > 1 => Some(PerChannel::Each(floats(value).into())),
        Value::Array(numbers) => Some(PerChannel::All(number(&numbers[0]) as f32)),
        one => Some(PerChannel::All(number(one) as f32)),
    }
}

fn points(value: &Value) -> [[f64; 2]; 4] {
    let points = value.as_array().unwrap().iter().map(|point| [number(&point[0]), number(&point[1])]);
    points.collect::<Vec<_>>().try_into().unwrap()
}

/// The change that a case describes.
fn change(told: &Value, (height, width): Size) -> Option<Change> {
    let text = |name: &str| told[name].as_str().unwrap();
    let sampling = || text("interpolation").parse::<Sampling>().unwrap();
    let warp = |matrix| {
        Some(Change::Warp(Box::new(Warp {
            matrix,
            sampling: sampling(),
            drawn: Drawn::Rotation(0.0),
            fill: per_channel(&told["fill"]),
        })))
    };
    let centre = || match told["center"].as_array() {
        Some(centre) => [number(&centre[0]) - width as f64 / 2.0, number(&centre[1]) - height as f64 / 2.0],
        None => [0.0; 2],
    };
    let pair = |name: &str| [number(&told[name][0]), number(&told[name][1])];
    let size = || (whole(&told["height"]), whole(&told["width"]));
    let part = || Crop {
        top: whole(&told["top"]),
        left: whole(&told["left"]),
        height: whole(&told["height"]),
        width: whole(&told["width"]),
    };
    let factor = || number(&told["factor"]) as f32;
    Some(match text("op") {
        "normalize" => Change::Normalize { mean: per_channel(&told["mean"])?, deviation: per_channel(&told["std"])? },
        "pad" => {
            let padding = number(&told["padding"]) as isize;
            Change::Window {
                place: (whole(&told["top"]) as isize - padding, whole(&told["left"]) as isize - padding),
                size: size(),
                edge: text("mode").parse::<Edge>().unwrap(),
                fill: per_channel(&told["fill"]).unwrap_or(PerChannel::All(0.0)),
            }
        }
        "resize" => Change::Crop {
            crop: Crop::whole((height, width)),
            size: size(),
            interpolation: text("interpolation").parse::<Interpolation>().unwrap(),
            antialias: told["antialias"].as_bool().unwrap(),
        },
        "center_crop" => return drawn_center_crop(size(), (height, width)),
        "vertical_flip" => Change::FlipRows,
        "rotate" => {
            return warp(Warp::affine(-number(&told["angle"]), [0.0; 2], 1.0, [0.0; 2], centre()));
        }
        "affine" => {
            let (angle, scale) = (number(&told["angle"]), number(&told["scale"]));
            return warp(Warp::affine(angle, pair("translate"), scale, pair("shear"), centre()));
        }
        "perspective" => {
            let (start, end) = (points(&told["startpoints"]), points(&told["endpoints"]));
            return warp(Warp::between(start, end, (height, width)).unwrap());
        }
        "erase" => Change::Erase { part: part(), with: Filling::Values(per_channel(&told["value"])?) },
        "posterize" => Change::Posterize(whole(&told["bits"]) as u8),
        "equalize" => Change::Equalize,
        "autocontrast" => Change::Autocontrast,
        "invert" => Change::Invert,
        "grayscale" => Change::Grayscale,
        "sharpness" => Change::Sharpness(factor()),
        "brightness" => Change::Brightness(factor()),
        "contrast" => Change::Contrast(factor()),
        "saturation" => Change::Saturation(factor()),
        "hue" => Change::Hue(number(&told["turns"]) as f32),
        "solarize" => Change::Solarize { threshold: number(&told["threshold"]) as f32 },
        "blur" => Change::Blur { taps: whole(&told["taps"]), sigma: number(&told["sigma"]) as f32 },
        "automatic" => {
            let automatic = Automatic { sampling: sampling(), fill: per_channel(&told["fill"]) };
            let named = |operation: &Operation| format!("{operation:?}") == text("name");
            let operation = Operation::ALL.into_iter().find(named).unwrap();
            return automatic.change(operation, number(&told["magnitude"]) as f32, (height, width));
        }
        other => panic!("no change is called {other}"),
    })
}

/// What the transform draws, which is always the same.
fn drawn_center_crop(size: Size, of: Size) -> Option<Change> {
    use super::super::{CenterCrop, DrawPlace, Transform};
    let (stream, mut changes) = (crate::rng::Stream::new(0, "crop"), Vec::new());
    CenterCrop::new(size).unwrap().draw(of, &mut DrawPlace::new(&stream, 0, 0, 0), &mut changes);
    changes.pop()
}

/// The largest differences to what torchvision makes of floats and of bytes.
fn differences(case: &Value, images: &Value) -> [f32; 2] {
    let picture = &images[case["image"].as_str().unwrap()];
    let (channels, size) = (whole(&picture["channels"]), (whole(&picture["height"]), whole(&picture["width"])));
    let values: Vec<f32> = floats(&picture["bytes"]).into_iter().map(|byte| byte / 255.0).collect();
    let mut image = Image::default();
    image.open(Values::Floats(&values), channels, size, true);
    if let Some(change) = change(&case["change"], size) {
        image.perform(&change);
    }
    assert_eq!(image.size(), (whole(&case["height"]), whole(&case["width"])), "{}", case["name"]);
    let made: Vec<f32> = image.planes().iter().copied().step_by(whole(&case["every"])).collect();
    let most = |wanted: &[f32], scale: f32| {
        assert_eq!(made.len(), wanted.len(), "{}", case["name"]);
        made.iter().zip(wanted).map(|(made, wanted)| (made - wanted * scale).abs()).fold(0.0, f32::max)
    };
    let of_bytes = if case["uint8"].is_null() { 0.0 } else { most(&floats(&case["uint8"]), 1.0 / 255.0) };
    [most(&floats(&case["expected"]), 1.0), of_bytes]
}

#[test]
fn every_change_is_torchvisions_on_floats_and_close_on_bytes() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let mut wrong = String::new();
    let mut table: BTreeMap<String, (usize, [f32; 2])> = BTreeMap::new();
    for case in fixture["cases"].as_array().unwrap() {
        let op = case["change"]["op"].as_str().unwrap();
        let [off, off_bytes] = differences(case, &fixture["images"]);
        let is_map = matches!(op, "rotate" | "affine" | "perspective" | "automatic");
        let name = case["change"]["name"].as_str().unwrap_or_default();
        let is_blended =
            matches!(op, "sharpness" | "contrast" | "saturation") || matches!(name, "Sharpness" | "Contrast" | "Color");
        let levels = if is_blended { LEVEL * BLENDED_LEVELS } else { LEVEL };
        if off > if is_map { TOLERANCE_OF_MAPS } else { TOLERANCE } || off_bytes > levels {
            writeln!(wrong, "{}: {off} on floats, {:.3} levels on bytes", case["name"], off_bytes * 255.0).unwrap();
        }
        let (count, most) = table.entry(op.to_owned()).or_default();
        *count += 1;
        most[0] = most[0].max(off);
        most[1] = most[1].max(off_bytes);
    }
    for (op, (count, [floats, bytes])) in &table {
        println!("| {op} | {count} | {:.5} | {:.2} |", floats * 255.0, bytes * 255.0);
    }
    assert!(wrong.is_empty(), "{wrong}");
}
