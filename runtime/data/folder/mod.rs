//! Image folders: an image's class is the folder that it lies in. Which files there are is `listing`'s
//! business and how one becomes pixels is `decode`'s; here they become a data set.

mod entries;
mod layout;
#[cfg(test)]
mod layouts;
mod left_out;
mod listing;
mod loading;
mod split_names;
mod strangers;
mod walk;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::{Error, Result};

use super::{ImageOptions, Images, OP, decode, found::Found, images::Contents};
use loading::{Frame, Loading};

pub use layout::Layout;

/// How many images are decoded between two reports of progress. Also bounds what is decoded and not yet stored.
const CHUNK: usize = 64;

/// Loads one split of an image folder.
pub fn load(root: &Path, options: &ImageOptions, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Images> {
    let listing = listing::list(root, options)?;
    let total = listing.files.len();
    let mut loading = Loading::new(options);
    progress(0, total);
    for (chunk, files) in listing.files.chunks(CHUNK).enumerate() {
        let decode = |(path, _): &(PathBuf, u32)| decode::decode(path, options.size, options.transparent);
        let decoded: Vec<_> = files.par_iter().map(decode).collect();
        for ((path, label), image) in files.iter().zip(decoded) {
            match image {
                Ok(image) => loading.store(path, *label, image, total)?,
                Err(refusal) => loading.refuse(path, refusal)?,
            }
        }
        progress(chunk * CHUNK + files.len(), total);
    }
    loading.check_classes(&listing)?;
    let Some(Frame { width, height, .. }) = loading.frame else {
        return Err(Error::data(OP, root, format!("none of its {total} images can be read")));
    };
    loading.pixels.shrink_to_fit();
    Ok(Images::new(Contents {
        name: name(root),
        height: height as usize,
        width: width as usize,
        classes: listing.classes,
        labels: loading.labels,
        pixels: loading.pixels,
        skipped: loading.skipped,
        found: Found {
            left: listing.left.describe(),
            notes: [listing.notes, loading.tally.notes(options.transparent)].concat(),
        },
    }))
}

/// What a data set that lies at `root` is called.
pub fn name(root: &Path) -> String {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    real.file_name().map_or_else(|| root.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{OnCorrupt, Split};
    use image::{Rgb, RgbImage};
    use std::{fs, sync::Mutex};
    use tempfile::TempDir;

    /// Images of 4 x 4 pixels, each of one colour of its own.
    fn tree(paths: &[&str]) -> TempDir {
        let root = TempDir::new().unwrap();
        for (index, path) in paths.iter().enumerate() {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            RgbImage::from_pixel(4, 4, Rgb([index as u8, 0, 0])).save(path).unwrap();
        }
        root
    }

    fn load_with(root: &TempDir, options: ImageOptions) -> Result<Images> {
        load(root.path(), &options, &|_, _| {})
    }

    fn error(root: &TempDir, options: ImageOptions) -> String {
        let text = load_with(root, options).unwrap_err().to_string();
        text.strip_prefix(&format!("images: {}", root.path().display())).unwrap().to_owned()
    }

    const NO_TEST: &str = ": has no folder for the test split, called test, testing, val, valid or validation; those \
                           of splits are: train";

    fn test_split() -> ImageOptions {
        ImageOptions { split: Split::Test, ..Default::default() }
    }

    fn skipping() -> ImageOptions {
        ImageOptions { on_corrupt: OnCorrupt::Skip, ..Default::default() }
    }

    #[test]
    fn a_class_is_the_first_folder_and_its_images_lie_at_any_depth() {
        let root =
            tree(&["train/dog/z.png", "train/cat/b/c/d.png", "train/cat/a.png", "test/cat/a.png", "test/dog/b.PNG"]);
        fs::write(root.path().join("train/dog/notes.txt"), "no image").unwrap();
        fs::write(root.path().join("train/dog/.hidden.png"), "no image").unwrap();
        let images = load_with(&root, ImageOptions::default()).unwrap();
        assert_eq!(images.classes(), ["cat", "dog"]);
        assert_eq!(images.labels(), [0, 0, 1]);
        assert_eq!([0, 1, 2].map(|index| images.image(index)[0]), [2, 1, 0]);
        assert_eq!((images.height(), images.width(), images.pixels().len()), (4, 4, 3 * 48));
        assert_eq!(load_with(&root, test_split()).unwrap().len(), 2);
    }

    #[test]
    fn every_fifth_image_is_a_test_image_where_there_are_no_splits() {
        let names: Vec<String> = (0..10).flat_map(|i| [format!("a/{i}.png"), format!("b/{i}.png")]).collect();
        let root = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let train = load_with(&root, ImageOptions::default()).unwrap();
        let test = load_with(&root, test_split()).unwrap();
        assert_eq!((train.len(), test.len()), (16, 4));
        assert_eq!(test.labels(), [0, 0, 1, 1]);
        let reds: Vec<_> = (0..4).map(|index| test.image(index)[0]).collect();
        assert_eq!(reds, [8, 18, 9, 19]);
    }

    #[test]
    fn both_splits_count_classes_alike_unless_they_share_none() {
        let root = tree(&["train/a/1.png", "train/b/1.png", "train/c/1.png", "val/c/1.png"]);
        let test = load_with(&root, test_split()).unwrap();
        assert_eq!((test.labels(), test.classes()), ([2].as_slice(), ["a", "b", "c"].map(String::from).as_slice()));
        let root = tree(&["train/a/1.png", "train/b/1.png", "valid/d/1.png", "valid/c/1.png"]);
        let test = load_with(&root, test_split()).unwrap();
        assert_eq!((test.labels(), test.classes()), ([0, 1].as_slice(), ["c", "d"].map(String::from).as_slice()));
    }

    #[test]
    fn a_folder_that_is_no_data_set_is_an_error_that_names_it() {
        let root = tree(&["train/a/1.png"]);
        assert_eq!(error(&root, test_split()), NO_TEST);
        fs::create_dir(root.path().join("train/empty")).unwrap();
        let empty = error(&root, ImageOptions::default());
        assert_eq!(
            empty,
            "/train/empty: has no images; read are jpg, png, webp, bmp, gif, tif, ppm, qoi, ico, tga and ff"
        );
        assert_eq!(error(&tree(&[]), ImageOptions::default()), ": has no class folders");
        let loose = error(&tree(&["1.png", "2.png"]), ImageOptions::default());
        assert_eq!(loose, ": has 2 images but no class folders; an image's class is its folder");
        let few = error(&tree(&["a/1.png"]), test_split());
        assert_eq!(few, "/a: has 1 image; without a test folder, every 5th is a test image");
    }

    #[test]
    fn images_of_different_sizes_ask_for_a_size() {
        let root = tree(&["a/1.png", "a/2.png"]);
        RgbImage::new(6, 5).save(root.path().join("a/2.png")).unwrap();
        let first = root.path().join("a/1.png");
        let want = format!("/a/2.png: is 6 x 5 but {} is 4 x 4; pass `size` to bring all to one size", first.display());
        assert_eq!(error(&root, skipping()), want);
        let images = load_with(&root, ImageOptions { size: Some(3), ..Default::default() }).unwrap();
        assert_eq!((images.len(), images.height(), images.width()), (2, 3, 3));
    }

    #[test]
    fn a_corrupt_image_is_an_error_or_is_skipped_and_listed() {
        let root = tree(&["a/1.png", "a/2.png", "b/1.png"]);
        fs::write(root.path().join("a/2.png"), "").unwrap();
        assert_eq!(error(&root, ImageOptions::default()), "/a/2.png: is empty (0 bytes)");
        let images = load_with(&root, skipping()).unwrap();
        assert_eq!(images.labels(), [0, 1]);
        assert_eq!(images.skipped(), [(root.path().join("a/2.png"), "is empty (0 bytes)".to_owned())]);
    }

    #[test]
    fn a_class_left_empty_by_skipping_is_an_error() {
        let root = tree(&["a/1.png", "b/1.png"]);
        fs::write(root.path().join("b/1.png"), "not an image").unwrap();
        assert_eq!(error(&root, skipping()), "/b: none of the 1 images of class 'b' can be read");
    }

    #[test]
    fn progress_is_told_from_none_to_all() {
        let names: Vec<String> = (0..100).map(|index| format!("a/{index:03}.png")).collect();
        let root = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let told = Mutex::new(Vec::new());
        load(root.path(), &ImageOptions::default(), &|done, total| told.lock().unwrap().push((done, total))).unwrap();
        assert_eq!(*told.lock().unwrap(), [(0, 80), (64, 80), (80, 80)]);
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_are_followed_but_not_in_circles() {
        use std::os::unix::fs::symlink;
        let other = tree(&["x/1.png"]);
        let root = tree(&["a/1.png"]);
        symlink(other.path().join("x"), root.path().join("b")).unwrap();
        assert_eq!(load_with(&root, ImageOptions::default()).unwrap().classes(), ["a", "b"]);
        symlink(root.path(), root.path().join("a/loop")).unwrap();
        let circle = error(&root, ImageOptions::default());
        assert_eq!(circle, "/a/loop/a: is a symbolic link to a folder that it lies in");
    }

    #[cfg(unix)]
    #[test]
    fn a_dangling_link_and_a_name_that_is_not_utf8_do_not_panic() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt, os::unix::fs::symlink};
        let root = tree(&["a/1.png"]);
        let strange = root.path().join(OsStr::from_bytes(b"z\xff"));
        fs::create_dir(&strange).unwrap();
        fs::copy(root.path().join("a/1.png"), strange.join(OsStr::from_bytes(b"\xfe.png"))).unwrap();
        symlink("nowhere", root.path().join("a/2.png")).unwrap();
        let images = load_with(&root, skipping()).unwrap();
        assert_eq!(images.classes(), ["a", "z\u{fffd}"]);
        assert_eq!((images.len(), images.skipped().len()), (2, 1));
        let dangling = error(&root, ImageOptions::default());
        assert_eq!(dangling, "/a/2.png: is a link that leads nowhere (to 'nowhere')");
    }
}
