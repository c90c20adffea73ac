//! What the user was told, so that nothing is said twice.

use std::collections::BTreeSet;

/// How many lines of a kind that may come from every line of a script are shown.
const FEW: usize = 20;

/// What was told.
#[derive(Default)]
pub struct Told {
    lines: BTreeSet<String>,
    /// Those of which only a few are shown.
    few: BTreeSet<String>,
}

impl Told {
    /// Whether a line is told for the first time.
    pub fn once(&mut self, line: &str) -> bool {
        self.lines.insert(line.to_owned())
    }

    /// What to show for a line under a key: nothing where one under this key was shown, or after a few of them.
    pub fn few<'a>(&mut self, key: &str, line: &'a str) -> Option<&'a str> {
        if self.few.len() > FEW || !self.few.insert(key.to_owned()) {
            return None;
        }
        Some(if self.few.len() > FEW { "more of this kind is not shown" } else { line })
    }

    /// Whether a line was told under this key.
    pub fn has(&self, key: &str) -> bool {
        self.few.contains(key)
    }
}
