//! Operators of Lua that make one truth value of a tensor, and indices that Lua counts otherwise than Python.

use std::collections::HashSet;

use full_moon::ast::{BinOp, Call, Expression, FunctionArgs, Index, Prefix, Suffix, UnOp, Var};

use super::{
    Finding,
    kind::Kind,
    kinds::Kinds,
    source::{Source, bare, name_of},
};

/// What is found in a source.
pub fn find(source: &Source, kinds: &Kinds) -> Vec<Finding> {
    let mut search = Search { source, kinds, told: HashSet::new(), found: Vec::new() };
    for (word, condition) in &kinds.scope.conditions {
        search.condition(word, condition);
    }
    for expression in &kinds.scope.expressions {
        search.expression(expression);
    }
    search.found
}

struct Search<'s, 'a> {
    source: &'s Source,
    kinds: &'s Kinds<'s, 'a>,
    /// Operations that were reported together with what is around them.
    told: HashSet<*const Expression>,
    found: Vec<Finding>,
}

const ALWAYS_TRUE: &str = "a tensor is always true";

impl Search<'_, '_> {
    fn tell(&mut self, at: &Expression, message: String) {
        self.found.push(Finding::at(&self.source.path, self.source.line(at), message));
    }

    fn is_tensor(&self, expression: &Expression) -> bool {
        self.kinds.of(expression).is_tensor()
    }

    /// An operand as what a method is called on.
    fn object(&self, expression: &Expression) -> String {
        let text = self.source.written(expression);
        match expression {
            Expression::BinaryOperator { .. } | Expression::UnaryOperator { .. } => format!("({text})"),
            _ => text,
        }
    }

    fn condition(&mut self, word: &str, condition: &Expression) {
        if self.is_tensor(bare(condition)) {
            let (text, object) = (self.source.written(condition), self.object(condition));
            let write = format!("write {object}:item(), or {object}:sum():item() > 0 for any of them");
            self.tell(condition, format!("'{word} {text}': {ALWAYS_TRUE}; {write}"));
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::BinaryOperator { lhs, binop, rhs } => match binop {
                BinOp::And(_) => self.and(expression, lhs, rhs),
                BinOp::Or(_) => self.or(expression, lhs, rhs),
                BinOp::TwoEqual(_) => self.equality(expression, lhs, rhs, "eq", "false"),
                BinOp::TildeEqual(_) => self.equality(expression, lhs, rhs, "ne", "true"),
                BinOp::LessThan(_) => self.comparison(expression, lhs, rhs, ["lt", "gt"]),
                BinOp::LessThanEqual(_) => self.comparison(expression, lhs, rhs, ["le", "ge"]),
                BinOp::GreaterThan(_) => self.comparison(expression, lhs, rhs, ["gt", "lt"]),
                BinOp::GreaterThanEqual(_) => self.comparison(expression, lhs, rhs, ["ge", "le"]),
                _ => {}
            },
            Expression::UnaryOperator { unop: UnOp::Not(_), expression: operand } if self.is_tensor(operand) => {
                let text = self.source.written(expression);
                let object = self.object(operand);
                self.tell(
                    expression,
                    format!("'{text}': {ALWAYS_TRUE}, so this is false; write {object}:logical_not()"),
                );
            }
            Expression::UnaryOperator { unop: UnOp::Hash(_), expression: operand } => {
                if let Expression::FunctionCall(call) = bare(operand)
                    && let Some(named) = self.named_table(call.prefix(), call.suffixes().collect())
                {
                    let text = self.source.written(expression);
                    self.tell(
                        expression,
                        format!("'{text}' is 0: {named} are by name, not in a list; count them by pairs"),
                    );
                }
            }
            Expression::FunctionCall(call) => {
                self.shape(expression, call.suffixes().collect());
                self.ipairs(expression, call.prefix(), call.suffixes().collect());
            }
            Expression::Var(Var::Expression(place)) => self.shape(expression, place.suffixes().collect()),
            _ => {}
        }
    }

    fn and(&mut self, whole: &Expression, left: &Expression, right: &Expression) {
        if self.told.contains(&std::ptr::from_ref(whole)) || self.is_told(left) {
            self.told.insert(whole);
            return;
        }
        if !self.is_tensor(left) {
            return;
        }
        self.told.insert(whole);
        let [text, other, object] = [self.source.written(whole), self.source.written(right), self.object(left)];
        let write = match self.kinds.of(right) {
            kind if kind.is_plain() || kind == Kind::Nil => {
                format!("write mb.where({}, mb.tensor({other}), …)", self.source.written(left))
            }
            _ => format!("write {object}:logical_and({other})"),
        };
        self.tell(whole, format!("'{text}': {ALWAYS_TRUE}, so this is '{other}'; {write}"));
    }

