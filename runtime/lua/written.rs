//! Where a script writes what it returns: the line of a key, by the syntax trees of its files. Tables are followed
//! through locals, fields and `require`; nothing is run. What may be written in two places, or elsewhere, is written
//! nowhere that is known: no line is better than a wrong one.

mod keys;
mod tables;

use std::{
    path::{Path, PathBuf},
    thread,
};

use full_moon::{ast::Expression, node::Node};

use super::lint::{
    scope,
    source::{LONGEST, Source, with_room},
};
use crate::{files::text::unmarked, message, run::SourceFile};
use tables::Tables;

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenAt {
    pub path: PathBuf,
    pub line: usize,
    pub value: Value,
    /// Whether its table is filled by keys that are computed as well: another value may have taken its place.
    pub is_open: bool,
}

/// What is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, a string or a truth value, as Lua reads it.
    Literal(String),
    /// A function, by the line that it begins in.
    Function(usize),
    Table,
    /// Anything that is known only when it is run.
    Computed,
}

/// Where a script writes the value at a path of keys into the table that it returns; without keys, where it returns.
pub fn find(files: &[SourceFile], script: &Path, keys: &[String]) -> Option<WrittenAt> {
    thread::scope(|scope| with_room(scope, || find_here(files, script, keys)).ok()?.join().ok()?)
}

/// The line where a script returns something, for what is wrong with that as a whole; the file alone where that is not known.
pub fn returns(files: &[SourceFile], script: &Path) -> String {
    let file = message::path(script);
    find(files, script, &[]).map_or(file.clone(), |found| format!("{file}:{}", found.line))
}

fn find_here(files: &[SourceFile], script: &Path, keys: &[String]) -> Option<WrittenAt> {
    let sources: Vec<Source> = files.iter().filter_map(parse).collect();
    let main = sources.iter().position(|source| source.path == script)?;
    let scopes = sources.iter().map(scope::resolve).collect();
    let tables = Tables::new(&sources, scopes);
    let (returned, expression) = tables.returned(main)?;
    let at = |file: usize, line, value, is_open| WrittenAt { path: sources[file].path.clone(), line, value, is_open };
    let Some((last, before)) = keys.split_last() else {
        let line = returned.token().token().start_position().line();
        return Some(at(main, line, Value::Computed, false));
    };
    let owner = before.iter().try_fold(tables.resolve(main, expression?)?, |owner, key| tables.value(owner, key))?;
    let written = tables.definition(owner, last)?;
    let value = match written.value {
        Some(value) => match tables.resolve(written.file, value) {
            Some((file, value)) => described(&sources[file], value),
            None => Value::Computed,
        },
        None => written.function.map_or(Value::Computed, Value::Function),
    };
    Some(at(written.file, written.line, value, tables.is_open(owner)))
}

/// A file of Lua whose lines count as Lua counts them.
fn parse(file: &SourceFile) -> Option<Source> {
    let is_lua = file.path.extension().is_some_and(|end| end == "lua") && file.bytes.len() <= LONGEST;
    let bytes = is_lua.then(|| unmarked(&file.bytes).ok()).flatten()?;
    // To Lua a single one ends a line, to the parser it does not.
    let has_single_return = bytes.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n') || bytes.ends_with(b"\r");
    if has_single_return { None } else { Source::parse(&file.path, &file.bytes).ok() }
}

fn described(source: &Source, value: &Expression) -> Value {
    match value {
        Expression::TableConstructor(_) => Value::Table,
        Expression::Function(_) => Value::Function(source.line(value)),
        Expression::Number(token) | Expression::String(token) => Value::Literal(token.token().to_string()),
        Expression::Symbol(token) if ["true", "false"].contains(&token.token().to_string().as_str()) => {
            Value::Literal(token.token().to_string())
        }
        Expression::UnaryOperator { expression, .. } if matches!(**expression, Expression::Number(_)) => {
            Value::Literal(value.tokens().map(|token| token.token().to_string()).collect())
        }
        _ => Value::Computed,
    }
}

#[cfg(test)]
mod tests;
