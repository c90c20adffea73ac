//! What is read of folders as people have them: by the names of splits, by links, among files of other programs.

use std::fs;

use image::{Rgb, RgbImage};
use tempfile::TempDir;

use crate::{
    Result,
    data::{ImageOptions, Images, Layout, Split},
};

/// Images of 4 x 4 pixels in five copies each; a path that ends in a slash is an empty folder.
fn tree(paths: &[&str]) -> TempDir {
    let root = TempDir::new().unwrap();
    paths.iter().for_each(|path| put(&root, path));
    root
}

fn put(root: &TempDir, path: &str) {
    let path = root.path().join(path);
    fs::create_dir_all(&path).unwrap();
    for copy in 0..5 {
        RgbImage::from_pixel(4, 4, Rgb([copy, 0, 0])).save(path.join(format!("{copy}.png"))).unwrap();
    }
}

fn load(root: &TempDir, options: ImageOptions) -> Result<Images> {
    super::load(root.path(), &options, &|_, _| {})
}

/// `a|b 10`: classes and the number of images of a split, or the error without the folder's own path.
fn of_split(root: &TempDir, split: Split, layout: Layout) -> String {
    match load(root, ImageOptions { split, layout, ..ImageOptions::default() }) {
        Ok(images) => format!("{} {}", images.classes().join("|"), images.len()),
        Err(error) => error.to_string().replace(&root.path().display().to_string(), "").replace("images: ", ""),
    }
}

fn train(root: &TempDir) -> String {
    of_split(root, Split::Train, Layout::Auto)
}

fn test(root: &TempDir) -> String {
    of_split(root, Split::Test, Layout::Auto)
}

/// What is said besides classes and images.
fn said(root: &TempDir) -> String {
    let line = load(root, ImageOptions::default()).unwrap().describe("x", Split::Train);
    line.split_once("; ").map_or(String::new(), |(_, rest)| rest.to_owned())
}

#[test]
fn splits_are_read_by_their_usual_names() {
    for (one, two) in [
        ("train", "test"),
        ("Train", "Test"),
        ("TRAIN", "VAL"),
        ("training", "testing"),
        ("Training", "Validation"),
        ("trn", "tst"),
        ("train", "dev"),
        ("training_set", "test_set"),
        ("train2017", "val2017"),
        ("seg_train", "seg_test"),
        ("trainA", "testA"),
        ("BirdsTrain", "BirdsTest"),
        ("ImagesTrain", "ImagesTest"),
    ] {
        let root = tree(&[&format!("{one}/a"), &format!("{one}/b"), &format!("{two}/a"), &format!("{two}/b/deep")]);
        fs::remove_file(root.path().join(two).join("a/0.png")).unwrap();
        assert_eq!((train(&root).as_str(), test(&root).as_str()), ("a|b 10", "a|b 9"), "{one} and {two}");
    }
}

#[test]
fn a_third_split_is_left_out_and_named() {
    let root = tree(&["train/a", "test/a", "val/a", "extra/a"]);
    assert_eq!(test(&root), "a 5");
    assert_eq!(said(&root), "left out: folder extra (of neither split), folder val (of neither split)");
}

#[test]
fn several_folders_for_one_split_are_an_error_that_lists_them() {
    let hint = "; leave one, or pass layout = \"classes\" where these are classes";
    let several = |split: &str, names: &str| format!(": has several folders for the {split} split: {names}{hint}");
    assert_eq!(train(&tree(&["val/a", "val/b", "valid/a"])), several("test", "val, valid"));
    assert_eq!(test(&tree(&["train/a", "val/a", "validation/a"])), several("test", "val, validation"));
    assert_eq!(train(&tree(&["train/a", "val/a", "validation/a"])), several("test", "val, validation"));
    assert_eq!(train(&tree(&["Train/a", "train/a", "test/a"])), several("train", "Train, train"));
    assert_eq!(train(&tree(&["trainA/a", "trainB/a", "testA/a"])), several("train", "trainA, trainB"));
    assert_eq!(test(&tree(&["train/a", "val/a", "valid/a", "test/a"])), "a 5");
}

