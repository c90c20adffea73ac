//! Tables of a script's files, followed from where they are used to where they are made, and the places that fill them.

use std::{cell::Cell, path::Path, ptr};

use full_moon::{
    ast::{Expression, Return, TableConstructor, Var},
    tokenizer::TokenReference,
};

use super::keys::{Key, of_call, of_field, of_place, of_target, required};
use crate::lua::lint::{
    scope::{Field, Given, Scope, Target},
    source::{Source, bare, name_of},
};

/// An expression that is no name for another one, and its file.
pub type Resolved<'a> = (usize, &'a Expression);

/// Where a key gets its value.
pub struct Definition<'a> {
    pub file: usize,
    pub line: usize,
    pub value: Option<&'a Expression>,
    /// The line of a function that is declared there.
    pub function: Option<usize>,
    is_certain: bool,
}

/// The files with their names resolved.
pub struct Tables<'a> {
    sources: &'a [Source],
    scopes: Vec<Scope<'a>>,
    /// How far is looked: tables may stand for each other in circles.
    left: Cell<u32>,
}

impl<'a> Tables<'a> {
    pub fn new(sources: &'a [Source], scopes: Vec<Scope<'a>>) -> Self {
        Self { sources, scopes, left: Cell::new(20_000) }
    }

    /// What a file returns, where that is in one place.
    pub fn returned(&self, file: usize) -> Option<(&'a Return, Option<&'a Expression>)> {
        match self.scopes[file].returns.as_slice() {
            [returned] => Some((returned, returned.returns().iter().next())),
            _ => None,
        }
    }

    /// What an expression stands for.
    pub fn resolve(&self, file: usize, expression: &'a Expression) -> Option<Resolved<'a>> {
        self.left.set(self.left.get().checked_sub(1)?);
        match bare(expression) {
            Expression::Var(Var::Name(name)) => self.variable(file, name),
            Expression::Var(Var::Expression(place)) => {
                let (first, keys) = of_place(place)?;
                self.follow(file, first, &keys)
            }
            Expression::FunctionCall(call) => {
                if let Some(module) = required(call) {
                    let file = self.file_of(&module)?;
                    return self.resolve(file, self.returned(file)?.1?);
                }
                match of_call(call) {
                    Some((function, table)) if function == "setmetatable" => self.resolve(file, table),
                    _ => Some((file, bare(expression))),
                }
            }
            made => Some((file, made)),
        }
    }

    /// What a variable holds that is assigned once.
    fn variable(&self, file: usize, name: &TokenReference) -> Option<Resolved<'a>> {
        let scope = &self.scopes[file];
        let all_of_global = || {
            let text = name_of(name);
            let given = |file: usize| {
                self.scopes[file].globals.get(&text).into_iter().flatten().map(move |given| (file, *given))
            };
            (0..self.scopes.len()).flat_map(given).collect::<Vec<_>>()
        };
        let given = match scope.variable(name) {
            Some(id) => scope.variables[id].iter().map(|given| (file, *given)).collect(),
            None => all_of_global(),
        };
        match given.as_slice() {
            [(file, Given::Value(value, 0))] => self.resolve(*file, value),
            _ => None,
        }
    }

    fn follow(&self, file: usize, first: &TokenReference, keys: &[Key]) -> Option<Resolved<'a>> {
        keys.iter().try_fold(self.variable(file, first)?, |owner, key| self.value(owner, &key.as_ref()?.0))
    }

    /// The file of a module, where only one can be meant.
    fn file_of(&self, module: &str) -> Option<usize> {
        let end = Path::new(&module.replace('.', "/")).with_extension("lua");
        let mut found = self.sources.iter().enumerate().filter(|(_, source)| source.path.ends_with(&end));
        let (file, _) = found.next()?;
        found.next().is_none().then_some(file)
    }

    /// What a table has under a key.
    pub fn value(&self, owner: Resolved<'a>, key: &str) -> Option<Resolved<'a>> {
        let written = self.definition(owner, key)?;
        self.resolve(written.file, written.value?)
    }

    /// Where a table gets a key's value, if that is certain: the last place that gives it one.
    pub fn definition(&self, owner: Resolved<'a>, key: &str) -> Option<Definition<'a>> {
        let (home, Expression::TableConstructor(table)) = owner else { return None };
        let in_constructor = table.fields().iter().filter_map(|field| match of_field(field)? {
            (Some((name, line)), value) if name == key => {
                Some(Definition { file: home, line, value: Some(value), function: None, is_certain: true })
            }
            _ => None,
        });
        let assigned = self.assigned(table, |last| last.is_some_and(|last| last == key)).map(|(file, field, line)| {
            let value = match field.value {
                Given::Value(value, 0) => Some(value),
                _ => None,
            };
            let function = matches!(field.target, Target::Function(_)).then_some(line);
            Definition { file, line, value, function, is_certain: field.is_certain }
        });
        let all: Vec<_> = in_constructor.chain(assigned).collect();
        // A file that requires the table's own comes after it. Of several such it is not known which was the last.
        let mut others = all.iter().map(|found| found.file).filter(|file| *file != home);
        let other = others.next();
        if all.iter().any(|found| !found.is_certain) || others.any(|file| Some(file) != other) {
            return None;
        }
        let last = other.unwrap_or(home);
        all.into_iter().rfind(|found| found.file == last)
    }

    /// Whether a table is filled by keys that are computed.
    pub fn is_open(&self, owner: Resolved<'a>) -> bool {
        let (_, Expression::TableConstructor(table)) = owner else { return true };
        let is_computed = |field| of_field(field).is_some_and(|(key, _)| key.is_none());
        table.fields().iter().any(is_computed) || self.assigned(table, |last| last.is_none()).next().is_some()
    }

    /// The fields of a table that are assigned outside of its constructor and whose last key is wanted, with its line.
    /// Only of these the table is looked for: it may be what another one of them gives it.
    fn assigned(
        &self,
        table: &'a TableConstructor,
        is_wanted: impl Fn(Option<&str>) -> bool,
    ) -> impl Iterator<Item = (usize, &Field<'a>, usize)> {
        let all = self.scopes.iter().enumerate();
        let all = all.flat_map(|(file, scope)| scope.fields.iter().map(move |field| (file, field)));
        all.filter_map(move |(file, field)| {
            let (first, keys) = of_target(&field.target)?;
            let (last, before) = keys.split_last()?;
            if !is_wanted(last.as_ref().map(|(name, _)| name.as_str())) {
                return None;
            }
            match self.follow(file, first, before)? {
                (_, Expression::TableConstructor(found)) if ptr::eq(&raw const **found, table) => {
                    Some((file, field, last.as_ref().map_or(0, |(_, line)| *line)))
                }
                _ => None,
            }
        })
    }
}
