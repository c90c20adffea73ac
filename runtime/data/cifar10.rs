//! CIFAR-10 in its binary version: files of records, each one label byte and 3,072 bytes of pixels in
//! [3, 32, 32]. Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use image::RgbImage;
use rayon::prelude::*;

use crate::{Error, Result, files::regular, position::number};

use super::{
    ImageOptions, Images, OP, OnCorrupt, Split, decode, folder,
    found::Found,
    images::{Contents, reserve},
};

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;
/// Ten times a batch of the original. A file beyond it is something else.
const MAX_FILE_BYTES: u64 = 100_000 * RECORD as u64;
const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
const TEST: [&str; 1] = ["test_batch.bin"];

/// The folder that holds the batches, if `root` or the folder that the archive unpacks to has any.
pub fn find(root: &Path) -> Option<PathBuf> {
    let has_batch = |folder: &PathBuf| TRAIN.iter().chain(&TEST).any(|name| folder.join(name).is_file());
    [root.to_owned(), root.join("cifar-10-batches-bin")].into_iter().find(has_batch)
}

/// Loads one split from the folder that holds the batches.
pub fn load(folder: &Path, options: &ImageOptions, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Images> {
    let classes = class_names(folder)?;
    let batches = match options.split {
        Split::Train => TRAIN.as_slice(),
        Split::Test => TEST.as_slice(),
    };
    let (mut records, mut skipped) = (Vec::new(), Vec::new());
    progress(0, batches.len());
    for (done, name) in batches.iter().enumerate() {
        let path = folder.join(name);
        read_batch(&path, options, &mut records, &mut skipped)?;
        progress(done + 1, batches.len());
    }
    if records.is_empty() {
        return Err(Error::data(OP, folder, "none of its records can be read"));
    }
    let side = options.size.unwrap_or(SIDE);
    let (count, bytes) = (records.len() / RECORD, side * side * 3);
    let mut pixels = reserve(folder, count, bytes)?;
    pixels.resize(count * bytes, 0);
    pixels.par_chunks_exact_mut(bytes).zip(records.par_chunks_exact(RECORD)).for_each(|(pixels, record)| {
        let image = interleave(&record[1..]);
        pixels.copy_from_slice(decode::resize(image, side as u32).as_raw());
    });
    Ok(Images::new(Contents {
        name: folder::name(folder),
        height: side,
        width: side,
        classes,
        labels: records.iter().step_by(RECORD).map(|&label| u32::from(label)).collect(),
        pixels,
        skipped,
        found: Found::default(),
    }))
}

/// Appends the good records of one file to `records`.
fn read_batch(
    path: &Path,
    options: &ImageOptions,
    records: &mut Vec<u8>,
    skipped: &mut Vec<(PathBuf, String)>,
) -> Result<()> {
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => Error::data(OP, path, format!("is missing; the {} split needs it", options.split)),
        _ => Error::io(OP, path, source),
    };
    let length = fs::metadata(path).map_err(refused)?.len();
    if length == 0 {
        return Err(Error::data(OP, path, "is empty (0 bytes)"));
    }
    if length > MAX_FILE_BYTES {
        return Err(Error::data(OP, path, format!("has {length} bytes, too many for a CIFAR-10 batch")));
    }
    let bytes = regular::read(path).map_err(refused)?;
    let mut refuse = |reason: String| match options.on_corrupt {
        OnCorrupt::Error => Err(Error::data(OP, path, reason)),
        OnCorrupt::Skip => {
            skipped.push((path.to_owned(), reason));
            Ok(())
        }
    };
    let whole = bytes.chunks_exact(RECORD);
    let tail = whole.remainder().len();
    if tail > 0 {
        let length = bytes.len();
        refuse(format!("is truncated: {length} bytes are not a multiple of {RECORD}, {tail} are left over"))?;
    }
    for (position, record) in whole.enumerate() {
        match usize::from(record[0]) {
            label if label < CLASSES.len() => records.extend_from_slice(record),
            label => refuse(format!("record {} has label {label}, but labels go from 0 to 9", number(position)))?,
        }
    }
    Ok(())
}

/// The names that the data set brings, or CIFAR-10's own.
fn class_names(folder: &Path) -> Result<Vec<String>> {
    let path = folder.join("batches.meta.txt");
    let text = match regular::read_text(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(CLASSES.map(String::from).into()),
        text => text.map_err(|source| Error::io(OP, &path, source))?,
    };
    let names: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from).collect();
    match names.len() {
        10 => Ok(names),
        count => Err(Error::data(OP, path, format!("has {count} class names, CIFAR-10 has 10"))),
    }
}

