//! What each expression of a source is. A variable is what all its assignments agree on.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use full_moon::{
    ast::{BinOp, Call, Expression, FunctionArgs, Index, Prefix, Suffix, UnOp, Var},
    tokenizer::{Symbol, TokenReference, TokenType},
};

use super::{
    kind::Kind,
    scope::{Given, Scope, field_of},
    source::{name_of, string_of},
};
use crate::lua::api::Vocabulary;

/// How many expressions are looked at for one file, some of them again and again. Chains of thousands of operators end
/// there.
const MOST_LOOKS: usize = 1_000_000;

/// Methods of strings, which a receiver of unknown kind may be.
const STRING_METHODS: [&str; 16] = [
    "byte", "char", "dump", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
    "reverse", "sub", "upper",
];

/// The kinds of a source's expressions.
pub struct Kinds<'s, 'a> {
    pub scope: &'s Scope<'a>,
    vocabulary: &'s Vocabulary,
    /// Names that the scripts give to functions of their own.
    own: &'s BTreeSet<&'s str>,
    known: RefCell<Vec<Option<Kind>>>,
    /// Whether what was found out depends on what is not known yet.
    is_open: Cell<bool>,
    looks: Cell<usize>,
}

impl<'s, 'a> Kinds<'s, 'a> {
    pub fn new(scope: &'s Scope<'a>, vocabulary: &'s Vocabulary, own: &'s BTreeSet<&'s str>) -> Self {
        let known = RefCell::new(vec![None; scope.variables.len()]);
        Self { scope, vocabulary, own, known, is_open: Cell::new(false), looks: Cell::new(0) }
    }

    /// Whether some table of the scripts has a field or a function of this name.
    pub fn has_member(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// What an expression is.
    pub fn of(&self, expression: &Expression) -> Kind {
        self.value(expression, 0)
    }

    fn value(&self, expression: &Expression, position: usize) -> Kind {
        self.looks.set(self.looks.get() + 1);
        if self.looks.get() > MOST_LOOKS {
            return Kind::Unknown;
        }
        match expression {
            Expression::FunctionCall(call) => self.chain(call.prefix(), call.suffixes(), position),
            _ if position > 0 => Kind::Unknown,
            Expression::BinaryOperator { lhs, binop, rhs } => self.binary(lhs, binop, rhs),
            Expression::UnaryOperator { unop, expression } => self.unary(unop, expression),
            Expression::Parentheses { expression, .. } => self.value(expression, 0),
            Expression::Number(_) => Kind::Number,
            Expression::String(_) => Kind::Text,
            Expression::Symbol(token) => match token.token().token_type() {
                TokenType::Symbol { symbol: Symbol::Nil } => Kind::Nil,
                TokenType::Symbol { symbol: Symbol::True | Symbol::False } => Kind::Boolean,
                _ => Kind::Unknown,
            },
            Expression::Var(Var::Name(name)) => self.name(name),
            Expression::Var(Var::Expression(place)) => self.chain(place.prefix(), place.suffixes(), 0),
            _ => Kind::Unknown,
        }
    }

    fn name(&self, name: &TokenReference) -> Kind {
        self.scope.variable(name).map_or(Kind::Unknown, |id| self.variable(id))
    }

    fn variable(&self, id: usize) -> Kind {
        match self.known.borrow().get(id) {
            Some(Some(known)) => {
                self.is_open.set(self.is_open.get() || *known == Kind::Open);
                return known.clone();
            }
            Some(None) => {}
            None => return Kind::Unknown,
        }
        self.known.borrow_mut()[id] = Some(Kind::Open);
        let outer = self.is_open.replace(false);
        let found = self.all(&self.scope.variables[id]);
        // What came of a circle may be too much: it is kept only where every variable of the circle is done.
        let depends =
            self.is_open.get() && self.known.borrow().iter().filter(|kind| **kind == Some(Kind::Open)).count() > 1;
        self.is_open.set(outer || depends);
        let found = if found == Kind::Open { Kind::Unknown } else { found };
        self.known.borrow_mut()[id] = (!depends).then(|| found.clone());
        found
    }

    fn all(&self, values: &[Given]) -> Kind {
        values.iter().fold(Kind::Open, |kind, given| {
            kind.or(match given {
                Given::Value(expression, position) => self.value(expression, *position),
                Given::Nil => Kind::Nil,
                Given::Number => Kind::Number,
                Given::Session => Kind::Class("Session".into()),
                Given::Unknown => Kind::Unknown,
            })
        })
    }

    fn chain<'b>(&self, prefix: &Prefix, suffixes: impl Iterator<Item = &'b Suffix>, position: usize) -> Kind {
        let mut kind = match prefix {
            Prefix::Name(name) => self.name(name),
            Prefix::Expression(inner) => self.value(inner, 0),
            _ => Kind::Unknown,
        };
        let mut suffixes = suffixes.peekable();
        let is_require =
            matches!(prefix, Prefix::Name(name) if name_of(name) == "require" && self.scope.variable(name).is_none());
        if let (true, Some(Suffix::Call(Call::AnonymousCall(arguments)))) = (is_require, suffixes.peek()) {
            kind = if is_moonburn(arguments) { Kind::Namespace(String::new()) } else { Kind::Unknown };
            suffixes.next();
        }
        while let Some(suffix) = suffixes.next() {
            let position = if suffixes.peek().is_none() { position } else { 0 };
            kind = self.suffix(&kind, suffix, position);
        }
        kind
    }

    /// What a chain of suffixes gives.
    pub fn object(&self, prefix: &Prefix, suffixes: &[&Suffix]) -> Kind {
        self.chain(prefix, suffixes.iter().copied(), 0)
    }

