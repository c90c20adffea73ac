//! Files of many formats against what Pillow makes of them: tests/reference/images.py.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Traits, Transparent, decode};

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/images")
}

#[test]
fn every_format_is_read_as_pillow_reads_it() {
    let folder = pictures();
    let text = fs::read_to_string(folder.join("images.json")).unwrap();
    let cases: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() > 40);
    let mut faults = Vec::new();
    for (name, case) in &cases {
        let tolerance = case["tolerance"].as_u64().unwrap() as u8;
        for (how, want) in case["expected"].as_object().unwrap() {
            let got = match decode(&folder.join(name), None, how.parse().unwrap()) {
                Ok(decoded) => decoded,
                Err(refusal) => {
                    faults.push(format!("{name}: {refusal}"));
                    break;
                }
            };
            let digits = want.as_str().unwrap();
            let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
            let want: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
            let size = [got.image.width(), got.image.height()];
            let is_size = case["size"].as_array().unwrap().iter().zip(size).all(|(want, got)| want == got);
            let off = got.image.as_raw().iter().zip(&want).map(|(got, want)| got.abs_diff(*want)).max().unwrap();
            if !is_size || got.image.as_raw().len() != want.len() || off > tolerance {
                faults.push(format!("{name}, {how}: off by {off}, {size:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn what_goes_on_after_its_first_image_is_noted() {
    let folder = pictures();
    let traits = |name: &str| decode(&folder.join(name), None, Transparent::WHITE).unwrap().traits;
    for name in ["animated.gif", "animated.png", "animated.webp", "pages.tif"] {
        assert!(traits(name).goes_on, "{name}");
    }
    for name in ["palette.gif", "rgb.png", "rgba.webp", "rgb_raw.tif"] {
        assert!(!traits(name).goes_on, "{name}");
    }
    assert_eq!(traits("clear.gif"), Traits { goes_on: false, transparent: true, blank: false });
    assert_eq!(traits("blank.png"), Traits { goes_on: false, transparent: true, blank: true });
}
