//! What the documentation of arguments collects on its way: the options tables that they read.

use std::collections::BTreeMap;

/// An options table as documented.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionsDoc {
    pub name: &'static str,
    /// The Rust type, so that two types of one name are noticed.
    pub declared_as: &'static str,
    pub doc: String,
    /// Name, LuaLS type, default as text (none: required), documentation.
    pub fields: Vec<(String, String, Option<String>, String)>,
}

/// Options tables that declared parameters use, by name.
#[derive(Default)]
pub struct Docs {
    pub options: BTreeMap<&'static str, OptionsDoc>,
}