    fn suffix(&self, kind: &Kind, suffix: &Suffix, position: usize) -> Kind {
        match suffix {
            Suffix::Index(index) => self.field(kind, index),
            Suffix::Call(Call::AnonymousCall(_)) => match kind {
                Kind::Function(returns) => Kind::declared(returns, position),
                Kind::Class(class) => self.operator(class, "__call", position),
                _ => Kind::Unknown,
            },
            Suffix::Call(Call::MethodCall(method)) => self.method(kind, &name_of(method.name()), position),
            _ => Kind::Unknown,
        }
    }

    fn field(&self, kind: &Kind, index: &Index) -> Kind {
        let field = field_of(index);
        match (kind, field) {
            (Kind::Namespace(path), Some(name)) => {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                match self.vocabulary.functions.get(&path) {
                    Some(returns) => Kind::Function(returns.clone()),
                    None => Kind::Namespace(path),
                }
            }
            (Kind::Class(class), Some(name)) => {
                let declared = self.vocabulary.classes.get(class).and_then(|class| class.fields.get(&name));
                match (declared, self.scope.components.get(&name)) {
                    (Some(kind), _) => Kind::declared(kind, 0),
                    (None, Some(values)) if class == "Session" => self.all(values),
                    _ => Kind::Unknown,
                }
            }
            (Kind::Class(class), None) => match index {
                Index::Brackets { expression, .. } if self.value(expression, 0) == Kind::Number => {
                    let class = self.vocabulary.classes.get(class);
                    class
                        .and_then(|class| class.fields.get("[integer]"))
                        .map_or(Kind::Unknown, |kind| Kind::declared(kind, 0))
                }
                _ => Kind::Unknown,
            },
            _ => Kind::Unknown,
        }
    }

    /// What a method returns. A method that only the API has also shows what it was called on.
    fn method(&self, kind: &Kind, name: &str, position: usize) -> Kind {
        let returns = match kind {
            Kind::Class(class) => self.vocabulary.classes.get(class).and_then(|class| class.methods.get(name)),
            Kind::Unknown if !self.own.contains(name) && !STRING_METHODS.contains(&name) => {
                return self
                    .vocabulary
                    .method_of_any(name)
                    .map_or(Kind::Unknown, |returns| Kind::declared(returns, position));
            }
            _ => None,
        };
        returns.map_or(Kind::Unknown, |returns| Kind::declared(returns, position))
    }

    fn operator(&self, class: &str, metamethod: &str, position: usize) -> Kind {
        let class = self.vocabulary.classes.get(class);
        let returns = class.and_then(|class| class.operators.get(metamethod));
        returns.map_or(Kind::Unknown, |returns| Kind::declared(returns, position))
    }

    fn binary(&self, left: &Expression, operator: &BinOp, right: &Expression) -> Kind {
        let metamethod = match operator {
            BinOp::Plus(_) => "__add",
            BinOp::Minus(_) => "__sub",
            BinOp::Star(_) => "__mul",
            BinOp::Slash(_) => "__div",
            BinOp::DoubleSlash(_) => "__idiv",
            BinOp::Percent(_) => "__mod",
            BinOp::Caret(_) => "__pow",
            BinOp::Ampersand(_) => "__band",
            BinOp::Pipe(_) => "__bor",
            BinOp::Tilde(_) => "__bxor",
            BinOp::And(_) | BinOp::Or(_) => return self.choice(left, operator, right),
            BinOp::TwoEqual(_) | BinOp::TildeEqual(_) => return Kind::Boolean,
            BinOp::LessThan(_) | BinOp::LessThanEqual(_) | BinOp::GreaterThan(_) | BinOp::GreaterThanEqual(_) => {
                return Kind::Boolean;
            }
            _ => return Kind::Unknown,
        };
        match (self.of(left), self.of(right)) {
            (left, right) if left.is_tensor() || right.is_tensor() => self.operator("Tensor", metamethod, 0),
            (Kind::Open, Kind::Open | Kind::Number) | (Kind::Number, Kind::Open) => Kind::Open,
            (Kind::Number, Kind::Number) => Kind::Number,
            _ => Kind::Unknown,
        }
    }

    fn choice(&self, left: &Expression, operator: &BinOp, right: &Expression) -> Kind {
        let is_and = matches!(operator, BinOp::And(_));
        match self.of(left) {
            left if left.is_tensor() => {
                if is_and {
                    self.of(right)
                } else {
                    left
                }
            }
            Kind::Nil => {
                if is_and {
                    Kind::Nil
                } else {
                    self.of(right)
                }
            }
            left if is_and => left.or(Kind::Nil).or(self.of(right)),
            left => left.or(self.of(right)),
        }
    }

    fn unary(&self, operator: &UnOp, operand: &Expression) -> Kind {
        match operator {
            UnOp::Not(_) => Kind::Boolean,
            UnOp::Hash(_) => Kind::Number,
            UnOp::Minus(_) => match self.of(operand) {
                kind if kind.is_tensor() => self.operator("Tensor", "__unm", 0),
                Kind::Number => Kind::Number,
                Kind::Open => Kind::Open,
                _ => Kind::Unknown,
            },
            _ => Kind::Unknown,
        }
    }
}

fn is_moonburn(arguments: &FunctionArgs) -> bool {
    match arguments {
        FunctionArgs::String(token) => {
            matches!(token.token().token_type(), TokenType::StringLiteral { literal, .. } if literal.as_str() == "moonburn")
        }
        FunctionArgs::Parentheses { arguments, .. } => {
            arguments.iter().next().and_then(string_of).is_some_and(|name| name == "moonburn")
        }
        _ => false,
    }
}
