//! A loaded image data set: pixels, labels and class names that never change.

use std::{
    any::Any,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use crate::{Error, Result, memory};

use super::{ClassNames, OP, alike, counts::plural, found::Found};

/// An immutable set of labelled RGB images of one size, held in memory as bytes. A clone shares them.
#[derive(Clone)]
pub struct Images {
    shared: Arc<Contents>,
    classes: ClassNames,
    kept: Arc<OnceLock<Kept>>,
}

/// What another room keeps with a set for as long as a clone of it lives. Nothing here looks into it.
type Kept = Box<dyn Any + Send + Sync>;

/// What the clones of a data set share.
pub(super) struct Contents {
    pub name: String,
    pub height: usize,
    pub width: usize,
    pub classes: Vec<String>,
    pub labels: Vec<u32>,
    pub pixels: Vec<u8>,
    pub skipped: Vec<(PathBuf, String)>,
    pub found: Found,
}

impl Images {
    pub(super) fn new(mut contents: Contents) -> Self {
        debug_assert_eq!(contents.pixels.len(), contents.labels.len() * contents.height * contents.width * 3);
        debug_assert!(contents.labels.iter().all(|&label| (label as usize) < contents.classes.len()));
        let classes = ClassNames::new(std::mem::take(&mut contents.classes));
        Self { shared: Arc::new(contents), classes, kept: Arc::default() }
    }

    /// The images of some classes, whose labels count these in the order given.
    ///
    /// # Errors
    /// A class that is not there, stands twice, or has no image.
    pub(super) fn of_classes(&self, wanted: &[String]) -> Result<Self> {
        let mut positions = Vec::with_capacity(wanted.len());
        for name in wanted {
            let found = self.classes().iter().position(|class| class == name);
            let position = found.ok_or_else(|| self.no_class(name))?;
            if positions.contains(&position) {
                return Err(Error::argument(OP, "classes", "different from each other", format!("'{name}' twice")));
            }
            positions.push(position);
        }
        let (mut labels, mut pixels) = (Vec::new(), Vec::new());
        for (image, label) in self.labels().iter().enumerate() {
            if let Some(place) = positions.iter().position(|position| *position == *label as usize) {
                labels.push(place as u32);
                pixels.extend_from_slice(self.image(image));
            }
        }
        if let Some(empty) = (0..wanted.len()).find(|place| !labels.contains(&(*place as u32))) {
            return Err(Error::argument(OP, "classes", "ones that have images", format!("'{}'", wanted[empty])));
        }
        let (name, height, width) = (self.name().to_owned(), self.height(), self.width());
        let (classes, skipped, mut found) = (wanted.to_vec(), self.skipped().to_vec(), self.found().clone());
        if labels.len() < self.len() {
            let others = self.classes().len() - wanted.len();
            let of = if others == 1 { "the other class".into() } else { format!("the {others} other classes") };
            found.left.insert(0, format!("{} of {of}", plural(self.len() - labels.len(), "image")));
        }
        Ok(Self::new(Contents { name, height, width, classes, labels, pixels, skipped, found }))
    }

    /// The error for a class that is not there. It says how a class that looks alike differs.
    fn no_class(&self, name: &str) -> Error {
        let key = alike::key(name);
        match self.classes().iter().find(|class| alike::key(class) == key) {
            Some(class) => {
                let reason = format!("no class is called so: {}", alike::describe(name, class));
                Error::argument(OP, "classes", "names of classes", format!("'{name}'; {reason}"))
            }
            None => Error::unknown(OP, "class", name, self.classes()),
        }
    }

    /// The name of the built-in set, or the name of the folder that the images come from.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The number of images, N.
    pub fn len(&self) -> usize {
        self.shared.labels.len()
    }

    /// Whether there is no image. A set that was loaded has at least one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The height H of every image, in pixels.
    pub fn height(&self) -> usize {
        self.shared.height
    }

    /// The width W of every image, in pixels.
    pub fn width(&self) -> usize {
        self.shared.width
    }

    /// The class names, in the order that labels count them. A class of the other split may have no image here.
    pub fn classes(&self) -> &[String] {
        self.classes.names()
    }

    /// The class names as labels carry them.
    pub fn class_names(&self) -> &ClassNames {
        &self.classes
    }

    /// One label per image: a position in [`classes`](Self::classes), counted from 0.
    pub fn labels(&self) -> &[u32] {
        &self.shared.labels
    }

    /// All pixels, laid out [N, H, W, 3], red first.
    pub fn pixels(&self) -> &[u8] {
        &self.shared.pixels
    }

    /// The pixels of one image, laid out [H, W, 3].
    ///
    /// # Panics
    ///
    /// Where `index`, counted from 0, is not less than [`len`](Self::len).
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = self.height() * self.width() * 3;
        &self.shared.pixels[index * bytes..(index + 1) * bytes]
    }

    /// What reading the set found beside its images.
    pub(super) fn found(&self) -> &Found {
        &self.shared.found
    }

    /// What `views` keeps with the set, such as its pixels on a device: made by the first call, shared by all clones,
    /// and freed with the last of them.
    ///
    /// # Panics
    /// Something of another type is kept: a set has room for one thing.
    pub(crate) fn kept<T: Any + Default + Send + Sync>(&self) -> &T {
        let kept = self.kept.get_or_init(|| Box::new(T::default()));
        kept.downcast_ref().expect("one room keeps one thing with a set")
    }

    /// The files (or parts of files) that were left out, each with the reason.
    pub fn skipped(&self) -> &[(PathBuf, String)] {
        &self.shared.skipped
    }
}