#[test]
fn a_split_that_is_not_there_is_an_error_that_lists_what_is() {
    let only_val = tree(&["val/a", "val/b"]);
    assert_eq!(test(&only_val), "a|b 10");
    let want = ": has no folder for the train split, called train or training; those of splits are: val";
    assert_eq!(train(&only_val), want);
    let flat = tree(&["a", "b"]);
    let want = ": has no folder for the train split, called train or training; those of splits are: none";
    assert_eq!(of_split(&flat, Split::Train, Layout::Splits), want);
}

#[test]
fn what_can_be_splits_or_classes_is_for_the_user_to_say() {
    let hint =
        "; layout = \"classes\" reads every folder as a class, layout = \"splits\" those called like splits only";
    let kinds = tree(&["bus/city", "bus/coach", "car/big", "train/steam", "train/diesel"]);
    let want = ": may have splits or classes: train is called like a split, bus, car beside it not";
    assert_eq!(train(&kinds), format!("{want}{hint}"));
    assert_eq!(of_split(&kinds, Split::Train, Layout::Classes), "bus|car|train 20");
    assert_eq!(of_split(&kinds, Split::Test, Layout::Classes), "bus|car|train 5");
    assert_eq!(of_split(&kinds, Split::Train, Layout::Splits), "diesel|steam 10");
    let study = tree(&["control/day1", "test/day1", "test/day2"]);
    let want = ": may have splits or classes: test is called like a split, control beside it not";
    assert_eq!(test(&study), format!("{want}{hint}"));
    assert_eq!(train(&tree(&["control", "test"])), format!("{want}{hint}"));
    let want = ": may have splits or classes: test, train are called like splits, sample beside it not";
    assert_eq!(train(&tree(&["train", "test", "sample"])), format!("{want}{hint}"));
    assert!(train(&tree(&["bus/x", "train/x", "test/y"])).ends_with(hint));
}

#[test]
fn a_class_called_like_a_split_among_others_with_images_is_a_class() {
    assert_eq!(train(&tree(&["bus", "car", "train"])), "bus|car|train 12");
    assert_eq!(test(&tree(&["dev", "ops", "sales"])), "dev|ops|sales 3");
    let station = tree(&["train_station", "bus_stop"]);
    assert_eq!(train(&station), "bus_stop|train_station 8");
    assert_eq!(train(&tree(&["train/bus", "train/train", "val/bus", "val/train"])), "bus|train 10");
}

#[test]
fn folders_without_images_do_not_make_splits_doubtful() {
    let root = tree(&["train/a", "val/a"]);
    fs::create_dir_all(root.path().join("annotations/deep")).unwrap();
    fs::write(root.path().join("annotations/deep/a.json"), "{}").unwrap();
    assert_eq!(train(&root), "a 5");
    assert_eq!(said(&root), "left out: folder annotations (of neither split)");
}

#[test]
fn splits_without_class_folders_are_an_error() {
    assert_eq!(
        train(&tree(&["train", "test"])),
        "/train: has 5 images but no class folders; an image's class is its folder"
    );
}

#[test]
fn test_images_without_classes_do_not_keep_from_training() {
    let root = tree(&["train/a", "train/b", "test"]);
    assert_eq!(train(&root), "a|b 10");
    assert_eq!(test(&root), "/test: has 5 images but no class folders; an image's class is its folder");
}

#[test]
fn validation_images_are_for_test_where_those_of_test_have_no_classes() {
    let root = tree(&["train/a", "train/b", "val/a", "val/b", "test"]);
    assert_eq!((train(&root).as_str(), test(&root).as_str()), ("a|b 10", "a|b 10"));
    let want = "test has no class folders, so val is for test; left out: folder test (of neither split)";
    assert_eq!(said(&root), want);
}

#[test]
fn a_class_that_is_called_as_a_bin_is_a_class() {
    assert_eq!(train(&tree(&["Recycled", "glass", "organic"])), "Recycled|glass|organic 12");
}

#[test]
fn splits_below_a_class_are_not_mixed() {
    let hint = "; pass this folder itself, or layout = \"classes\" to mix them";
    let inner = tree(&["bottle/train/good", "bottle/test/good", "cable/train/good", "cable/test/bad"]);
    assert_eq!(train(&inner), format!("/bottle: would be one class, but has the splits train and test{hint}"));
    assert_eq!(of_split(&inner, Split::Train, Layout::Classes), "bottle|cable 16");
    let wrapped = tree(&["photos/Training/a", "photos/Validation/a"]);
    assert_eq!(
        train(&wrapped),
        format!("/photos: would be one class, but has the splits Training and Validation{hint}")
    );
    let twice = tree(&["train/train/a", "train/train/b", "test/test/a"]);
    assert_eq!(train(&twice), "/train: has no folder but 'train'; the classes must lie one level higher");
    assert_eq!(train(&tree(&["bus/train", "bus/city", "car/new"])), "bus|car 12");
}

