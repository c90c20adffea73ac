//! From the name of a data set to the one that reads it.

use std::{fs, io, path::Path};

use crate::{Error, Result, options::Options};

use super::{ImageOptions, Images, Layout, OP, cifar10, folder, shapes};

/// Loads a data set into memory. `source` is `shapes`, the built-in set, or a folder: one that holds the
/// batches of CIFAR-10's binary version, or one folder of images per class, below `train` and `test` or not.
///
/// The calling thread tells `progress` how many of how many parts are done, from 0 to all. An error names the file or
/// folder at fault.
pub fn images(source: &str, options: &ImageOptions, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Images> {
    if options.classes.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::argument(OP, "classes", "at least one name, or left out", "none"));
    }
    let images = all_classes(source, options, progress)?;
    options.classes.as_ref().map_or(Ok(images.clone()), |classes| images.of_classes(classes))
}

fn all_classes(source: &str, options: &ImageOptions, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Images> {
    options.check(OP)?;
    if source == shapes::NAME {
        no_layout(source, options)?;
        return shapes::make(options, progress);
    }
    let path = Path::new(source);
    if source.is_empty() {
        return Err(Error::argument(OP, "source", format!("a folder or '{}'", shapes::NAME), "no name"));
    }
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => {}
        Err(source) if source.kind() == io::ErrorKind::PermissionDenied => return Err(Error::io(OP, path, source)),
        _ => return Err(Error::data(OP, path, why_not(path))),
    }
    if let Some(count) = options.count {
        let want = format!("left out for a folder; only '{}' is painted to a count", shapes::NAME);
        return Err(Error::argument(OP, "count", want, count));
    }
    match cifar10::find(path) {
        Some(batches) => {
            no_layout(source, options)?;
            cifar10::load(&batches, options, progress)
        }
        None if path.join("data_batch_1").is_file() => {
            Err(Error::data(OP, path, "holds the Python version of CIFAR-10; get its binary version"))
        }
        None => folder::load(path, options, progress),
    }
}

/// A layout is an error where there are no folders to lay out.
fn no_layout(source: &str, options: &ImageOptions) -> Result<()> {
    match options.layout {
        Layout::Auto => Ok(()),
        layout => {
            let want = format!("left out for '{source}', which has no folders of images");
            Err(Error::argument(OP, "layout", want, format!("'{layout}'")))
        }
    }
}

/// What is wrong with a path that is no folder.
fn why_not(path: &Path) -> String {
    let built_in = format!("the built-in set is '{}'", shapes::NAME);
    if path.is_file() {
        return format!("is a file, wants a folder (an archive must be unpacked first); {built_in}");
    }
    match nearest(path) {
        Some(name) => format!("no such folder; did you mean '{name}'? ({built_in})"),
        None => format!("no such folder; {built_in}"),
    }
}

/// The folder beside `path`, or the built-in set, whose name is most like the one asked for.
fn nearest(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let parent = path.parent()?;
    let beside = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let folders = fs::read_dir(beside).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    let mut known: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    known.sort_unstable();
    let is_bare = parent.as_os_str().is_empty();
    known.extend(is_bare.then(|| shapes::NAME.to_owned()));
    let likeness = |name: &String| strsim::jaro_winkler(wanted, name);
    let best = known.into_iter().max_by(|left, right| likeness(left).total_cmp(&likeness(right)))?;
    (likeness(&best) > 0.75).then(|| parent.join(best).display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn load(source: &str) -> Result<Images> {
        images(source, &ImageOptions::default(), &|_, _| {})
    }

    #[test]
    fn the_built_in_set_is_found_by_its_name() {
        let options = ImageOptions { count: Some(10), ..Default::default() };
        let images = images("shapes", &options, &|_, _| {}).unwrap();
        assert_eq!((images.name(), images.len()), ("shapes", 10));
    }

    #[test]
    fn a_misspelt_name_gets_the_nearest_suggestion() {
        let error = load("shaeps").unwrap_err();
        let want = "images: shaeps: no such folder; did you mean 'shapes'? (the built-in set is 'shapes')";
        assert_eq!(error.to_string(), want);
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join("cifar10")).unwrap();
        let wrong = root.path().join("cifr10");
        let right = root.path().join("cifar10");
        let want = format!(
            "images: {}: no such folder; did you mean '{}'? (the built-in set is 'shapes')",
            wrong.display(),
            right.display()
        );
        assert_eq!(load(wrong.to_str().unwrap()).unwrap_err().to_string(), want);
    }

    #[test]
    fn what_is_no_folder_is_an_error_that_says_what_it_is() {
        let root = TempDir::new().unwrap();
        let archive = root.path().join("cifar.tar.gz");
        fs::write(&archive, "x").unwrap();
        let text = load(archive.to_str().unwrap()).unwrap_err().to_string();
        assert!(
            text.ends_with(
                "is a file, wants a folder (an archive must be unpacked first); the built-in set is 'shapes'"
            )
        );
        assert_eq!(load("").unwrap_err().to_string(), "images: source must be a folder or 'shapes', got no name");
        fs::write(root.path().join("data_batch_1"), "pickle").unwrap();
        let text = load(root.path().to_str().unwrap()).unwrap_err().to_string();
        assert!(text.ends_with("holds the Python version of CIFAR-10; get its binary version"), "{text}");
    }

    #[test]
    fn a_count_is_refused_for_a_folder() {
        let root = TempDir::new().unwrap();
        let options = ImageOptions { count: Some(10), ..Default::default() };
        let error = images(root.path().to_str().unwrap(), &options, &|_, _| {}).unwrap_err();
        let want = "images: count must be left out for a folder; only 'shapes' is painted to a count, got 10";
        assert_eq!(error.to_string(), want);
    }
}