/// From [3, 32, 32] to [32, 32, 3].
fn interleave(planes: &[u8]) -> RgbImage {
    RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
        let at = y as usize * SIDE + x as usize;
        image::Rgb([planes[at], planes[PLANE + at], planes[2 * PLANE + at]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// Two records per batch; record `r` of batch `b` has label `b + r` and pixels that count up.
    fn batches() -> TempDir {
        let root = TempDir::new().unwrap();
        for (batch, name) in TRAIN.iter().chain(&TEST).enumerate() {
            let record = |label: usize| {
                let mut bytes = vec![label as u8];
                bytes.extend((0..3 * PLANE).map(|at| (at / PLANE * 80 + at % PLANE % 80) as u8));
                bytes
            };
            fs::write(root.path().join(name), [record(batch), record(batch + 1)].concat()).unwrap();
        }
        root
    }

    fn load_with(root: &TempDir, options: ImageOptions) -> Result<Images> {
        load(&find(root.path()).unwrap(), &options, &|_, _| {})
    }

    fn error(root: &TempDir, options: ImageOptions) -> String {
        let text = load_with(root, options).unwrap_err().to_string();
        text.strip_prefix(&format!("images: {}/", root.path().display())).unwrap().to_owned()
    }

    fn skipping() -> ImageOptions {
        ImageOptions { on_corrupt: OnCorrupt::Skip, ..Default::default() }
    }

    #[test]
    fn records_become_interleaved_images_in_the_order_of_the_files() {
        let root = batches();
        let train = load_with(&root, ImageOptions::default()).unwrap();
        assert_eq!(train.labels(), [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
        assert_eq!(train.image(3)[..6], [0, 80, 160, 1, 81, 161]);
        assert_eq!((train.height(), train.width(), train.classes()[9].as_str()), (32, 32, "truck"));
        let test = load_with(&root, ImageOptions { split: Split::Test, ..Default::default() }).unwrap();
        assert_eq!(test.labels(), [5, 6]);
    }

    #[test]
    fn the_folder_of_the_archive_is_found_one_level_down() {
        let root = batches();
        let below = root.path().join("cifar-10-batches-bin");
        assert_eq!(find(root.path()).unwrap(), root.path());
        fs::create_dir(&below).unwrap();
        for name in TRAIN.iter().chain(&TEST) {
            fs::rename(root.path().join(name), below.join(name)).unwrap();
        }
        assert_eq!(find(root.path()).unwrap(), below);
        assert_eq!(find(TempDir::new().unwrap().path()), None);
    }

    #[test]
    fn class_names_are_read_where_they_are_present() {
        let root = batches();
        fs::write(root.path().join("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n").unwrap();
        assert_eq!(load_with(&root, ImageOptions::default()).unwrap().classes()[9], "j");
        fs::write(root.path().join("batches.meta.txt"), "a\nb\n").unwrap();
        let wrong = error(&root, ImageOptions::default());
        assert_eq!(wrong, "batches.meta.txt: has 2 class names, CIFAR-10 has 10");
    }

    #[test]
    fn a_truncated_batch_is_an_error_or_loses_its_tail() {
        let root = batches();
        let path = root.path().join("data_batch_3.bin");
        fs::write(&path, &fs::read(&path).unwrap()[..RECORD + 100]).unwrap();
        let want = "is truncated: 3173 bytes are not a multiple of 3073, 100 are left over";
        assert_eq!(error(&root, ImageOptions::default()), format!("data_batch_3.bin: {want}"));
        let images = load_with(&root, skipping()).unwrap();
        assert_eq!(images.len(), 9);
        assert_eq!(images.skipped(), [(path, want.to_owned())]);
    }

    #[test]
    fn a_label_past_nine_is_an_error_or_is_skipped() {
        let root = batches();
        let path = root.path().join("data_batch_2.bin");
        let mut bytes = fs::read(&path).unwrap();
        bytes[RECORD] = 10;
        fs::write(&path, bytes).unwrap();
        let want = "record 2 has label 10, but labels go from 0 to 9";
        assert_eq!(error(&root, ImageOptions::default()), format!("data_batch_2.bin: {want}"));
        let images = load_with(&root, skipping()).unwrap();
        assert_eq!((images.len(), images.skipped().len()), (9, 1));
    }

    #[test]
    fn a_missing_or_empty_batch_is_an_error_even_when_skipping() {
        let root = batches();
        fs::write(root.path().join("data_batch_5.bin"), "").unwrap();
        assert_eq!(error(&root, skipping()), "data_batch_5.bin: is empty (0 bytes)");
        fs::remove_file(root.path().join("data_batch_4.bin")).unwrap();
        assert_eq!(error(&root, skipping()), "data_batch_4.bin: is missing; the train split needs it");
    }

    #[test]
    fn images_are_brought_to_the_size_asked_for() {
        let images = load_with(&batches(), ImageOptions { size: Some(16), ..Default::default() }).unwrap();
        assert_eq!((images.height(), images.width(), images.pixels().len()), (16, 16, 10 * 16 * 16 * 3));
    }
}
