//! Which variable a name is, and everything that is ever assigned to it. A variable is followed nowhere: what it may be
//! is what any of its assignments gives it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use full_moon::{
    ast::{Expression, FunctionArgs, FunctionName, Index, Prefix, Return, Var, VarExpression},
    tokenizer::TokenReference,
};

use super::source::{Source, name_of, string_of};

/// For how many reads of globals the visible locals are kept.
const MOST_SUGGESTED: usize = 2000;

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

/// A field that is assigned.
pub struct Field<'a> {
    pub target: Target<'a>,
    pub value: Given<'a>,
    /// Whether that happens once and in any case when the file is run.
    pub is_certain: bool,
}

/// How a field that is assigned is written.
pub enum Target<'a> {
    /// `a.b = …`
    Place(&'a VarExpression),
    /// `function a.b() … end`
    Function(&'a FunctionName),
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
    /// What each global gets.
    pub globals: BTreeMap<String, Vec<Given<'a>>>,
    /// Every field that is assigned, in their order.
    pub fields: Vec<Field<'a>>,
    /// What the file itself returns, in as many places.
    pub returns: Vec<&'a Return>,
    /// How many functions, conditions and loops are around, and of these the functions.
    pub(super) uncertain: usize,
    pub(super) functions: usize,
    /// Whether globals may come from somewhere that no name shows.
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

    pub(super) fn inside(&mut self, walk: impl FnOnce(&mut Self)) {
        self.blocks.push(Vec::new());
        walk(self);
        self.blocks.pop();
    }

    pub(super) fn declare(&mut self, name: String, given: Given<'a>) {
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

    pub(super) fn assign(&mut self, name: &TokenReference, value: Given<'a>) {
        let text = name_of(name);
        match self.find(&text) {
            Some(id) => self.variables[id].push(value),
            None => {
                self.is_open |= text == "_ENV";
                self.globals.entry(text.clone()).or_default().push(value);
                self.writes.insert(text);
            }
        }
    }

    pub(super) fn assign_field(&mut self, prefix: &'a Prefix, is_direct: bool, index: &'a Index, value: Given<'a>) {
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

    pub(super) fn read(&mut self, name: &TokenReference) {
        let (text, position) = (name_of(name), name.token().start_position());
        match self.find(&text) {
            Some(id) => {
                self.uses.insert(position.bytes(), id);
            }
            None => {
                self.is_open |= text == "_ENV";
                // What was meant is worth no more than that.
                let blocks = if self.reads.len() < MOST_SUGGESTED { &self.blocks[..] } else { &[] };
                let locals = blocks.iter().flatten().map(|(name, _)| name.clone()).collect();
                self.reads.push(GlobalRead { name: text, line: position.line(), locals });
            }
        }
    }

    pub(super) fn note_field(&mut self, target: Target<'a>, value: Given<'a>) {
        self.fields.push(Field { target, value, is_certain: self.uncertain == 0 });
    }

    /// Walks through what may run more often than once, or not at all.
    pub(super) fn uncertainly(&mut self, walk: impl FnOnce(&mut Self)) {
        self.uncertain += 1;
        walk(self);
        self.uncertain -= 1;
    }

    /// Globals that are set by other means than an assignment.
    pub(super) fn note_open(&mut self, prefix: &Prefix, arguments: &FunctionArgs) {
        let (Prefix::Name(function), FunctionArgs::Parentheses { arguments, .. }) = (prefix, arguments) else { return };
        let arguments: Vec<_> = arguments.iter().collect();
        match (name_of(function).as_str(), arguments.as_slice()) {
            ("rawset", [table, key, _]) if is_globals(table) => match string_of(key) {
                Some(name) => {
                    self.writes.insert(name);
                }
                None => self.is_open = true,
            },
            ("load", _) => self.is_open = true,
            // Whatever gets the table of globals may fill it.
            ("rawget" | "pairs" | "next" | "ipairs" | "type" | "print" | "getmetatable", _) => {}
            (_, arguments) if arguments.iter().any(|argument| is_globals(argument)) => self.is_open = true,
            _ => {}
        }
    }
}

/// Whether an expression is the table of globals.
pub(super) fn is_globals(expression: &Expression) -> bool {
    matches!(expression, Expression::Var(Var::Name(name)) if ["_G", "_ENV"].contains(&name_of(name).as_str()))
}

/// The name of a field, where it is written.
pub fn field_of(index: &Index) -> Option<String> {
    match index {
        Index::Dot { name, .. } => Some(name_of(name)),
        Index::Brackets { expression, .. } => string_of(expression),
        _ => None,
    }
}
