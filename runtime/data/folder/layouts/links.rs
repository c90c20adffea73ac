//! What is read where folders hold links.

use super::*;
use std::{ffi::OsStr, os::unix::ffi::OsStrExt, os::unix::fs::symlink};

#[test]
fn a_link_to_nowhere_among_classes_or_splits_is_an_error() {
    let root = tree(&["train/a", "test/a"]);
    symlink("/gone/b", root.path().join("train/b")).unwrap();
    let want = "/train/b: is a link that leads nowhere (to '/gone/b'); mend or remove it";
    assert_eq!(train(&root), want);
    let flat = tree(&["a"]);
    symlink("b", flat.path().join("b")).unwrap();
    assert_eq!(train(&flat), "/b: is a link that leads nowhere (to 'b'); mend or remove it");
    let split = tree(&["train/a"]);
    symlink("gone", split.path().join("val")).unwrap();
    assert_eq!(test(&split), "/val: is a link that leads nowhere (to 'gone'); mend or remove it");
}

#[test]
fn a_link_to_nowhere_that_is_called_like_a_file_is_counted() {
    let root = tree(&["train/a", "test/a"]);
    for name in ["latest.log", "train/cover.jpg"] {
        symlink("/nowhere/run", root.path().join(name)).unwrap();
    }
    assert_eq!(said(&root), "left out: 2 links to nowhere");
    symlink("/nowhere", root.path().join("train/v1.2")).unwrap();
    assert!(train(&root).contains("leads nowhere"));
}

#[test]
fn a_folder_below_two_classes_is_an_error() {
    let root = tree(&["cat", "dog"]);
    symlink("../dog", root.path().join("cat/x")).unwrap();
    let want = "/dog: is the same folder as /cat/x, by a link; a folder can be one class only";
    assert_eq!(train(&root), want);
    let root = tree(&["train/cat", "train/dog/deep", "test/cat"]);
    symlink("../dog/deep", root.path().join("train/cat/x")).unwrap();
    let want = "/train/dog/deep: is the same folder as /train/cat/x, by a link; a folder can be one class only";
    assert_eq!(train(&root), want);
}

#[test]
fn a_folder_of_two_splits_is_told_in_both() {
    let root = tree(&["train/a", "train/b", "test/b"]);
    symlink("../train/a", root.path().join("test/a")).unwrap();
    let told = |split: Split| {
        let options = ImageOptions { split, ..ImageOptions::default() };
        load(&root, options).unwrap().describe("x", split)
    };
    let note = |folder: &str| {
        let folder = root.path().join(folder);
        format!("; 1 folder is in both splits, so that test images are training images: {}", folder.display())
    };
    assert!(told(Split::Train).ends_with(&note("train/a")), "{}", told(Split::Train));
    assert!(told(Split::Test).ends_with(&note("test/a")), "{}", told(Split::Test));
}

#[test]
fn a_link_to_nowhere_below_a_class_is_refused_or_counted() {
    let root = tree(&["train/a", "train/b"]);
    symlink("/gone", root.path().join("train/a/more")).unwrap();
    assert_eq!(train(&root), "/train/a/more: is a link that leads nowhere (to '/gone')");
    fs::rename(root.path().join("train/a/more"), root.path().join("train/a/more.txt")).unwrap();
    assert_eq!(said(&root), "left out: 1 link to nowhere");
}

#[test]
fn one_folder_is_one_class() {
    let root = tree(&["train/a"]);
    symlink("a", root.path().join("train/b")).unwrap();
    let want = "/train/b: is the same folder as /train/a, by a link; a folder can be one class only";
    assert_eq!(train(&root), want);
    let root = tree(&["train/a"]);
    symlink("train", root.path().join("test")).unwrap();
    assert_eq!(said(&root).split("is the same").count(), 2);
}

#[test]
fn classes_whose_names_read_alike_since_they_are_no_utf8_are_an_error() {
    let root = tree(&["train/a"]);
    for bytes in [b"z\xff", b"z\xfe"] {
        let folder = root.path().join("train").join(OsStr::from_bytes(bytes));
        fs::create_dir(&folder).unwrap();
        fs::copy(root.path().join("train/a/0.png"), folder.join("0.png")).unwrap();
    }
    let want = "/train: has two classes whose names are no UTF-8 and read 'z\u{fffd}'; rename them";
    assert_eq!(train(&root), want);
}
