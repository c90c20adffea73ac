//! Keys as they are written: of a constructor's fields, and of places that are assigned.

use full_moon::{
    ast::{Call, Expression, Field, FunctionArgs, FunctionCall, Index, Prefix, Suffix, VarExpression},
    node::Node,
    tokenizer::{TokenReference, TokenType},
};

use crate::lua::lint::{
    scope::{Target, field_of},
    source::{bare, name_of, string_of},
};

/// A key with its line; none for one that is computed.
pub type Key = Option<(String, usize)>;

/// The key and the value of a field that has a key.
pub fn of_field(field: &Field) -> Option<(Key, &Expression)> {
    match field {
        Field::NameKey { key, value, .. } => Some((Some((name_of(key), line(key))), value)),
        Field::ExpressionKey { key, value, .. } => {
            let at = key.start_position().map_or(0, |position| position.line());
            Some((string_of(key).map(|name| (name, at)), value))
        }
        _ => None,
    }
}

/// The keys from the variable to the place that is assigned, and the variable. None where there is a call on the way.
pub fn of_target<'a>(target: &Target<'a>) -> Option<(&'a TokenReference, Vec<Key>)> {
    match target {
        Target::Place(place) => of_place(place),
        Target::Function(function) => {
            let mut names = function.names().iter();
            let first = names.next()?;
            let keys = names.chain(function.method_name()).map(|name| Some((name_of(name), line(name))));
            Some((first, keys.collect()))
        }
    }
}

/// The same of `a.b.c`.
pub fn of_place(place: &VarExpression) -> Option<(&TokenReference, Vec<Key>)> {
    let Prefix::Name(first) = place.prefix() else { return None };
    let keys = place.suffixes().map(|suffix| match suffix {
        Suffix::Index(index) => Some(of_index(index)),
        _ => None,
    });
    Some((first, keys.collect::<Option<_>>()?))
}

fn of_index(index: &Index) -> Key {
    let at = match index {
        Index::Dot { name, .. } => line(name),
        other => other.start_position().map_or(0, |position| position.line()),
    };
    field_of(index).map(|name| (name, at))
}

/// The name of a function that is called by its name alone, and its first argument.
pub fn of_call(call: &FunctionCall) -> Option<(String, &Expression)> {
    let (function, arguments) = arguments(call)?;
    match arguments {
        FunctionArgs::Parentheses { arguments, .. } => Some((function, bare(arguments.iter().next()?))),
        _ => None,
    }
}

/// The module that a call requires, with parentheses or without.
pub fn required(call: &FunctionCall) -> Option<String> {
    match arguments(call)? {
        (function, _) if function != "require" => None,
        (_, FunctionArgs::Parentheses { arguments, .. }) => arguments.iter().next().and_then(string_of),
        (_, FunctionArgs::String(token)) => match token.token().token_type() {
            TokenType::StringLiteral { literal, .. } => Some(literal.to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn arguments(call: &FunctionCall) -> Option<(String, &FunctionArgs)> {
    let Prefix::Name(function) = call.prefix() else { return None };
    let suffixes: Vec<_> = call.suffixes().collect();
    match suffixes.as_slice() {
        [Suffix::Call(Call::AnonymousCall(arguments))] => Some((name_of(function), arguments)),
        _ => None,
    }
}

/// The line that a token stands in.
pub fn line(token: &TokenReference) -> usize {
    token.token().start_position().line()
}
