//! Every way the core can fail. A message is one lower-case line: `op: what is wrong, with the values`.
//! This module must not know of Lua: the binding layer adds the script's file and line.

mod context;

use std::{
    error::Error as StdError,
    fmt, io,
    ops::Deref,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::message::{self, lines, name as shown, sentence};

/// An error of a library below, or of the system.
pub type Underlying = Box<dyn StdError + Send + Sync>;

/// The result of every fallible operation of the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every way the core can fail.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Two shapes that an operation cannot combine.
    #[error("{op}: shapes differ: {left:?} and {right:?}")]
    Shapes { op: &'static str, left: Vec<usize>, right: Vec<usize> },

    /// Two shapes of which one has a rule for the other, and what it is.
    #[error("{op}: {left:?} and {right:?} do not fit: {}", sentence(rule))]
    Unfit { op: &'static str, left: Vec<usize>, right: Vec<usize>, rule: String },

    /// One shape that an operation does not take.
    #[error("{}: {}, got shape {got:?}", shown(op), sentence(want))]
    Shape { op: String, want: String, got: Vec<usize> },

    /// A tensor of the wrong kind.
    #[error("{op}: wants {} tensor, got {got}", with_article(want))]
    Kind { op: &'static str, want: &'static str, got: &'static str },

    /// A dimension or a position that does not exist. Counted from 1, as the user wrote it.
    #[error("{op}: {what} {got} is out of range: {}", sentence(range))]
    OutOfRange { op: &'static str, what: &'static str, got: i64, range: String },

    /// An argument or option whose value makes no sense.
    #[error("{}: {} must be {}, got {}", shown(op), shown(name), sentence(want), shown(got))]
    Argument { op: String, name: String, want: String, got: String },

    /// A batch of more images than a data set has.
    #[error("{op}: a batch of {batch} is more than the {images} images of '{}'", shown(name))]
    BatchTooLarge { op: &'static str, batch: usize, images: usize, name: String },

    /// A name that is not one of those that exist.
    #[error("{}: unknown {what} '{}'{}", shown(op), shown(got), nearest(.got, .known))]
    Unknown { op: String, what: &'static str, got: String, known: Vec<String> },

    /// A name that does not exist here, with what is written instead.
    #[error("{}: unknown {what} '{}'; {}", shown(op), shown(got), sentence(instead))]
    Elsewhere { op: String, what: &'static str, got: String, instead: String },

    /// A loss, a gradient or a parameter that is not finite.
    #[error("{op}: {} is not finite{}", sentence(what), at_step(.step))]
    NotFinite { op: &'static str, what: String, step: Option<u64> },

    /// A data set, or a file of one, that cannot be used as it is.
    #[error("{op}: {}{}", at(path), sentence(reason))]
    Data { op: &'static str, path: PathBuf, reason: String },

    /// The operating system refused a file.
    #[error("{op}: {}{}", at(path), sentence(&message::io(source)))]
    Io { op: &'static str, path: PathBuf, source: io::Error },

    /// No device of the kind asked for, or it failed.
    #[error("device: {}", sentence(.0))]
    Device(String),

    /// A shader that is no valid WGSL, with its place: line and column count from 1.
    #[error("{}:{line}:{column}: {}", message::path(path), sentence(message))]
    Shader { path: PathBuf, line: usize, column: usize, message: String },

    /// A kernel that cannot be launched as it was asked to.
    #[error("{}: {}", shown(kernel), sentence(reason))]
    Kernel { kernel: String, reason: String },

    /// A device without memory. `live` bytes are of tensors that the script, or a tape, still holds.
    #[error("memory: the device has no room{}; {} of tensors are in use", asked_for(.asked), gibibytes(*live))]
    OutOfMemory { asked: Option<u64>, live: u64 },

    /// More memory than there is, asked for before it was taken. `left` bytes are left by what `advice` names.
    #[error(
        "{}: takes {}, and {} are left {advice} ({} of tensors are in use)",
        shown(op), gibibytes(*wanted), gibibytes(*left), gibibytes(*live)
    )]
    NoRoom { op: String, wanted: u64, left: u64, live: u64, advice: &'static str },

    /// More live tensor bytes than the budget allows, after collecting garbage.
    #[error(
        "memory: {live} bytes of tensors are live, over the budget of {budget}; keep fewer, or raise it by \
             set_memory_budget"
    )]
    OverBudget { live: usize, budget: usize },

    /// A state that the operation does not apply to.
    #[error("{op}: {}", sentence(reason))]
    State { op: &'static str, reason: String },

    /// A panic in a library below, turned into an error at the boundary.
    #[error("{}: internal error: {}", shown(op), sentence(message))]
    Internal { op: String, message: String },

    /// A function of the script that the core called back has failed; the binding layer knows how to read it.
    #[error("{}", lines(&.0.to_string()))]
    Callback(#[source] Underlying),

    /// Any of these errors within a part of a model, with the part's full path: `encoder.conv1`.
    #[error("{}: {source}", shown(path))]
    Within { path: String, source: Inner },

    /// Any of these errors in the backward pass of an operation, which a script called at a line: `scripts/maml.lua:12`.
    #[error("{}{source}", in_backward(op))]
    Backward { op: String, at: String, source: Inner },

    /// Any of these errors with what led to it. The message is the error's, which says of the source what is worth
    /// saying.
    #[error("{error}")]
    Caused { error: Box<Error>, source: Underlying },

    /// The user asked to stop (Ctrl-C).
    #[error("interrupted")]
    Interrupted,
}

/// An error within another one. No error itself, so that the source of the other one is the error and not its box.
#[derive(Debug)]
pub struct Inner(Box<Error>);

impl Inner {
    /// The error.
    pub fn into_error(self) -> Error {
        *self.0
    }
}

impl From<Error> for Inner {
    fn from(error: Error) -> Self {
        Self(Box::new(error))
    }
}

impl Deref for Inner {
    type Target = Error;

    fn deref(&self) -> &Error {
        &self.0
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error {
    /// An argument or option whose value makes no sense: `op: name must be want, got got`.
    pub fn argument(
        op: impl Into<String>,
        name: impl Into<String>,
        want: impl Into<String>,
        got: impl ToString,
    ) -> Self {
        Self::Argument { op: op.into(), name: name.into(), want: want.into(), got: got.to_string() }
    }

    /// A failed function of the script.
    pub fn callback(error: impl StdError + Send + Sync + 'static) -> Self {
        Self::Callback(Box::new(error))
    }

    /// A file that the operating system refused.
    pub fn io(op: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { op, path: path.into(), source }
    }

    /// A data set, or a file of one, that cannot be used as it is.
    pub fn data(op: &'static str, path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Data { op, path: path.into(), reason: reason.into() }
    }

    /// A name that is not one of those that exist; the message suggests the nearest.
    pub fn unknown<S: Into<String>>(
        op: impl Into<String>,
        what: &'static str,
        got: impl Into<String>,
        known: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::Unknown { op: op.into(), what, got: got.into(), known: known.into_iter().map(Into::into).collect() }
    }

    /// What is wrong without the operation, for where the place says what that is: `unknown name 'tpu'; …`.
    pub fn reason(&self) -> String {
        match self.root() {
            Self::Argument { name, want, got, .. } => {
                format!("{} must be {}, got {}", shown(name), sentence(want), shown(got))
            }
            Self::Unknown { what, got, known, .. } => format!("unknown {what} '{}'{}", shown(got), nearest(got, known)),
            Self::Device(text) => sentence(text).into_owned(),
            Self::State { reason, .. } | Self::Kernel { reason, .. } => sentence(reason).into_owned(),
            error => error.to_string(),
        }
    }
}

/// A file before what is wrong with it; nothing where it has no name.
fn at(path: &Path) -> String {
    if path.as_os_str().is_empty() { String::new() } else { format!("{}: ", message::path(path)) }
}

/// A noun with its article, by its first letter.
pub(crate) fn with_article(noun: &str) -> String {
    let is_vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {noun}", if is_vowel { "an" } else { "a" })
}

/// What was being differentiated, before what is wrong.
fn in_backward(op: &str) -> String {
    if op.is_empty() { String::new() } else { format!("the gradient of {}: ", shown(op)) }
}

fn asked_for(bytes: &Option<u64>) -> String {
    bytes.map_or(String::new(), |bytes| format!(" for {} more", gibibytes(bytes)))
}

/// A number of bytes for people.
pub(crate) fn gibibytes(bytes: u64) -> String {
    match bytes as f64 / f64::from(1 << 20) {
        _ if bytes < 1 << 10 => format!("{bytes} bytes"),
        _ if bytes < 1 << 18 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        mebibytes if mebibytes < 1024.0 => format!("{mebibytes:.1} MiB"),
        mebibytes => format!("{:.2} GiB", mebibytes / 1024.0),
    }
}

fn at_step(step: &Option<u64>) -> String {
    step.map_or(String::new(), |step| format!(" at step {step}"))
}

/// `; did you mean 'x'?` for the nearest known name, or the list of known names where none is near.
pub(crate) fn nearest(got: &str, known: &[String]) -> String {
    match near(got, known.iter().map(String::as_str)) {
        Some(name) => format!("; did you mean '{}'?", shown(name)),
        None if (1..=12).contains(&known.len()) => {
            format!("; there are: {}", known.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", "))
        }
        None => String::new(),
    }
}

/// The known name that a misspelt name most probably stands for.
pub(crate) fn near<'a>(got: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody misspells a book.
    if got.len() > 1024 {
        return None;
    }
    let likeness = |name: &str| strsim::jaro_winkler(got, name);
    let nearest = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.filter(|name| likeness(name) > 0.75)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_gets_the_nearest_suggestion() {
        let error = Error::unknown("resnet18", "option", "widht", ["stem", "width"]);
        assert_eq!(error.to_string(), "resnet18: unknown option 'widht'; did you mean 'width'?");
    }

    #[test]
    fn an_article_goes_by_the_first_letter() {
        assert_eq!(with_article("Augmentation"), "an Augmentation");
        assert_eq!(with_article("Tensor"), "a Tensor");
        let error = Error::Kind { op: "select", want: "int32", got: "float32" };
        assert_eq!(error.to_string(), "select: wants an int32 tensor, got float32");
    }

    #[test]
    fn a_file_without_a_name_leaves_no_gap_and_the_systems_number_is_left_out() {
        assert_eq!(Error::data("images", "", "no such folder").to_string(), "images: no such folder");
        let missing = Error::io("load", "a/b", io::Error::from_raw_os_error(2)).to_string();
        assert!(missing.starts_with("load: a/b: ") && !missing.contains("os error"), "{missing}");
    }

    #[test]
    fn names_of_others_are_escaped_and_cut() {
        let long = "x".repeat(5_000_000);
        let error =
            Error::unknown("experiment", "entry point", format!("\x1b[2J{long}"), ["setup", "\x07"]).to_string();
        assert!(error.starts_with("experiment: unknown entry point '\\x1b[2Jxxx") && error.len() < 400, "{error}");
        assert!(error.ends_with("'; there are: setup, \\x07"), "{error}");
    }

    #[test]
    fn a_name_far_from_all_others_gets_the_list() {
        let error = Error::unknown("images", "split", "zzz", ["train", "test"]);
        assert_eq!(error.to_string(), "images: unknown split 'zzz'; there are: train, test");
    }
}
