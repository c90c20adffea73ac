//! Which variable a name is, and everything that is ever assigned to it. A variable is followed nowhere: what it may be is
//! what any of its assignments gives it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use full_moon::{
    ast::{
        Assignment, Block, Call, Expression, Field, FunctionArgs, FunctionBody, FunctionDeclaration, Index, LastStmt,
        Parameter, Prefix, Stmt, Suffix, Var,
    },
    tokenizer::TokenReference,
};

use super::source::{Source, name_of, string_of};

/// What a variable gets.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    /// One of the values of an expression, from 0.
    Value(&'a Expression, usize),
    Nil,
    Number,
    /// A parameter called session.
    Session,
    Unknown,
}

/// A global that is read.
pub struct GlobalRead {
    pub name: String,
    pub line: usize,
    /// The locals that the place sees.
    pub locals: Vec<String>,
}

/// A source with its names resolved.
#[derive(Default)]
pub struct Scope<'a> {
    /// What each variable gets.
    pub variables: Vec<Vec<Given<'a>>>,
    /// The variable that a name is, by where it stands.
    uses: HashMap<usize, usize>,
    /// Every expression, the outer one first.
    pub expressions: Vec<&'a Expression>,
    /// Conditions, with the word before them.
    pub conditions: Vec<(&'static str, &'a Expression)>,
    pub reads: Vec<GlobalRead>,
    pub writes: BTreeSet<String>,
    /// What is assigned to fields of a session.
    pub components: BTreeMap<String, Vec<Given<'a>>>,
    /// Names of fields that are assigned or declared as functions.
    pub members: BTreeSet<String>,
    /// Whether globals may come from where no name tells.
    pub is_open: bool,
    blocks: Vec<Vec<(String, usize)>>,
}

/// Resolves the names of a source.
pub fn resolve(source: &Source) -> Scope<'_> {
    let mut scope = Scope::default();
    scope.block(source.ast.nodes());
    scope
}

impl<'a> Scope<'a> {
    /// The variable that a name is; none for a global.
    pub fn variable(&self, name: &TokenReference) -> Option<usize> {
        self.uses.get(&name.token().start_position().bytes()).copied()
    }

    fn inside(&mut self, walk: impl FnOnce(&mut Self)) {
        self.blocks.push(Vec::new());
        walk(self);
        self.blocks.pop();
    }

    fn declare(&mut self, name: String, given: Given<'a>) {
        self.is_open |= name == "_ENV";
        self.variables.push(vec![given]);
        let id = self.variables.len() - 1;
        if let Some(block) = self.blocks.last_mut() {
            block.push((name, id));
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.blocks.iter().rev().flat_map(|block| block.iter().rev()).find(|(own, _)| own == name).map(|(_, id)| *id)
    }

    fn block(&mut self, block: &'a Block) {
        self.inside(|scope| scope.statements(block));
    }

    fn statements(&mut self, block: &'a Block) {
        block.stmts().for_each(|statement| self.statement(statement));
        if let Some(LastStmt::Return(returned)) = block.last_stmt() {
            returned.returns().iter().for_each(|expression| self.expression(expression));
        }
    }

    fn condition(&mut self, word: &'static str, condition: &'a Expression) {
        self.conditions.push((word, condition));
        self.expression(condition);
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assignment(assignment) => self.assignment(assignment),
            Stmt::LocalAssignment(local) => {
                let values: Vec<_> = local.expressions().iter().collect();
                values.iter().for_each(|value| self.expression(value));
                for (position, name) in local.names().iter().enumerate() {
                    self.declare(name_of(name), given(&values, position));
                }
            }
            Stmt::LocalFunction(function) => {
                self.declare(name_of(function.name()), Given::Unknown);
                self.function(function.body(), false);
            }
            Stmt::FunctionDeclaration(function) => self.declaration(function),
            Stmt::FunctionCall(call) => self.chain(call.prefix(), call.suffixes()),
            Stmt::Do(inner) => self.block(inner.block()),
            Stmt::While(inner) => {
                self.condition("while", inner.condition());
                self.block(inner.block());
            }
            // Its condition sees the locals of the block.
            Stmt::Repeat(inner) => self.inside(|scope| {
                scope.statements(inner.block());
                scope.condition("until", inner.until());
            }),
            Stmt::If(inner) => {
                self.condition("if", inner.condition());
                self.block(inner.block());
                for other in inner.else_if().into_iter().flatten() {
                    self.condition("elseif", other.condition());
                    self.block(other.block());
                }
                inner.else_block().into_iter().for_each(|block| self.block(block));
            }
            Stmt::NumericFor(inner) => {
                [Some(inner.start()), Some(inner.end()), inner.step()]
                    .into_iter()
                    .flatten()
                    .for_each(|expression| self.expression(expression));
                self.inside(|scope| {
                    scope.declare(name_of(inner.index_variable()), Given::Number);
                    scope.statements(inner.block());
                });
            }
            Stmt::GenericFor(inner) => {
                inner.expressions().iter().for_each(|expression| self.expression(expression));
                self.inside(|scope| {
                    inner.names().iter().for_each(|name| scope.declare(name_of(name), Given::Unknown));
                    scope.statements(inner.block());
                });
            }
            _ => {}
        }
    }

