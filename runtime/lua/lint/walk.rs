//! The walk through a syntax tree, which tells a scope of each name that is declared, assigned or read.

use full_moon::ast::{
    Assignment, Block, Call, Expression, Field, FunctionArgs, FunctionBody, FunctionDeclaration, Index, LastStmt,
    Parameter, Prefix, Stmt, Suffix, Var,
};

use super::{
    scope::{Given, Scope, Target, is_globals},
    source::name_of,
};

impl<'a> Scope<'a> {
    /// Everything in a block.
    pub(super) fn block(&mut self, block: &'a Block) {
        self.inside(|scope| scope.statements(block));
    }

    fn statements(&mut self, block: &'a Block) {
        block.stmts().for_each(|statement| self.statement(statement));
        if let Some(LastStmt::Return(returned)) = block.last_stmt() {
            if self.functions == 0 {
                self.returns.push(returned);
            }
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
                self.is_open |= values.iter().any(|value| is_globals(value));
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
            // From here on statements may be passed over.
            Stmt::Goto(_) => self.uncertain += 1,
            compound => self.uncertainly(|scope| scope.compound(compound)),
        }
    }

    fn compound(&mut self, statement: &'a Stmt) {
        match statement {
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
        // Under another name it may be filled.
        self.is_open |= values.iter().any(|value| is_globals(value));
        values.iter().for_each(|value| self.expression(value));
        for (position, variable) in assignment.variables().iter().enumerate() {
            let value = given(&values, position);
            match variable {
                Var::Name(name) => self.assign(name, value),
                Var::Expression(place) => {
                    self.chain(place.prefix(), place.suffixes());
                    self.note_field(Target::Place(place), value);
                    let suffixes: Vec<_> = place.suffixes().collect();
                    if let [.., Suffix::Index(last)] = suffixes.as_slice() {
                        self.assign_field(place.prefix(), suffixes.len() == 1, last, value);
                    }
                }
                _ => {}
            }
        }
    }

    fn declaration(&mut self, function: &'a FunctionDeclaration) {
        let names: Vec<_> = function.name().names().iter().collect();
        match (names.as_slice(), function.name().method_name()) {
            ([name], None) => self.assign(name, Given::Unknown),
            ([first, .., last], None) => {
                self.read(first);
                self.note_field(Target::Function(function.name()), Given::Unknown);
                if name_of(first) == "_G" && names.len() == 2 {
                    self.writes.insert(name_of(last));
                }
                self.members.insert(name_of(last));
            }
            ([first, ..], Some(method)) => {
                self.read(first);
                self.note_field(Target::Function(function.name()), Given::Unknown);
                self.members.insert(name_of(method));
            }
            ([], _) => {}
        }
        self.function(function.body(), function.name().method_name().is_some());
    }

    fn function(&mut self, body: &'a FunctionBody, is_method: bool) {
        let around = (self.uncertain, self.functions);
        (self.uncertain, self.functions) = (around.0 + 1, around.1 + 1);
        self.function_body(body, is_method);
        (self.uncertain, self.functions) = around;
    }

    fn function_body(&mut self, body: &'a FunctionBody, is_method: bool) {
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
                // It may be a function, whatever stands there.
                self.members.insert(name_of(key));
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
