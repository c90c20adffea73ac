//! A script as it would be run.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{lua::option_sentences, run::SourceFile, shipped};

/// A script as it would be run.
pub struct Inspected {
    /// Its options, those from outside among them.
    pub options: Map<String, Value>,
    /// The files that it consists of, as far as loading it shows, its own first.
    pub files: Vec<SourceFile>,
}

/// What only a script knows of its session.
pub struct Declared {
    /// What its `setup` makes: each name with the class that [`Engine::definitions`](crate::Engine::definitions) has for it.
    pub components: Vec<(String, &'static str)>,
    /// Its options, those from outside among them.
    pub options: Map<String, Value>,
}

impl Inspected {
    /// What the script says of itself first; nothing where it begins with no comment.
    pub fn about(&self) -> String {
        self.files.first().map_or_else(String::new, |file| shipped::about(&String::from_utf8_lossy(&file.bytes)))
    }

    /// What it says of its options: the comment behind a default, by the option's name.
    pub fn sentences(&self) -> BTreeMap<String, String> {
        option_sentences::sentences(&self.files)
    }
}
