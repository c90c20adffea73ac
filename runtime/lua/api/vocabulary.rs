//! The declarations as plain text, for what reads sources without running them.

use std::collections::BTreeMap;

use super::{Api, described::Described};

/// Names with the LuaLS type of what they give.
type Types = BTreeMap<String, String>;

/// What there is, by name.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// `nn.linear` with what it returns.
    pub functions: Types,
    pub classes: BTreeMap<String, Words>,
}

/// What a class has.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub methods: Types,
    /// Metamethods, `__add`.
    pub operators: Types,
    pub fields: Types,
}

impl Api {
    /// What is declared.
    pub(crate) fn vocabulary(&self) -> Vocabulary {
        let functions = self.functions.iter().map(|entry| (entry.name.clone(), entry.returns.clone()));
        let classes = self.classes.iter().map(|class| (class.name.to_owned(), words(class)));
        Vocabulary { functions: functions.collect(), classes: classes.collect() }
    }
}

fn words(class: &Described) -> Words {
    Words {
        methods: class.entries.iter().map(|entry| (entry.name.clone(), entry.returns.clone())).collect(),
        operators: class.operators.iter().map(|(name, entry)| ((*name).to_owned(), entry.returns.clone())).collect(),
        fields: class.documented_fields().map(|(name, kind, _)| (name.to_owned(), kind.to_owned())).collect(),
    }
}

impl Vocabulary {
    /// Whether only one class has a method of this name, or all that have give the same: what it returns then.
    pub fn method_of_any(&self, name: &str) -> Option<&str> {
        let mut found = self.classes.values().filter_map(|class| class.methods.get(name));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }
}