#[test]
fn what_other_programs_leave_is_no_part_of_a_set() {
    let root = tree(&["train/a", "train/b"]);
    let before = load(&root, ImageOptions::default()).unwrap();
    for path in
        ["@eaDir/x", "train/@eaDir/x", "train/a/@eaDir/x", "train/#recycle", "__MACOSX/train/a", "train/.thumbnails"]
    {
        put(&root, path);
    }
    for path in ["lost+found", "$RECYCLE.BIN", "System Volume Information", "train/a/.ipynb_checkpoints"] {
        fs::create_dir_all(root.path().join(path)).unwrap();
    }
    for path in [
        "Thumbs.db",
        "train/desktop.ini",
        "train/a/Thumbs.db",
        "train/a/._0.png",
        "train/a/ehthumbs.db",
        "train/b/.DS_Store",
    ] {
        fs::write(root.path().join(path), "x").unwrap();
    }
    let after = load(&root, ImageOptions::default()).unwrap();
    assert_eq!((after.classes(), after.labels()), (before.classes(), before.labels()));
    let told = said(&root);
    assert!(
        told.starts_with("left out: 2 hidden, 14 of other programs (#recycle, $RECYCLE.BIN, .DS_Store, ._*, @eaDir"),
        "{told}"
    );
}

#[test]
fn what_is_not_read_is_counted_by_its_extension() {
    let root = tree(&["a", "b"]);
    for name in ["a/1.avif", "a/2.AVIF", "b/3.heic", "b/notes.txt", "b/README", "labels.csv", "loose.png", "cover.svg"]
    {
        fs::write(root.path().join(name), "x").unwrap();
    }
    let want = "no folders for splits, so every 5th image of a class is for test; left out: 2 .avif, 1 .heic, 1 .svg \
                (formats that are not read), 1 image beside the folders, 3 other files (without an extension, .csv, .txt)";
    assert_eq!(said(&root), want);
    fs::create_dir(root.path().join("c")).unwrap();
    fs::write(root.path().join("c/1.jxl"), "x").unwrap();
    let want = "/c: has no images that can be read, only 1 .jxl (a format that is not read); read are jpg, png, webp, \
                bmp, gif, tif, ppm, qoi, ico, tga and ff";
    assert_eq!(train(&root), want);
}

#[test]
fn images_beside_classes_are_counted() {
    let root = tree(&["train/a", "train"]);
    assert_eq!((train(&root).as_str(), said(&root).as_str()), ("a 5", "left out: 5 images beside the folders"));
}

#[test]
fn classes_that_are_probably_one_are_told_and_are_an_error_across_splits() {
    let root = tree(&["train/Cat", "train/cat", "train/dog", "test/Cat", "test/cat"]);
    let note = "classes that may be one: 'Cat' and 'cat', which differ by case only";
    assert_eq!(said(&root), note);
    for (one, two, how) in [
        ("Cat", "cat", "'Cat' and 'cat', which differ by case only"),
        ("cat ", "cat", "'cat ' and 'cat', which differ by spaces only"),
        ("caf\u{e9}", "cafe\u{301}", "'caf\\u{e9}' and 'cafe\\u{301}', which differ by Unicode form only"),
    ] {
        let root = tree(&[&format!("train/{one}"), "train/dog", &format!("test/{two}"), "test/dog"]);
        let want = format!(
            "/train: its class and that of /test are probably one: {how}; rename one, or both splits count other \
                 classes"
        );
        assert_eq!(train(&root), want);
    }
    let few_shot = tree(&["train/A", "train/B", "test/a", "test/b"]);
    assert_eq!((train(&few_shot).as_str(), test(&few_shot).as_str()), ("A|B 10", "a|b 10"));
    let want = "classes of the two splits that may be one: 'A' and 'a', which differ by case only";
    assert_eq!(said(&few_shot), want);
}

#[cfg(unix)]
mod links;