    fn or(&mut self, whole: &Expression, left: &Expression, right: &Expression) {
        let text = self.source.written(whole);
        let other = self.source.written(right);
        // condition and a or b
        if let Expression::BinaryOperator { lhs: condition, binop: BinOp::And(_), rhs: yes } = bare(left)
            && self.is_tensor(condition)
        {
            self.told.insert(bare(left));
            // One of the two must be a tensor.
            let is_plain = [yes, right].iter().all(|part| self.kinds.of(part).is_plain());
            let [condition, yes] = [condition, yes].map(|part| self.source.written(part));
            let chosen = if is_plain { format!("mb.tensor({yes})") } else { yes.clone() };
            let write = format!("write mb.where({condition}, {chosen}, {other})");
            self.tell(whole, format!("'{text}': {ALWAYS_TRUE}, so this is '{yes}'; {write}"));
        } else if self.is_tensor(left) && !self.is_told(left) {
            let [first, object] = [self.source.written(left), self.object(left)];
            let write = format!("write {object}:logical_or({other})");
            self.tell(whole, format!("'{text}': {ALWAYS_TRUE}, so this is '{first}'; {write}"));
        } else {
            return;
        }
        self.told.insert(whole);
    }

    fn is_told(&self, expression: &Expression) -> bool {
        self.told.contains(&std::ptr::from_ref(bare(expression)))
    }

    fn equality(&mut self, whole: &Expression, left: &Expression, right: &Expression, method: &str, value: &str) {
        let (tensor, other) = match (self.kinds.of(left), self.kinds.of(right)) {
            (one, two) if one.is_tensor() && (two.is_tensor() || two.is_plain()) => (left, right),
            (one, two) if two.is_tensor() && one.is_plain() => (right, left),
            _ => return,
        };
        let is =
            if self.is_tensor(other) { "fails".to_owned() } else { format!("is {value}, whatever the values are") };
        let [text, other, object] = [self.source.written(whole), self.source.written(other), self.object(tensor)];
        self.tell(whole, format!("'{text}' {is}: Lua makes one truth value of it; write {object}:{method}({other})"));
    }

    fn comparison(&mut self, whole: &Expression, left: &Expression, right: &Expression, methods: [&str; 2]) {
        let (tensor, method, other) = match (self.is_tensor(left), self.is_tensor(right)) {
            (true, _) => (left, methods[0], right),
            (false, true) => (right, methods[1], left),
            _ => return,
        };
        let [text, other, object] = [self.source.written(whole), self.source.written(other), self.object(tensor)];
        let write = format!("write {object}:{method}({other}), or compare {object}:item()");
        self.tell(whole, format!("'{text}' fails: Lua makes one truth value of it; {write}"));
    }

    /// `x.shape[0]` and `x.shape[-1]`, which are nil.
    fn shape(&mut self, whole: &Expression, suffixes: Vec<&Suffix>) {
        for pair in suffixes.windows(2) {
            let [Suffix::Index(Index::Dot { name, .. }), Suffix::Index(Index::Brackets { expression, .. })] = pair
            else {
                continue;
            };
            let index = self.source.written(expression);
            let is_minus = matches!(&**expression, Expression::UnaryOperator { unop: UnOp::Minus(_), expression } if matches!(**expression, Expression::Number(_)));
            // A table of the script's own may have such a field, and such an index.
            if name_of(name) != "shape" || self.kinds.has_member("shape") || !(index == "0" || is_minus) {
                continue;
            }
            let instead = if index == "0" { "the first dim is shape[1]" } else { "the last dim is shape[#shape]" };
            let text = self.source.written(whole);
            self.tell(whole, format!("'{text}': shape[{index}] is nil, a list counts from 1; {instead}"));
        }
    }

    /// `ipairs(module:parameters())`, which goes through nothing.
    fn ipairs(&mut self, whole: &Expression, prefix: &Prefix, suffixes: Vec<&Suffix>) {
        let Prefix::Name(function) = prefix else { return };
        let [Suffix::Call(Call::AnonymousCall(arguments))] = suffixes.as_slice() else { return };
        let FunctionArgs::Parentheses { arguments, .. } = &**arguments else { return };
        let Some(Expression::FunctionCall(call)) = arguments.iter().next().map(bare) else { return };
        if name_of(function) != "ipairs" || self.kinds.scope.variable(function).is_some() {
            return;
        }
        if let Some(named) = self.named_table(call.prefix(), call.suffixes().collect()) {
            let text = self.source.written(whole);
            self.tell(whole, format!("'{text}' goes through nothing: {named} are by name, not in a list; write pairs"));
        }
    }

    /// What a call gives where that is a table by name.
    fn named_table(&self, prefix: &Prefix, suffixes: Vec<&Suffix>) -> Option<&'static str> {
        let [.., Suffix::Call(Call::MethodCall(method))] = suffixes.as_slice() else { return None };
        let named = match name_of(method.name()).as_str() {
            "parameters" => "parameters",
            "state" => "values",
            _ => return None,
        };
        let object = self.kinds.object(prefix, &suffixes[..suffixes.len() - 1]);
        (object == Kind::Class("Module".into())).then_some(named)
    }
}