    fn assignment(&mut self, assignment: &'a Assignment) {
        let values: Vec<_> = assignment.expressions().iter().collect();
        values.iter().for_each(|value| self.expression(value));
        for (position, variable) in assignment.variables().iter().enumerate() {
            let value = given(&values, position);
            match variable {
                Var::Name(name) => self.assign(name, value),
                Var::Expression(place) => {
                    self.chain(place.prefix(), place.suffixes());
                    let suffixes: Vec<_> = place.suffixes().collect();
                    if let [.., Suffix::Index(last)] = suffixes.as_slice() {
                        self.assign_field(place.prefix(), suffixes.len() == 1, last, value);
                    }
                }
                _ => {}
            }
        }
    }

    fn assign(&mut self, name: &TokenReference, value: Given<'a>) {
        let text = name_of(name);
        match self.find(&text) {
            Some(id) => self.variables[id].push(value),
            None => {
                self.is_open |= text == "_ENV";
                self.writes.insert(text);
            }
        }
    }

    fn assign_field(&mut self, prefix: &'a Prefix, is_direct: bool, index: &'a Index, value: Given<'a>) {
        let owner = match prefix {
            Prefix::Name(name) if is_direct => Some(name_of(name)),
            _ => None,
        };
        let field = field_of(index);
        match (owner.as_deref(), &field) {
            (Some("session"), Some(field)) => self.components.entry(field.clone()).or_default().push(value),
            (Some("_G"), Some(field)) => {
                self.writes.insert(field.clone());
            }
            (Some("_G"), None) => self.is_open = true,
            _ => {}
        }
        let is_plain = |value: &Expression| {
            matches!(value, Expression::Number(_) | Expression::String(_) | Expression::TableConstructor(_))
        };
        if let (Some(field), false) = (field, matches!(value, Given::Value(value, 0) if is_plain(value))) {
            self.members.insert(field);
        }
    }

    fn declaration(&mut self, function: &'a FunctionDeclaration) {
        let names: Vec<_> = function.name().names().iter().collect();
        match (names.as_slice(), function.name().method_name()) {
            ([name], None) => self.assign(name, Given::Unknown),
            ([first, .., last], None) => {
                self.read(first);
                self.members.insert(name_of(last));
            }
            ([first, ..], Some(method)) => {
                self.read(first);
                self.members.insert(name_of(method));
            }
            ([], _) => {}
        }
        self.function(function.body(), function.name().method_name().is_some());
    }

    fn function(&mut self, body: &'a FunctionBody, is_method: bool) {
        self.inside(|scope| {
            if is_method {
                scope.declare("self".into(), Given::Unknown);
            }
            for parameter in body.parameters().iter() {
                if let Parameter::Name(name) = parameter {
                    let name = name_of(name);
                    let given = if name == "session" { Given::Session } else { Given::Unknown };
                    scope.declare(name, given);
                }
            }
            scope.statements(body.block());
        });
    }

    fn read(&mut self, name: &TokenReference) {
        let (text, position) = (name_of(name), name.token().start_position());
        match self.find(&text) {
            Some(id) => {
                self.uses.insert(position.bytes(), id);
            }
            None => {
                self.is_open |= text == "_ENV";
                let locals = self.blocks.iter().flatten().map(|(name, _)| name.clone()).collect();
                self.reads.push(GlobalRead { name: text, line: position.line(), locals });
            }
        }
    }