impl fmt::Debug for Images {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = [self.len(), self.height(), self.width(), 3];
        write!(formatter, "Images({}, {shape:?}, {} classes)", self.name(), self.classes().len())
    }
}

/// Room for `count` images of `bytes` each, or an error instead of an abort where memory does not suffice.
pub(super) fn reserve(source: impl AsRef<Path>, count: usize, bytes: usize) -> Result<Vec<u8>> {
    let source = source.as_ref();
    let total = count.saturating_mul(bytes);
    memory::check_room(&format!("{OP}: {}: {count} images of {bytes} bytes", source.display()), total)?;
    let mut pixels = Vec::new();
    match pixels.try_reserve_exact(total) {
        Ok(()) => Ok(pixels),
        Err(_) => Err(Error::data(OP, source, format!("{count} images of {bytes} bytes do not fit in memory"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::ImageOptions, *};

    #[test]
    fn some_classes_are_a_set_of_their_own() {
        let images = Images::new(Contents {
            name: "three".into(),
            height: 1,
            width: 1,
            classes: ["a", "b", "c"].map(str::to_owned).to_vec(),
            labels: vec![0, 1, 2, 1],
            pixels: (0..12).collect(),
            skipped: Vec::new(),
            found: Found::default(),
        });
        let of = |names: &[&str]| images.of_classes(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let some = of(&["c", "b"]).unwrap();
        assert_eq!(
            (some.labels(), some.classes(), some.image(1)),
            (&[1, 0, 1][..], &["c".to_owned(), "b".to_owned()][..], &[6, 7, 8][..])
        );
        assert_eq!(
            of(&["A"]).unwrap_err().to_string(),
            "images: classes must be names of classes, got 'A'; no class is called so: 'A' and 'a', which differ by \
                 case only"
        );
        assert_eq!(of(&["x"]).unwrap_err().to_string(), "images: unknown class 'x'; there are: a, b, c");
        assert_eq!(
            of(&["a", "a"]).unwrap_err().to_string(),
            "images: classes must be different from each other, got 'a' twice"
        );
    }

    #[test]
    fn a_clone_shares_the_pixels() {
        let images = Images::new(Contents {
            name: "two".into(),
            height: 1,
            width: 2,
            classes: vec!["only".into()],
            labels: vec![0, 0],
            pixels: (0..12).collect(),
            skipped: Vec::new(),
            found: Found::default(),
        });
        let clone = images.clone();
        assert_eq!(clone.pixels().as_ptr(), images.pixels().as_ptr());
        assert_eq!(clone.image(1), [6, 7, 8, 9, 10, 11]);
        assert_eq!(format!("{images:?}"), "Images(two, [2, 1, 2, 3], 1 classes)");
    }

    #[test]
    fn what_is_kept_with_a_set_is_shared_by_its_clones_and_freed_with_the_last() {
        #[derive(Default)]
        struct Beside(Arc<()>);
        let options = ImageOptions { count: Some(10), ..ImageOptions::default() };
        let images = super::super::images("shapes", &options, &|_, _| {}).unwrap();
        let clone = images.clone();
        let watched = Arc::downgrade(&images.kept::<Beside>().0);
        assert_eq!(Arc::as_ptr(&clone.kept::<Beside>().0), watched.as_ptr());
        drop(images);
        assert!(watched.upgrade().is_some());
        drop(clone);
        assert!(watched.upgrade().is_none());
    }
}
