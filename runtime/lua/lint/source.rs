//! A file's text and its syntax tree. The parser is `full_moon`, which keeps where everything stands.

use std::{
    io,
    path::{Path, PathBuf},
    thread::{Builder, Scope, ScopedJoinHandle},
};

use full_moon::{
    LuaVersion,
    ast::{Ast, Expression},
    node::Node,
    tokenizer::{TokenReference, TokenType},
};

use crate::files::text::of_lua;

/// Parser, walk and release of a tree go one call deeper for each operator of a chain, and Lua takes chains of any
/// length.
const STACK: usize = 1 << 30;

/// A longer source is not looked at: a chain as long as that has room in the stack.
pub const LONGEST: usize = 1 << 20;

/// Runs what parses and walks on a thread whose stack has room for it.
///
/// # Errors
/// The system has no thread.
pub fn with_room<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().stack_size(STACK).spawn_scoped(scope, work)
}

/// A file that parses.
pub struct Source {
    pub path: PathBuf,
    text: String,
    pub ast: Ast,
}

impl Source {
    /// Parses a file.
    ///
    /// # Errors
    /// Why it does not parse; Lua itself may take it all the same.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, String> {
        // Text that is not UTF-8 may stand in strings and comments, of which nothing is read.
        let text = String::from_utf8_lossy(of_lua(bytes)?).into_owned();
        let parsed = full_moon::parse_fallible(&text, LuaVersion::lua54()).into_result();
        match parsed {
            Ok(ast) => Ok(Self { path: path.to_owned(), text, ast }),
            Err(errors) => Err(errors.first().map_or_else(String::new, |error| {
                format!("line {}: {}", error.range().0.line(), error.error_message())
            })),
        }
    }

    /// What is written, on one line and not too long for a message.
    pub fn written(&self, node: &Expression) -> String {
        let range = node.start_position().zip(node.end_position());
        let mut range = range.map_or(0..0, |(from, to)| from.bytes()..to.bytes());
        // The parser's range of an index ends before its bracket.
        let is_open = |text: &str| text.matches('[').count() > text.matches(']').count();
        while is_open(self.text.get(range.clone()).unwrap_or_default()) && self.text[range.end..].starts_with(']') {
            range.end += 1;
        }
        let text = self.text.get(range).filter(|text| !text.is_empty()).unwrap_or("…");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(48) {
            Some(_) => format!("{}…", text.chars().take(45).collect::<String>()),
            None => text,
        }
    }

    /// The line on which something begins.
    pub fn line(&self, node: &Expression) -> usize {
        node.start_position().map_or(0, |position| position.line())
    }
}

/// A name as it is written.
pub fn name_of(token: &TokenReference) -> String {
    token.token().to_string()
}

/// What is in a string.
pub fn string_of(expression: &Expression) -> Option<String> {
    match expression {
        Expression::String(token) => match token.token().token_type() {
            TokenType::StringLiteral { literal, .. } => Some(literal.to_string()),
            _ => None,
        },
        Expression::Parentheses { expression, .. } => string_of(expression),
        _ => None,
    }
}

/// What is inside parentheses.
pub fn bare(expression: &Expression) -> &Expression {
    match expression {
        Expression::Parentheses { expression, .. } => bare(expression),
        other => other,
    }
}