    fn chain(&mut self, prefix: &'a Prefix, suffixes: impl Iterator<Item = &'a Suffix>) {
        match prefix {
            Prefix::Name(name) => self.read(name),
            Prefix::Expression(inner) => self.expression(inner),
            _ => {}
        }
        for suffix in suffixes {
            match suffix {
                Suffix::Call(Call::AnonymousCall(arguments)) => {
                    self.note_open(prefix, arguments);
                    self.arguments(arguments);
                }
                Suffix::Call(Call::MethodCall(method)) => self.arguments(method.args()),
                Suffix::Index(Index::Brackets { expression, .. }) => self.expression(expression),
                _ => {}
            }
        }
    }

    /// Globals that are set by other means than an assignment.
    fn note_open(&mut self, prefix: &Prefix, arguments: &FunctionArgs) {
        let (Prefix::Name(function), FunctionArgs::Parentheses { arguments, .. }) = (prefix, arguments) else { return };
        let is_global = |expression: &Expression| matches!(expression, Expression::Var(Var::Name(name)) if ["_G", "_ENV"].contains(&name_of(name).as_str()));
        let arguments: Vec<_> = arguments.iter().collect();
        match (name_of(function).as_str(), arguments.as_slice()) {
            ("rawset", [table, key, _]) if is_global(table) => match string_of(key) {
                Some(name) => {
                    self.writes.insert(name);
                }
                None => self.is_open = true,
            },
            ("load", _) => self.is_open = true,
            // Whatever gets the table of globals may fill it.
            ("rawget" | "pairs" | "next" | "ipairs" | "type" | "print" | "getmetatable", _) => {}
            (_, arguments) if arguments.iter().any(|argument| is_global(argument)) => self.is_open = true,
            _ => {}
        }
    }

    fn arguments(&mut self, arguments: &'a FunctionArgs) {
        match arguments {
            FunctionArgs::Parentheses { arguments, .. } => {
                arguments.iter().for_each(|argument| self.expression(argument))
            }
            FunctionArgs::TableConstructor(table) => table.fields().iter().for_each(|field| self.field(field)),
            _ => {}
        }
    }

    fn field(&mut self, field: &'a Field) {
        match field {
            Field::ExpressionKey { key, value, .. } => {
                self.expression(key);
                self.expression(value);
            }
            Field::NameKey { key, value, .. } => {
                if matches!(**value, Expression::Function(_)) {
                    self.members.insert(name_of(key));
                }
                self.expression(value);
            }
            Field::NoKey(value) => self.expression(value),
            _ => {}
        }
    }

    fn expression(&mut self, expression: &'a Expression) {
        self.expressions.push(expression);
        match expression {
            Expression::BinaryOperator { lhs, rhs, .. } => {
                self.expression(lhs);
                self.expression(rhs);
            }
            Expression::Parentheses { expression, .. } | Expression::UnaryOperator { expression, .. } => {
                self.expression(expression);
            }
            Expression::Function(function) => self.function(function.body(), false),
            Expression::FunctionCall(call) => self.chain(call.prefix(), call.suffixes()),
            Expression::TableConstructor(table) => table.fields().iter().for_each(|field| self.field(field)),
            Expression::Var(Var::Name(name)) => self.read(name),
            Expression::Var(Var::Expression(place)) => self.chain(place.prefix(), place.suffixes()),
            _ => {}
        }
    }
}

/// The name of a field, where it is written.
pub fn field_of(index: &Index) -> Option<String> {
    match index {
        Index::Dot { name, .. } => Some(name_of(name)),
        Index::Brackets { expression, .. } => string_of(expression),
        _ => None,
    }
}

/// What the variable at a position gets from a list of values, of which the last may be several.
fn given<'a>(values: &[&'a Expression], position: usize) -> Given<'a> {
    match (values.get(position), values.last()) {
        (Some(value), _) => Given::Value(value, 0),
        (None, Some(last)) if may_be_several(last) => Given::Value(last, position + 1 - values.len()),
        _ => Given::Nil,
    }
}

fn may_be_several(expression: &Expression) -> bool {
    matches!(expression, Expression::FunctionCall(_) | Expression::Symbol(_))
}
