//! Changes of colour images: tests/reference/augmentations.py.

use serde_json::Value;

use super::super::{Change, Crop, Image, Interpolation, values::Values};

const FIXTURE: &str = include_str!("../../../tests/fixtures/augmentations.json");

/// Rounding of the fixture to six digits and of float32 on the way.
const TOLERANCE: f32 = 2e-6;

/// The part that the fixture's crops are of.
const CROP: Crop = Crop { top: 5, left: 3, height: 20, width: 26 };

/// The part that is used where an image must be small and not square.
const CORNER: Crop = Crop { top: 0, left: 0, height: 3, width: 5 };

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

/// Compares what `change` makes of the fixture's image with every third value of the expected one.
fn assert_matches(name: &str, change: impl Fn(&mut Image<'_>)) {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let bytes: Vec<u8> = numbers(&fixture["image_u8_hwc"]).into_iter().map(|x| x as u8).collect();
    let expected = numbers(&fixture["expected"][name]);
    let mut image = Image::default();
    image.open(Values::Bytes(&bytes), 3, (32, 32), true);
    change(&mut image);
    let values: Vec<f32> = image.planes().iter().copied().step_by(3).collect();
    assert_eq!(values.len(), expected.len());
    let worst = values.iter().zip(&expected).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
    assert!(worst <= TOLERANCE, "{name}: off by {worst}");
}

fn assert_change(name: &str, change: Change) {
    assert_matches(name, |image| image.perform(&change));
}

#[test]
fn colours_match_torchvision() {
    assert_change("brightness 1.4", Change::Brightness(1.4));
    assert_change("contrast 0.6", Change::Contrast(0.6));
    assert_change("saturation 1.8", Change::Saturation(1.8));
    assert_change("hue 0.1", Change::Hue(0.1));
    assert_change("hue -0.2", Change::Hue(-0.2));
    assert_change("grayscale", Change::Grayscale);
}

#[test]
fn resized_crops_match_torchvision() {
    let name = "crop top=5 left=3 height=20 width=26 to 32x32";
    for (kind, interpolation) in [("bilinear", Interpolation::Bilinear), ("bicubic", Interpolation::Bicubic)] {
        assert_matches(&format!("{name}, {kind}"), |image| image.resized_crop(CROP, (32, 32), interpolation, false));
    }
}

#[test]
fn antialiased_resizes_match_torchvision_when_shrinking_and_when_growing() {
    assert_matches("resize to 20x20, bicubic, antialiased", |image| {
        image.resized_crop(Crop::whole((32, 32)), (20, 20), Interpolation::Bicubic, true);
    });
    assert_matches("crop top=5 left=3 height=20 width=26 to 32x32, bicubic, antialiased", |image| {
        image.resized_crop(CROP, (32, 32), Interpolation::Bicubic, true);
    });
}

#[test]
fn blurs_match_torchvision() {
    for (taps, sigma) in [(3, 0.1), (3, 2.0), (23, 1.3), (63, 9.0)] {
        let blur = Change::Blur { taps, sigma };
        assert_matches(&format!("blur of {taps} taps, sigma {sigma}"), |image| image.perform(&blur));
    }
}

#[test]
fn a_blur_whose_edges_meet_matches_torchvision() {
    assert_matches("blur of 5 taps, sigma 1, of the first 3 rows and 5 columns", |image| {
        image.resized_crop(CORNER, (3, 5), Interpolation::Bilinear, false);
        image.perform(&Change::Blur { taps: 5, sigma: 1.0 });
    });
}

#[test]
fn solarization_matches_torchvision() {
    for threshold in [0.5, 0.2, 0.0] {
        let solarize = Change::Solarize { threshold };
        assert_matches(&format!("solarize {threshold}"), |image| image.perform(&solarize));
    }
}

#[test]
fn turns_match_pytorch() {
    for quarters in 1..=3 {
        assert_matches(&format!("turn {quarters}"), |image| image.perform(&Change::Turn(quarters)));
    }
    for quarters in [1, 3] {
        assert_matches(&format!("turn {quarters} of the first 3 rows and 5 columns"), |image| {
            image.resized_crop(CORNER, (3, 5), Interpolation::Bilinear, false);
            image.perform(&Change::Turn(quarters));
        });
    }
}
