//! Globals that are read, and that nothing sets.

use std::collections::BTreeSet;

use super::{Finding, scope::Scope, source::Source};
use crate::lua::globals::{self, Known};

/// The globals that a script sets in any of its files; none where they may come from elsewhere.
pub fn written<'s>(scopes: &'s [Scope]) -> Option<BTreeSet<&'s str>> {
    let is_open = scopes.iter().any(|scope| scope.is_open);
    (!is_open).then(|| scopes.iter().flat_map(|scope| scope.writes.iter().map(String::as_str)).collect())
}

/// Reads of globals that no file of the script sets and the VM does not have.
pub fn find(source: &Source, scope: &Scope, known: &Known, written: &BTreeSet<&str>) -> Vec<Finding> {
    let reads = scope.reads.iter().filter(|read| !known.has(&read.name) && !written.contains(read.name.as_str()));
    let tell = |name: &str, locals: &[String]| {
        known.unknown(name, locals.iter().map(String::as_str).chain(written.iter().copied()))
    };
    reads
        .map(|read| {
            let finding = Finding::at(&source.path, read.line, tell(&read.name, &read.locals));
            finding.with_key(&globals::key(&read.name))
        })
        .collect()
}
