//! What a script says of its options: the comment behind a default, in whichever of its files the default is written.
//! Nothing is run.

use std::{collections::BTreeMap, thread};

use full_moon::{
    ast::{
        Assignment, Call, Expression, Field, FunctionArgs, FunctionCall, Index, LocalAssignment, Suffix,
        TableConstructor, Var,
    },
    node::Node,
    tokenizer::{TokenReference, TokenType},
    visitors::Visitor,
};

use super::lint::source::{Source, bare, name_of, with_room};
use crate::run::SourceFile;

/// What tables of options are called, or the functions that make them.
const OPTIONS: &str = "options";

/// The sentences of a script's files by the options' names. Of several the first one counts: the script's own come first.
pub fn sentences(files: &[SourceFile]) -> BTreeMap<String, String> {
    let read = || {
        let mut found = Sentences::default();
        for file in files.iter().filter(|file| file.path.extension().is_some_and(|end| end == "lua")) {
            if let Ok(source) = Source::parse(&file.path, &file.bytes) {
                found.visit_ast(&source.ast);
            }
        }
        found.0
    };
    let read = thread::scope(|scope| with_room(scope, read).ok()?.join().ok());
    read.unwrap_or_default()
}

#[derive(Default)]
struct Sentences(BTreeMap<String, String>);

impl Sentences {
    /// Reads a table that is written there, or given to a function there.
    fn read(&mut self, value: &Expression) {
        let table = match bare(value) {
            Expression::TableConstructor(table) => Some(&**table),
            Expression::FunctionCall(call) => argument(call),
            _ => None,
        };
        for pair in table.iter().flat_map(|table| table.fields().pairs()) {
            let Field::NameKey { key, value, .. } = pair.value() else { continue };
            let comment = pair.punctuation().and_then(comment).or_else(|| value.tokens().last().and_then(comment));
            if let Some(comment) = comment {
                self.0.entry(name_of(key)).or_insert(comment);
            }
        }
    }
}

impl Visitor for Sentences {
    fn visit_field(&mut self, field: &Field) {
        if let Field::NameKey { key, value, .. } = field
            && name_of(key) == OPTIONS
        {
            self.read(value);
        }
    }

    fn visit_local_assignment(&mut self, assignment: &LocalAssignment) {
        for (name, value) in assignment.names().iter().zip(assignment.expressions()) {
            if name_of(name) == OPTIONS {
                self.read(value);
            }
        }
    }

    fn visit_assignment(&mut self, assignment: &Assignment) {
        for (place, value) in assignment.variables().iter().zip(assignment.expressions()) {
            if is_options(place) {
                self.read(value);
            }
        }
    }
}

fn is_options(place: &Var) -> bool {
    match place {
        Var::Name(name) => name_of(name) == OPTIONS,
        Var::Expression(place) => {
            matches!(place.suffixes().last(), Some(Suffix::Index(Index::Dot { name, .. })) if name_of(name) == OPTIONS)
        }
        _ => false,
    }
}

/// The table that a function is given last, if it is one that makes options.
fn argument(call: &FunctionCall) -> Option<&TableConstructor> {
    let arguments = match call.suffixes().last()? {
        Suffix::Call(Call::AnonymousCall(arguments)) => arguments,
        Suffix::Call(Call::MethodCall(method)) => method.args(),
        _ => return None,
    };
    match arguments {
        FunctionArgs::TableConstructor(table) => Some(table),
        FunctionArgs::Parentheses { arguments, .. } => match arguments.iter().last()? {
            Expression::TableConstructor(table) => Some(table),
            _ => None,
        },
        _ => None,
    }
}

/// The comment of one line behind a token.
fn comment(token: &TokenReference) -> Option<String> {
    token.trailing_trivia().find_map(|trivia| match trivia.token_type() {
        TokenType::SingleLineComment { comment } => Some(comment.trim().to_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Vec<(String, String)> {
        let file = |text: &&str| SourceFile { path: "a.lua".into(), bytes: text.as_bytes().to_vec() };
        sentences(&texts.iter().map(file).collect::<Vec<_>>()).into_iter().collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, sentence)| ((*name).into(), (*sentence).into())).collect()
    }

    #[test]
    fn an_option_is_told_by_the_comment_behind_it() {
        let text =
            "local experiment = { options = {\n  lr = 0.1, -- at most\n  batch = 64,\n  size = 2 -- of a side\n} }";
        assert_eq!(of(&[text]), pairs(&[("lr", "at most"), ("size", "of a side")]));
        assert_eq!(of(&["local e = {}\ne.options = { lr = 1, -- so\n}"]), pairs(&[("lr", "so")]));
        assert_eq!(of(&["local options = { lr = 1, -- so\n}"]), pairs(&[("lr", "so")]));
        assert_eq!(of(&["local e = { options = lib.options { k = 1, -- mine\n} }"]), pairs(&[("k", "mine")]));
    }

    #[test]
    fn a_script_goes_before_what_it_requires_and_other_tables_say_nothing() {
        let files =
            ["return { options = { lr = 1, -- mine\n} }", "local options = { lr = 2, -- theirs\n k = 1, -- both\n}"];
        assert_eq!(of(&files), pairs(&[("k", "both"), ("lr", "mine")]));
        assert_eq!(of(&["local sizes = { lr = 1, -- none\n}", "no lua"]), []);
    }
}
