//! What a script says of its options: the comment behind a default, or above it, in whichever of its files the default is
//! written. Nothing is run.

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
            let (name, value) = match pair.value() {
                Field::NameKey { key, value, .. } => (name_of(key), value),
                Field::ExpressionKey { key, value, .. } => match literal(key) {
                    Some(name) => (name, value),
                    None => continue,
                },
                _ => continue,
            };
            let behind = pair.punctuation().and_then(comment).or_else(|| value.tokens().last().and_then(comment));
            let comment = behind.or_else(|| pair.value().tokens().next().and_then(above));
            if let Some(comment) = comment {
                self.0.entry(name).or_insert(comment);
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

/// The text of a string that a key is.
fn literal(key: &Expression) -> Option<String> {
    match bare(key) {
        Expression::String(text) => match text.token_type() {
            TokenType::StringLiteral { literal, .. } => Some(literal.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// The comment of one line behind a token.
fn comment(token: &TokenReference) -> Option<String> {
    token.trailing_trivia().find_map(|trivia| text(trivia.token_type()))
}

/// The comments in the lines right above a token.
fn above(token: &TokenReference) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    // Ends of lines since the last comment: an empty line parts it from what is below.
    let mut ends = 0;
    for trivia in token.leading_trivia() {
        match trivia.token_type() {
            TokenType::Whitespace { characters } => ends += characters.matches('\n').count(),
            other => {
                if ends > 1 {
                    lines.clear();
                }
                ends = 0;
                lines.extend(text(other));
            }
        }
    }
    if ends > 1 {
        lines.clear();
    }
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn text(trivia: &TokenType) -> Option<String> {
    match trivia {
        TokenType::SingleLineComment { comment } => Some(comment.trim_start_matches('-').trim().to_owned()),
        _ => None,
    }
    // Annotations are for editors.
    .filter(|text| !text.starts_with('@'))
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
        let above = "local options = {\n  -- How far.\n  --- And how long.\n  lr = 1,\n  k = 2,\n  [\"m\"] = 3, -- bracketed\n}";
        assert_eq!(of(&[above]), pairs(&[("lr", "How far. And how long."), ("m", "bracketed")]));
        let heading =
            "local options = {\n  -- A heading.\n\n  lr = 1,\n  -- Rows.\n  ---@type integer\n  k = 2, ---@type any\n}";
        assert_eq!(of(&[heading]), pairs(&[("k", "Rows.")]));
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
