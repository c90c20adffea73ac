//! The names of the classes that labels count, in order: what makes a number say which class is meant.

use std::{fmt, sync::Arc};

/// How many names a message lists.
const SHOWN: usize = 12;

/// Class names in the order that labels count them. Cloning shares them.
#[derive(Clone, Debug)]
pub struct ClassNames(Arc<Vec<String>>);

impl ClassNames {
    /// Names in the order of their labels.
    pub fn new(names: Vec<String>) -> Self {
        Self(Arc::new(names))
    }

    /// The names in the order of their labels.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// Equal lists of names.
impl PartialEq for ClassNames {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

/// The names, the end of a long list left out.
impl fmt::Display for ClassNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&listed(&self.0))
    }
}

/// Some names on one line, the end of a long list left out.
pub(crate) fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<String> = (0..14).map(|number| format!("c{number}")).collect();
        assert!(ClassNames::new(many).to_string().ends_with("c10, c11 and 2 more"));
    }
}
