//! One declared function or method, and what its documentation needs.

use std::{cell::Cell, rc::Rc};

use mlua::{Function, Lua, MultiValue};

use super::{
    Call, Docs, Given,
    given::Written,
    handler::{Erased, Signature},
    invocation::{Body, Invocation},
};
use crate::{
    Error,
    lua::{
        context::Context,
        raised::{innermost_line, raise},
    },
};

/// A parameter as documented.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDoc {
    pub name: String,
    /// A LuaLS type.
    pub kind: String,
    pub optional: bool,
}

/// One declared function or method.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    pub doc: String,
    pub parameters: Vec<ParameterDoc>,
    pub returns: String,
    /// A chunk of Lua that shows its use.
    pub example: Option<String>,
    /// What is written in its place, where this is a name of old.
    pub renamed: Option<&'static str>,
    /// What stands before its name where it is called: `mb.`, `t:`.
    pub(super) owner: String,
    names: Rc<[String]>,
    signature: &'static Signature,
    body: Rc<Body>,
}

impl Entry {
    pub(super) fn new(name: &str, parameters: &str, doc: &str, handler: Erased, method: bool, docs: &mut Docs) -> Self {
        assert!(doc.ends_with('.'), "the documentation of {name} ends with a full stop");
        let names: Vec<String> = parameters.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
        let Erased { signature, body } = handler;
        let taken: Vec<_> = signature.written().skip(usize::from(method)).collect();
        assert_eq!(names.len(), taken.len(), "every parameter of {name} has one name");
        let parameters = names
            .iter()
            .zip(taken)
            .map(|(name, taken)| ParameterDoc {
                name: name.clone(),
                kind: (taken.kind)(docs),
                optional: taken.is_optional,
            })
            .collect();
        let mut all = if method { vec!["self".to_owned()] } else { Vec::new() };
        all.extend(names);
        let (doc, returns) = (doc.into(), (signature.returns)());
        let (name, owner, names) = (name.into(), "mb.".into(), all.into());
        Self { name, doc, parameters, returns, example: None, renamed: None, owner, names, signature, body }
    }

    /// Shows how it is used: a chunk of Lua that a test runs, with `mb`, and where `session` is named with that and with
    /// `options`, of which `lr` is 0.1. What it prints is written behind `-->`.
    pub fn example(&mut self, lua: impl Into<String>) -> &mut Self {
        self.example = Some(lua.into());
        self
    }

    /// Says what is written in its place: `t:index_select(dim, positions)`. It does what it did, and tells that once.
    pub fn renamed(&mut self, instead: &'static str) -> &mut Self {
        self.doc = format!("A name of old: write {instead}. {}", self.doc);
        self.renamed = Some(instead);
        self
    }

    /// Tells, once for a VM and once for all of a run, what is written in the place of a name of old.
    fn renaming(&self) -> impl Fn(&Lua) + 'static {
        let (old, renamed, is_told) = (format!("{}{}", self.owner, self.name), self.renamed, Cell::new(false));
        move |lua| {
            let Some(instead) = renamed.filter(|_| !is_told.get()) else { return };
            let Some(context) = lua.app_data_ref::<Context>().filter(|context| !context.is_quiet()) else { return };
            // Not while the session realises a component.
            let Ok(session) = context.session.try_borrow() else { return };
            is_told.set(true);
            let place = innermost_line(lua).map(|(file, line)| format!("{file}:{line}: ")).unwrap_or_default();
            let text = format!("{place}{old} is a name of old and still works: write {instead}");
            session.output().progress().message_once(&old, &text);
        }
    }

    /// The function of Lua that lets `check` look at the values, takes the arguments and calls the handler.
    ///
    /// # Errors
    /// Lua has no memory.
    pub(super) fn function(
        &self,
        lua: &Lua,
        check: impl Fn(&Lua, &Given) -> Result<(), Error> + 'static,
    ) -> mlua::Result<Function> {
        let interrupt = lua.app_data_ref::<Context>().map(|context| context.interrupt.clone());
        let op = self.name.rsplit('.').next().unwrap_or_default();
        let path = format!("{}{}", self.owner, self.name);
        let call = Call::new(op, path, self.names.clone(), interrupt.unwrap_or_default());
        let (body, tell) = (self.body.clone(), self.renaming());
        let run = move |lua: &Lua, mut values: Given| {
            tell(lua);
            check(lua, &values).map_err(|error| raise(lua, error))?;
            Invocation::run(lua, &call, &mut values, &*body)
        };
        match (self.signature.takes_rest, self.signature.is_single) {
            (false, true) => lua.create_function(move |lua, few: Written| Ok(run(lua, Given::few(few))?.one())),
            (false, false) => lua.create_function(move |lua, few: Written| Ok(run(lua, Given::few(few))?.all())),
            (true, _) => lua.create_function(move |lua, all: MultiValue| Ok(run(lua, Given::all(all))?.all())),
        }
    }
}
