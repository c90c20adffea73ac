//! What a script's source shows to be a mistake that Lua says nothing of: tensors taken for truth values, names that no
//! global has. It reads and runs nothing; what it does not know it is silent about.

mod finding;
mod kind;
mod kinds;
mod names;
mod operators;
pub(super) mod scope;
pub(super) mod source;
mod walk;

pub use finding::Finding;

use std::{collections::BTreeSet, path::PathBuf, thread};

use super::{
    api::{Api, Vocabulary},
    context::Context,
    globals::Known,
    syntax,
    vm::Vm,
};
use crate::{
    guard::guard,
    run::{SourceFile, Sources},
};
use source::{LONGEST, Source};

/// What the sources of a script show. Files that are not Lua's, or that Lua itself does not parse, are left out.
pub fn find(api: &Api, context: &Context, files: Vec<SourceFile>) -> Vec<Finding> {
    let Ok(vm) = Vm::new(api, context, Vec::new(), Sources::disk()) else { return Vec::new() };
    let Ok(known) = Known::of(vm.lua(), &api.names()) else { return Vec::new() };
    let is_lua = |file: &SourceFile| {
        file.path.extension().is_some_and(|end| end == "lua")
            && syntax::parse(vm.lua(), &file.path, file.bytes.clone()).is_ok()
    };
    let files: Vec<_> = files.into_iter().filter(is_lua).map(|file| (file.path, file.bytes)).collect();
    Lint { vocabulary: api.vocabulary(), known }.find(&files)
}

/// What is known of the names that a source may use.
pub struct Lint {
    pub vocabulary: Vocabulary,
    pub known: Known,
}

impl Lint {
    /// What is found in files of Lua, file by file and line by line. A file that cannot be linted is found, too; the
    /// script is none the worse for it.
    pub fn find(&self, files: &[(PathBuf, Vec<u8>)]) -> Vec<Finding> {
        let skipped = |why: &str| {
            let first = files.first().map_or_else(PathBuf::new, |(path, _)| path.clone());
            vec![Finding::of_file(&first, &format!("not linted: {why}"))]
        };
        thread::scope(|scope| {
            let linting = source::with_room(scope, || guard("lint", || Ok(self.find_here(files))));
            match linting.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(Ok(found))) => found,
                Ok(Ok(Err(error))) => skipped(&error.to_string()),
                Ok(Err(_)) => skipped("the lint failed"),
                Err(error) => skipped(&error.to_string()),
            }
        })
    }

    fn find_here(&self, files: &[(PathBuf, Vec<u8>)]) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut sources = Vec::new();
        for (path, bytes) in files {
            if bytes.len() > LONGEST {
                found.push(Finding::of_file(path, "not linted: it is longer than 1 MiB"));
                continue;
            }
            match Source::parse(path, bytes) {
                Ok(source) => sources.push(source),
                Err(why) => found.push(Finding::of_file(path, &format!("not linted: {why}"))),
            }
        }
        let scopes: Vec<_> = sources.iter().map(|source| scope::resolve(source)).collect();
        // A name that a script gives to something of its own says nothing about where else it stands.
        let own: BTreeSet<&str> = scopes.iter().flat_map(|scope| scope.members.iter().map(String::as_str)).collect();
        let written = names::written(&scopes);
        for (source, scope) in sources.iter().zip(&scopes) {
            let mut here = operators::find(source, &kinds::Kinds::new(scope, &self.vocabulary, &own));
            here.extend(written.iter().flat_map(|written| names::find(source, scope, &self.known, written)));
            here.sort();
            here.dedup();
            found.extend(here);
        }
        found
    }
}

#[cfg(test)]
mod tests;
