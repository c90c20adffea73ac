//! What a user reads of a folder of images: one line for each data set that is read, once, also by `check`.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use image::{Rgba, RgbaImage};
use tempfile::TempDir;

fn moonburn(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/folders"));
    command.output().expect("the program starts")
}

/// Black pixels that nobody sees, in two classes of both splits, and a picture that is not read.
fn photos() -> TempDir {
    let root = TempDir::new().unwrap();
    for path in ["train/a/1.png", "train/a/2.png", "train/b/1.png", "Test/a/1.png", "Test/b/1.png"] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0])).save(path).unwrap();
    }
    fs::write(root.path().join("train/a/3.avif"), "x").unwrap();
    fs::create_dir(root.path().join("train/@eaDir")).unwrap();
    root
}

fn said(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter(|line| line.contains(" in 2 classes "))
        .map(String::from)
        .collect()
}

fn lines(root: &Path) -> [String; 2] {
    let (root, blank) = (root.display(), "with nothing but fully transparent pixels");
    [
        format!(
            "{root}, train: 3 images of 4 x 4 in 2 classes (a, b), 1 to 2 each; 3 transparent images laid over white; \
             3 images {blank}; left out: 1 .avif (a format that is not read), 1 of other programs (@eaDir)"
        ),
        format!(
            "{root}, test: 2 images of 4 x 4 in 2 classes (a, b); 2 transparent images laid over white; 2 images \
                 {blank}"
        ),
    ]
}

#[test]
fn a_data_set_says_in_one_line_what_it_found() {
    let root = photos();
    let images = format!("images={}", root.path().display());
    let checked = moonburn(&["check", "script.lua", "--device", "cpu", "--set", &images]);
    assert_eq!(said(&checked), lines(root.path()));
    assert_eq!(String::from_utf8_lossy(&checked.stdout).lines().next(), Some("3\t2\t2"));
}

#[test]
fn the_option_decides_what_lies_below_transparent_pixels() {
    let root = photos();
    let images = format!("images={}", root.path().display());
    for (transparent, mean) in [("white", "1.0"), ("black", "0.0"), ("#336699", "0.4"), ("drop", "0.0")] {
        let transparent = format!("transparent={transparent}");
        let output = moonburn(&["check", "script.lua", "--device", "cpu", "--set", &images, "--set", &transparent]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let got: f64 = text.lines().nth(1).unwrap().parse().unwrap();
        assert!((got - mean.parse::<f64>().unwrap()).abs() < 1e-6, "{transparent}: {got}");
    }
}
