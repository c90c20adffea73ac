//! Globals that are read, and that nothing sets.

use std::collections::BTreeSet;

use super::{Finding, scope::Scope, source::Source};
use crate::lua::globals::{self, Known};

/// Reads of globals that no file of the script sets and the VM does not have. None where globals may come from elsewhere.
pub fn find(sources: &[Source], scopes: &[Scope], known: &Known) -> Vec<Finding> {
    if scopes.iter().any(|scope| scope.is_open) {
        return Vec::new();
    }
    let written: BTreeSet<&str> = scopes.iter().flat_map(|scope| scope.writes.iter().map(String::as_str)).collect();
    let mut found = Vec::new();
    for (source, scope) in sources.iter().zip(scopes) {
        for read in scope.reads.iter().filter(|read| !known.has(&read.name) && !written.contains(read.name.as_str())) {
            let others = read.locals.iter().map(String::as_str).chain(written.iter().copied());
            let finding = Finding::at(&source.path, read.line, known.unknown(&read.name, others));
            found.push(finding.with_key(&globals::key(&read.name)));
        }
    }
    found
}
