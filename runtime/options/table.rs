//! What a declared table of options is: its entries in words, its checks, and how it is read from wherever it was
//! written.

use super::limits::with_unit;
use crate::Result;

/// An option as declared, in words.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    pub name: &'static str,
    /// As written in Rust; none where the option must be given.
    pub default: Option<&'static str>,
    pub unit: Option<&'static str>,
    /// What its value is limited to, `from 0 to 1`.
    pub limits: Option<fn() -> String>,
    /// Documentation, a line each.
    pub doc: &'static [&'static str],
}

impl Declared {
    /// Its sentence, with range and unit behind it.
    pub fn sentence(&self) -> String {
        let doc = self.doc.concat().trim().to_owned();
        match (self.limits, self.unit) {
            (None, None) => doc,
            (None, Some(unit)) => format!("{doc} In {unit}."),
            (Some(limits), unit) => {
                let limits = with_unit(limits(), unit);
                let limits = ["a number of ", "a number "]
                    .iter()
                    .fold(limits.as_str(), |text, start| text.strip_prefix(start).unwrap_or(text));
                format!("{doc} {}{}.", limits[..1].to_uppercase(), &limits[1..])
            }
        }
    }
}

/// The entry of a name.
pub(crate) fn declared(entries: &'static [Declared], name: &str) -> &'static Declared {
    entries.iter().find(|entry| entry.name == name).expect("each option has an entry")
}

/// A declared table of options.
pub trait Options: Sized {
    /// What scripts' type definitions call it.
    const NAME: &'static str;
    /// Documentation, a line each.
    const DOC: &'static [&'static str];
    /// The types of those that have no default.
    type Required;

    /// These, and all others at their defaults.
    fn given(required: Self::Required) -> Self;

    /// Every option in the order of its declaration, with those of the tables within.
    fn entries() -> Vec<&'static Declared>;

    /// Whether every value lies within its declared range.
    ///
    /// # Errors
    /// The first that does not: `op: name must be range, got value`.
    fn check(&self, op: &str) -> Result<()>;

    /// The same, if every value lies within its range. Errors as [`Options::check`].
    fn checked(self, op: &str) -> Result<Self> {
        self.check(op).map(|()| self)
    }
}

/// Something that tables of options are read from, such as a table of Lua.
pub trait Reader {
    /// Where the types of options are documented.
    type Docs;
}

/// A reader that knows options of a type.
pub trait Reads<T>: Reader {
    /// Whether an option of this type may be left out where it has no default.
    const OPTIONAL: bool;

    /// The type's name. Documents the tables within it.
    fn kind(docs: &mut Self::Docs) -> String;

    /// The option, or its default where it is left out. None where it cannot be read: the reader keeps why.
    fn option(&mut self, entry: &'static Declared, default: Option<T>) -> Option<T>;
}

/// A table that a reader knows all types of.
pub trait ReadFrom<R: Reader>: Options {
    /// Whether the whole table may be left out.
    const OPTIONAL: bool;

    /// The name of each entry's type, in the order of [`Options::entries`].
    fn kinds(docs: &mut R::Docs) -> Vec<String>;

    /// Reads it. None where an option cannot be read: the reader keeps why.
    fn read_from(reader: &mut R) -> Option<Self>;
}
